#include "server/scheduling/study_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/random.h"
#include "server/algorithms/registry.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

// Suggests where nothing is to be learnt, and notes what it was told.
class NotingAlgorithm final : public SuggestionAlgorithm {
 public:
  using Row = std::tuple<int64_t, EncodedTrials::Status, UnitPoint, double>;

  bool UsesEncodedTrials(std::string_view, int64_t) const override { return true; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override {
    ++calls;
    rows.clear();
    for (size_t row = 0; row < request.trials->size(); ++row) {
      const bool evaluated = request.trials->status(row) == EncodedTrials::Status::kEvaluated;
      rows.emplace_back(request.trials->id(row), request.trials->status(row), request.trials->unit(row),
                        evaluated ? request.trials->goals(row)[0] : 0);
    }
    if (wait_for_cancellation) {
      begun.set_value();
      while (!request.cancelled()) std::this_thread::yield();
      wait_for_cancellation = false;
      return absl::CancelledError("cancelled");
    }
    SuggestResult result;
    for (int i = 0; i < request.count; ++i) result.suggestions.push_back({{{"x", 0.1 * i}}, "noted"});
    return result;
  }

  mutable int calls = 0;
  mutable std::vector<Row> rows;
  mutable bool wait_for_cancellation = false;
  mutable std::promise<void> begun;
};

class StudyMemoryTest : public ::testing::Test {
 protected:
  static HistoryRow Running(int64_t id) {
    HistoryRow row;
    row.id = id;
    row.state = pb::Trial::ACTIVE;
    row.point = {{"x", std::fmod(0.618 * static_cast<double>(id), 1)}};
    return row;
  }
  static HistoryRow Done(int64_t id) {
    HistoryRow row = Running(id);
    row.state = pb::Trial::SUCCEEDED;
    row.objectives = {std::sin(static_cast<double>(id))};
    return row;
  }
  static std::vector<HistoryRow> Done(int64_t first, int64_t last) {
    std::vector<HistoryRow> rows;
    for (int64_t id = first; id <= last; ++id) rows.push_back(Done(id));
    return rows;
  }

  // The next version of the history.
  void Change(const std::vector<HistoryRow>& changed, const std::vector<int64_t>& deleted = {}) {
    inputs_.version += 1;
    inputs_.history =
        std::make_shared<const StudyHistory>(*inputs_.history->Updated(inputs_.version, changed, deleted));
    for (const HistoryRow& row : changed) inputs_.first_trial_id = std::max(inputs_.first_trial_id, row.id + 1);
  }
  std::vector<Suggestion> Suggest(StudyMemory& memory, const SuggestionAlgorithm& algorithm) {
    const auto result = memory.Suggest(algorithm, inputs_, nullptr);
    EXPECT_OK(result);
    return result.ok() ? result->suggestions : std::vector<Suggestion>();
  }
  // What the algorithm would be told by a memory that knows nothing.
  std::vector<NotingAlgorithm::Row> Fresh() {
    StudyMemory memory;
    const NotingAlgorithm algorithm;
    Suggest(memory, algorithm);
    return algorithm.rows;
  }

  StudyMemoryTest() { Begin(); }

  void Begin(const pb::StudySpec& spec = AStudy("kws").WithFloat("x").WithObjective("y").Study().study_spec()) {
    auto problem = ParseStudyProblem(spec);
    EXPECT_OK(problem);
    inputs_.problem = std::make_shared<const StudyProblem>(*std::move(problem));
    inputs_.history = std::make_shared<const StudyHistory>(inputs_.problem, 0);
  }

  SuggestInputs inputs_;
  StudyMemory memory_;
  const NotingAlgorithm noting_;
};

TEST_F(StudyMemoryTest, AHundredThousandTrialsCostWhatChanged) {
  constexpr int64_t kTrials = 100'000;
  Change(Done(1, kTrials));
  Suggest(memory_, noting_);
  EXPECT_EQ(memory_.encodings(), kTrials);
  Change({Running(kTrials + 1)});
  Suggest(memory_, noting_);
  EXPECT_EQ(memory_.encodings(), kTrials + 1);
  Change({Done(kTrials + 1)}, {17});
  Suggest(memory_, noting_);
  EXPECT_EQ(memory_.encodings(), kTrials + 1) << "a result and a deletion cost no encoding";
  EXPECT_EQ(noting_.rows, Fresh());
  EXPECT_LT(memory_.bytes(), size_t{64} << 20);
}

TEST_F(StudyMemoryTest, FollowsWhateverHappensToTrials) {
  Random random(4);
  Change(Done(1, 600));
  for (int round = 0; round < 40; ++round) {
    std::vector<HistoryRow> changed;
    std::vector<int64_t> deleted;
    for (int i = 0; i < 5; ++i) {
      const int64_t id = 1 + static_cast<int64_t>(random.Below(700));
      HistoryRow row = random.Uniform() < 0.5 ? Running(id) : Done(id);
      if (random.Uniform() < 0.2) row.state = pb::Trial::INFEASIBLE;
      if (random.Uniform() < 0.1) row.apart = true;
      changed.push_back(row);
      const int64_t gone = 1 + static_cast<int64_t>(random.Below(700));
      if (gone != id) deleted.push_back(gone);
    }
    Change(changed, deleted);
    Suggest(memory_, noting_);
    ASSERT_EQ(noting_.rows, Fresh()) << "round " << round;
  }
}

TEST_F(StudyMemoryTest, APointThatWasLostIsNotSuggestedWhileOthersAreLeft) {
  constexpr int kPoints = 6;
  for (const std::string& name : AlgorithmNames()) {
    const auto algorithm = *MakeAlgorithm(name);
    pb::StudySpec spec = AStudy("kws").WithObjective("y").Study().study_spec();
    spec.add_parameters()->set_parameter_id("x");
    spec.mutable_parameters(0)->mutable_integer_value_spec()->set_min_value(1);
    spec.mutable_parameters(0)->mutable_integer_value_spec()->set_max_value(kPoints);
    Begin(spec);
    inputs_.first_trial_id = 1;
    inputs_.state.clear();
    StudyMemory memory;
    std::set<double> suggested;
    for (int64_t id = 1; id <= kPoints; ++id) {
      const auto result = memory.Suggest(*algorithm, inputs_, nullptr);
      ASSERT_OK(result) << name;
      ASSERT_EQ(result->suggestions.size(), 1u) << name;
      inputs_.state = result->state;
      HistoryRow row = Done(id);
      row.point = result->suggestions[0].point;
      EXPECT_TRUE(suggested.insert(std::get<double>(row.point.at("x"))).second) << name << " suggests a point again";
      if (id % 2 == 1) {
        row.state = pb::Trial::INFEASIBLE;
        row.apart = true;
        row.objectives.clear();
      }
      Change({row});
    }
  }
}

TEST_F(StudyMemoryTest, AnOlderHistoryIsServedToo) {
  Change(Done(1, 300));
  const SuggestInputs before = inputs_;
  Change({Done(301)}, {5});
  Suggest(memory_, noting_);
  inputs_ = before;
  Suggest(memory_, noting_);
  EXPECT_EQ(noting_.rows, Fresh());
}

TEST_F(StudyMemoryTest, ForgetsWhatBelongsToAnotherProblem) {
  Change(Done(1, 10));
  Suggest(memory_, noting_);
  Begin();
  Change(Done(3, 4));
  Suggest(memory_, noting_);
  EXPECT_EQ(noting_.rows, Fresh());
}

TEST_F(StudyMemoryTest, APreparedAnswerIsGivenWithoutAsking) {
  Change(Done(1, 10));
  inputs_.count = 3;
  ASSERT_OK(memory_.Prepare(noting_, inputs_, nullptr));
  inputs_.count = 2;
  EXPECT_EQ(Suggest(memory_, noting_).size(), 2u);
  EXPECT_EQ(noting_.calls, 1);
  EXPECT_EQ(memory_.Prepared(inputs_.version, "", 3)->suggestions.size(), 3u);
  EXPECT_FALSE(memory_.Prepared(inputs_.version, "", 4).has_value());
  EXPECT_FALSE(memory_.Prepared(inputs_.version, "learnt", 1).has_value());
  EXPECT_FALSE(memory_.Prepared(inputs_.version + 1, "", 1).has_value());
}

TEST_F(StudyMemoryTest, AnOutdatedAnswerIsThrownAway) {
  Change({Running(1)});
  ASSERT_OK(memory_.Prepare(noting_, inputs_, nullptr));
  Change({Done(1)});
  Suggest(memory_, noting_);
  EXPECT_EQ(noting_.calls, 2);
  EXPECT_EQ(noting_.rows, Fresh());
  inputs_.state = "learnt";
  Suggest(memory_, noting_);
  EXPECT_EQ(noting_.calls, 3);
}

TEST_F(StudyMemoryTest, AVersionInWhichNoTrialChangedKeepsTheAnswer) {
  Change(Done(1, 10));
  ASSERT_OK(memory_.Prepare(noting_, inputs_, nullptr));
  Change({});
  ASSERT_OK(memory_.Prepare(noting_, inputs_, nullptr));
  EXPECT_EQ(noting_.calls, 1);
  EXPECT_TRUE(memory_.Prepared(inputs_.version, "", 1).has_value());
}

TEST_F(StudyMemoryTest, ARequestWithNewerTrialsDoesNotWaitForAnOldAnswer) {
  Change(Done(1, 10));
  noting_.wait_for_cancellation = true;
  auto preparing =
      std::async(std::launch::async, [&, old = inputs_] { return memory_.Prepare(noting_, old, nullptr); });
  noting_.begun.get_future().wait();
  Change({Done(11)});
  EXPECT_EQ(Suggest(memory_, noting_).size(), 1u);
  EXPECT_EQ(preparing.get().code(), absl::StatusCode::kCancelled);
}

TEST_F(StudyMemoryTest, NothingIsPreparedOnceARequestAskedTheSame) {
  Change(Done(1, 10));
  Suggest(memory_, noting_);
  EXPECT_TRUE(absl::IsCancelled(memory_.Prepare(noting_, inputs_, nullptr)));
  EXPECT_EQ(noting_.calls, 1);
  Change({Running(11)});
  EXPECT_OK(memory_.Prepare(noting_, inputs_, nullptr));
}

TEST_F(StudyMemoryTest, IsWeighedWhileItComputes) {
  Change(Done(1, 1000));
  Suggest(memory_, noting_);
  const size_t bytes = memory_.bytes();
  EXPECT_GT(bytes, kLeastMemoryBytes);
  Change(Done(1001, 3000));
  noting_.wait_for_cancellation = true;
  std::atomic<bool> cancelled = false;
  auto preparing = std::async(std::launch::async,
                              [&] { return memory_.Prepare(noting_, inputs_, [&] { return cancelled.load(); }); });
  noting_.begun.get_future().wait();
  EXPECT_EQ(memory_.bytes(), bytes) << "as before, and at once";
  cancelled = true;
  EXPECT_TRUE(absl::IsCancelled(preparing.get()));
  EXPECT_GT(memory_.bytes(), bytes);
}

TEST_F(StudyMemoryTest, WhatWasForgottenChangesNoAnswer) {
  const auto algorithm = *MakeAlgorithm("DEFAULT");
  Change(Done(1, 12));
  for (int64_t id = 13; id < 20; ++id) {
    StudyMemory forgetful;
    const auto kept = memory_.Suggest(*algorithm, inputs_, nullptr);
    const auto anew = forgetful.Suggest(*algorithm, inputs_, nullptr);
    const auto plain = SuggestPoints(*algorithm, inputs_, {}, nullptr);
    ASSERT_OK(kept);
    ASSERT_OK(anew);
    ASSERT_OK(plain);
    EXPECT_EQ(kept->suggestions[0].point, anew->suggestions[0].point) << "bit for bit";
    EXPECT_EQ(kept->suggestions[0].point, plain->suggestions[0].point);
    EXPECT_EQ(kept->state, plain->state);
    inputs_.state = kept->state;
    Change({id % 2 == 0 ? Done(id) : Running(id)});
  }
}

TEST(StudyMemories, ForgetThoseThatWereUsedLeast) {
  StudyMemories memories(3000);
  const auto first = memories.At(1);
  EXPECT_EQ(memories.At(1), first);
  memories.At(2);
  memories.At(3);
  EXPECT_NE(memories.At(1), first);
}

}  // namespace
}  // namespace photinus
