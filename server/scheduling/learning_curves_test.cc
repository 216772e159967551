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

  // The ids of the curves that there are in a history of trials 1, 2, ..., of which `best` is the incumbent and the odd
  // ones failed. Nothing is stored of them, so that their curves are empty.
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
      ASSIGN_OR_RETURN(const auto curves, curves_.Finished(snapshot, study, problem, maker, history));
      for (const auto& curve : *curves) ids.push_back(curve->trial_id);
      return absl::OkStatus();
    }));
    return ids;
  }

  LearningCurveCache curves_;
};

TEST_F(LearningCurveCacheTest, HasAllOfASmallStudyOnce) {
  EXPECT_EQ(IdsOf(9, 4), (std::vector<int64_t>{2, 4, 6, 8}));
  EXPECT_EQ(IdsOf(200, 4).size(), 100);
}

// TSGP has its unit and calibration of the first full trials, which no rule had stopped.
TEST_F(LearningCurveCacheTest, KeepsTheFirstTheIncumbentAndTheLatestOfALargeOne) {
  constexpr int64_t kTrials = 4000;
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
