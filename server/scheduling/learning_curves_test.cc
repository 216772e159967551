#include "server/scheduling/learning_curves.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "common/base/status_macros.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

class LearningCurveCacheTest : public StudyFixture {
 protected:
  LearningCurveCacheTest() { Create(AStudy("kws").WithFloat("x").WithObjective("accuracy")); }

  // Stores trials `first`..`last`.
  void Put(int64_t first, int64_t last, pb::Trial::State state) {
    ASSERT_OK(store_.Edit(name_, [&](StudyEdit& edit) -> absl::Status {
      for (int64_t id = first; id <= last; ++id) {
        TrialRow row{.study_uid = edit.study().uid, .id = id, .state = state};
        RETURN_IF_ERROR(edit.PutTrial(row));
      }
      return absl::OkStatus();
    }));
  }

  // The ids of the curves that there are in a history of trials 1, 2, ..., of which `best` is the incumbent and the odd
  // ones failed.
  std::vector<int64_t> IdsOf(int64_t trials, int64_t best) {
    std::vector<int64_t> ids;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const StudyRow study, store_.Find(snapshot, name_));
      ASSIGN_OR_RETURN(const auto problem, store_.cache().Problem(snapshot, study));
      std::vector<HistoryRow> rows;
      for (int64_t id = 1; id <= trials; ++id) {
        rows.push_back({.id = id,
                        .state = id % 2 == 0 ? pb::Trial::SUCCEEDED : pb::Trial::INFEASIBLE,
                        .point = {{"x", 0.5}},
                        .objectives = {id == best ? 1.0 : 0.5}});
      }
      ASSIGN_OR_RETURN(const StudyHistory history, StudyHistory(problem, 1).Updated(2, rows, {}));
      ASSIGN_OR_RETURN(const CurveMaker maker, CurveMaker::Of(*problem));
      ASSIGN_OR_RETURN(const auto curves, curves_.Finished(snapshot, study, *problem, maker, history));
      for (const auto& curve : *curves) {
        EXPECT_TRUE(curve->finished);
        ids.push_back(curve->trial_id);
      }
      return absl::OkStatus();
    }));
    return ids;
  }

  LearningCurveCache curves_;
};

TEST_F(LearningCurveCacheTest, HasAllOfASmallStudyOnce) {
  Put(1, 200, pb::Trial::SUCCEEDED);
  EXPECT_EQ(IdsOf(9, 4), (std::vector<int64_t>{2, 4, 6, 8}));
  EXPECT_EQ(IdsOf(200, 4).size(), 100);
}

TEST_F(LearningCurveCacheTest, AHistoryAheadOfTheSnapshotLeavesNoUnfinishedCurveBehind) {
  Put(1, 3, pb::Trial::SUCCEEDED);
  Put(4, 4, pb::Trial::ACTIVE);
  EXPECT_EQ(IdsOf(6, 2), std::vector<int64_t>{2});
  Put(4, 6, pb::Trial::SUCCEEDED);
  EXPECT_EQ(IdsOf(6, 2), (std::vector<int64_t>{2, 4, 6}));
}

// TSGP has its unit and calibration of the first full trials, which no rule had stopped.
TEST_F(LearningCurveCacheTest, KeepsTheFirstTheIncumbentAndTheLatestOfALargeOne) {
  constexpr int64_t kTrials = 4000;
  Put(1, kTrials, pb::Trial::SUCCEEDED);
  std::vector<int64_t> expected;
  for (int64_t id = 2; id <= 80; id += 2) expected.push_back(id);  // 40 of them
  expected.push_back(1000);
  for (int64_t id = kTrials - 2 * 1000 + 2; id <= kTrials; id += 2) expected.push_back(id);
  EXPECT_EQ(IdsOf(kTrials, 1000), expected);
  expected.erase(expected.begin() + 40);
  EXPECT_EQ(IdsOf(kTrials, 10), expected) << "the incumbent is one of the first";
}

}  // namespace
}  // namespace photinus
