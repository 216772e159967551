// What is done before anybody asks.
#include "server/scheduling/suggest_ahead.h"

#include <gtest/gtest.h>

#include <cmath>
#include <future>
#include <string>

#include "common/base/status_macros.h"
#include "server/algorithms/registry.h"
#include "tests/support/governed_storage.h"
#include "tests/support/scheduling_fixture.h"

namespace photinus {
namespace {

constexpr char kAlgorithm[] = "DEFAULT";

class SuggestAheadTest : public SchedulingFixture {
 protected:
  SuggestAheadTest() {
    const auto created = CreateStudy(quick_store_, {"ada"},
                                     AStudy("kws")
                                         .WithFloat("x")
                                         .WithObjective("y")
                                         .WithAlgorithm(kAlgorithm)
                                         .WithDocument(R"({"seed": 5})")
                                         .Study());
    EXPECT_OK(created);
    name_ = {"ada", "kws"};
  }
  ~SuggestAheadTest() override {
    if (gate_ != nullptr) Open();
    quick_.Stop();
    compute_.Stop();  // before what its tasks use
    background_.Stop();
  }

  // Nothing is done in the background until Open.
  void Close() {
    Settle();
    gate_ = std::make_unique<std::promise<void>>();
    std::promise<void> closed;
    EXPECT_TRUE(background_.Submit([&closed, open = gate_->get_future().share()] {
      closed.set_value();
      open.wait();
    }));
    closed.get_future().wait();
  }
  void Open() {
    gate_->set_value();
    gate_ = nullptr;
  }
  // Returns once all that is to be done in the background is done: what is done there may submit more.
  void Settle() {
    for (int i = 0; i < 10; ++i) {
      std::promise<void> done;
      EXPECT_TRUE(background_.Submit([&done] { done.set_value(); }));
      done.get_future().wait();
    }
  }

  pb::Trial Ask(const std::string& client, int64_t count = 1) {
    std::promise<absl::StatusOr<Suggested>> promise;
    Suggester::Request request;
    request.study = name_;
    request.claim = {{client, ""}, count};
    quick_.Suggest(std::move(request), [&](absl::StatusOr<Suggested> result) { promise.set_value(std::move(result)); });
    const auto suggested = promise.get_future().get();
    EXPECT_OK(suggested);
    return suggested.ok() && !suggested->trials.empty() ? suggested->trials[0] : pb::Trial();
  }
  static double XOf(const pb::Trial& trial) { return trial.parameters(0).value().number_value(); }
  void CompleteAt(int64_t id, double x) {
    EXPECT_OK(CompleteTrial(quick_store_, {name_, id}, Result(-std::pow(x - 0.3, 2) + 0.1 * std::sin(9 * x)), {}));
  }
  // One trial after another.
  void Search(int trials) {
    for (int i = 0; i < trials; ++i) {
      const pb::Trial trial = Ask("c");
      CompleteAt(TrialName::Parse(trial.name())->id, XOf(trial));
    }
  }

  SuggestInputs Inputs() {
    SuggestInputs inputs;
    EXPECT_OK(quick_store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const StudyRow study, quick_store_.Find(snapshot, name_));
      ASSIGN_OR_RETURN(inputs, ReadInputs(quick_store_.cache(), snapshot, study, name_, *algorithm_));
      return absl::OkStatus();
    }));
    return inputs;
  }
  // What a request would get that nothing was prepared for.
  double Expected() {
    const auto result = SuggestPoints(*algorithm_, Inputs(), {}, nullptr);
    EXPECT_OK(result);
    return result.ok() ? std::get<double>(result->suggestions[0].point.at("x")) : -1;
  }

  const std::unique_ptr<SuggestionAlgorithm> algorithm_ = *MakeAlgorithm(kAlgorithm);
  GovernedStorage governed_{*storage_};
  StudyStore quick_store_{governed_, clock_, &CheckAlgorithmAndRule};
  ThreadPool background_{1, 100};
  Suggester quick_{quick_store_, compute_, background_, timer_};
  std::unique_ptr<std::promise<void>> gate_;
};

TEST_F(SuggestAheadTest, WhatIsAskedForIsReady) {
  Search(9);
  Settle();
  const double expected = Expected();
  FullPool full(compute_);  // a request that needs the algorithm would fail
  const pb::Trial trial = Ask("d");
  EXPECT_EQ(XOf(trial), expected);
  EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
    const auto explanations = snapshot.ListExplanations(store_.Find(snapshot, name_)->uid, 10, 10);
    EXPECT_TRUE((*explanations)[0].body.ahead());
    EXPECT_EQ((*explanations)[0].body.predictions_size(), 1);
    return explanations.status();
  }));
  full.Open();
}

TEST_F(SuggestAheadTest, OutdatedPointsAreThrownAway) {
  Search(9);
  const pb::Trial last = Ask("c");
  Settle();
  Close();
  CompleteAt(10, XOf(last));
  const double expected = Expected();
  EXPECT_EQ(XOf(Ask("d")), expected);
}

TEST_F(SuggestAheadTest, NoRequestWaitsForALesson) {
  Close();
  Search(66);
  const std::string state = Inputs().state;
  EXPECT_FALSE(state.empty());
  Search(2);
  EXPECT_EQ(Inputs().state, state) << "requests fit no model to so many trials";
  Open();
  Settle();
  EXPECT_NE(Inputs().state, state);
  const std::string learnt = Inputs().state;
  Settle();
  EXPECT_EQ(Inputs().state, learnt) << "once";
}

TEST_F(SuggestAheadTest, WhatWasLearntLosesToWhatWasStoredMeanwhile) {
  Ask("c", 8);
  Close();
  for (int64_t id = 1; id <= 8; ++id) CompleteAt(id, 0.1 * static_cast<double>(id));
  governed_.HoldAfter(0);
  Open();
  governed_.AwaitHeld();  // the first lesson is about to be stored
  const int64_t uid = Inputs().study_uid;
  ASSERT_OK(storage_->Transact([&](Transaction& t) { return t.PutAlgorithmState(uid, kAlgorithm, "of another"); }));
  governed_.LetPass();
  Settle();
  EXPECT_EQ(Inputs().state, "of another");
}

TEST_F(SuggestAheadTest, ADeletedStudyIsForgotten) {
  Search(5);
  ASSERT_OK(quick_store_.Delete(name_));
  Settle();
}

}  // namespace
}  // namespace photinus
