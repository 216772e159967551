// What is done before anybody asks.
#include "server/scheduling/suggest_ahead.h"

#include <gtest/gtest.h>

#include <cmath>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "server/algorithms/registry.h"
#include "tests/support/governed_storage.h"
#include "tests/support/scheduling_fixture.h"

namespace photinus {
namespace {

constexpr char kAlgorithm[] = "DEFAULT";

// Keeps the only thread of a pool busy until it is destroyed.
class Gate {
 public:
  explicit Gate(ThreadPool& pool) {
    std::promise<void> closed;
    EXPECT_TRUE(pool.Submit([&closed, open = open_.get_future().share()] {
      closed.set_value();
      open.wait();
    }));
    closed.get_future().wait();
  }
  ~Gate() { open_.set_value(); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

 private:
  std::promise<void> open_;
};

class SuggestAheadTest : public SchedulingFixture {
 protected:
  SuggestAheadTest() { Begin(R"({"seed": 5})"); }
  ~SuggestAheadTest() override {
    closed_.clear();
    quick_.Stop();
    compute_.Stop();  // before what its tasks use
    preparing_.Stop();
    learning_.Stop();
  }

  void Begin(const std::string& document) {
    const auto created = CreateStudy(
        quick_store_, {"ada"},
        AStudy("kws").WithFloat("x").WithObjective("y").WithAlgorithm(kAlgorithm).WithDocument(document).Study());
    EXPECT_OK(created);
    name_ = {"ada", "kws"};
  }

  // Nothing is done in the background until Open.
  void Close() {
    Settle();
    for (ThreadPool* pool : {&preparing_, &learning_}) closed_.push_back(std::make_unique<Gate>(*pool));
  }
  void Open() { closed_.clear(); }
  // Returns once a pool has done what it was given.
  static void Finish(ThreadPool& pool) {
    std::promise<void> done;
    EXPECT_TRUE(pool.Submit([&done] { done.set_value(); }));
    done.get_future().wait();
  }
  // Returns once all that is to be done in the background is done: each pool may give work to the other.
  void Settle() {
    for (int i = 0; i < 10; ++i) {
      Finish(preparing_);
      Finish(learning_);
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
  static double XOf(const pb::Trial& trial) {
    return trial.parameters().empty() ? -1 : trial.parameters(0).value().number_value();
  }
  v1::Explanation ExplanationOf(const pb::Trial& trial) {
    v1::Explanation explanation;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      const int64_t id = TrialName::Parse(trial.name())->id;
      ASSIGN_OR_RETURN(const auto kept, snapshot.ListExplanations(store_.Find(snapshot, name_)->uid, id, id));
      explanation = kept.at(0).body;
      return absl::OkStatus();
    }));
    return explanation;
  }
  bool WasPrepared(const pb::Trial& trial) { return ExplanationOf(trial).ahead(); }
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
  ThreadPool preparing_{1, 100}, learning_{1, 100};
  Suggester quick_{quick_store_, compute_, {preparing_, learning_}, timer_};
  std::vector<std::unique_ptr<Gate>> closed_;
};

TEST_F(SuggestAheadTest, WhatIsAskedForIsReady) {
  Search(9);
  Settle();
  const double expected = Expected();
  FullPool full(compute_);  // a request that needs the algorithm would fail
  const pb::Trial trial = Ask("d");
  EXPECT_EQ(XOf(trial), expected);
  EXPECT_TRUE(WasPrepared(trial));
  EXPECT_EQ(ExplanationOf(trial).predictions_size(), 1);
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

TEST_F(SuggestAheadTest, ALessonHoldsUpNoPreparation) {
  Search(70);
  Settle();
  const Gate lesson(learning_);
  const pb::Trial last = Ask("c");
  CompleteAt(71, XOf(last));
  for (int i = 0; i < 10; ++i) Finish(preparing_);  // a preparation that is outdated gives way to another
  const double expected = Expected();
  const pb::Trial trial = Ask("d");
  EXPECT_EQ(XOf(trial), expected);
  EXPECT_TRUE(WasPrepared(trial));
}

TEST_F(SuggestAheadTest, FewTrialsAreFittedOnceAndStoredWithTheTrial) {
  Search(9);
  Settle();
  const pb::Trial last = Ask("c");
  Settle();
  const int64_t before = governed_.transactions();
  CompleteAt(10, XOf(last));
  const std::string state = Inputs().state;
  Settle();
  EXPECT_EQ(governed_.transactions(), before + 1) << "the completion alone";
  EXPECT_EQ(Inputs().state, state);
  Ask("d");
  EXPECT_EQ(governed_.transactions(), before + 2);
  EXPECT_NE(Inputs().state, state);
}

TEST_F(SuggestAheadTest, WhatWasLearntLosesToWhatWasStoredMeanwhile) {
  Ask("c", 70);
  Close();
  for (int64_t id = 1; id <= 70; ++id) CompleteAt(id, 0.01 * static_cast<double>(id));
  Ask("c");
  governed_.HoldAfter(0);
  Open();
  governed_.AwaitHeld();  // the lesson is about to be stored
  const SuggestInputs inputs = Inputs();
  const std::string of_another = *LearnPoints(*algorithm_, inputs, {})(nullptr);
  ASSERT_OK(storage_->Transact(
      [&](Transaction& t) { return t.PutAlgorithmState(inputs.study_uid, kAlgorithm, of_another); }));
  governed_.LetPass();
  Settle();
  EXPECT_EQ(Inputs().state, of_another);
  const double expected = Expected();
  const pb::Trial trial = Ask("d");
  EXPECT_EQ(XOf(trial), expected);
  EXPECT_TRUE(WasPrepared(trial)) << "with the state of another";
}

TEST_F(SuggestAheadTest, NothingIsDoneForAStudyThatMayHaveNoNewTrial) {
  ASSERT_OK(quick_store_.Delete(name_));
  Begin(R"({"seed": 5, "budget": {"trials": 70}})");
  Search(69);
  Ask("c");
  Close();
  Open();
  Settle();
  const std::string state = Inputs().state;
  StudyMemories memories;
  SuggestAhead ahead(quick_store_, memories, {preparing_, learning_});
  const int64_t uid = Inputs().study_uid;
  ahead.Expect(uid, name_, 1);
  ASSERT_OK(quick_store_.EditActive(name_, [](StudyEdit& edit) -> absl::Status {
    edit.MarkChanged();
    return absl::OkStatus();
  }));
  Settle();
  EXPECT_FALSE(memories.At(uid)->Prepared(Inputs().version, state, 1).has_value());
  EXPECT_EQ(memories.At(uid)->encodings(), 0);
  EXPECT_EQ(Inputs().state, state);
}

TEST_F(SuggestAheadTest, ADeletedStudyIsForgotten) {
  Search(5);
  ASSERT_OK(quick_store_.Delete(name_));
  Settle();
}

}  // namespace
}  // namespace photinus
