#include "server/analysis/explain_trial.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gmock/gmock.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ExplainTrialTest : public StudyFixture {
 protected:
  ExplainTrialTest() { Create(AStudy("kws").WithFloat("x", 0, 10).WithObjective("y").WithObjective("z")); }

  void Add(double x) { EXPECT_OK(CreateTrial(store_, name_, ATrial({{"x", x}}))); }
  std::vector<int64_t> Nearest(int64_t id) {
    const auto explained = ExplainTrial(store_, {name_, id}, {});
    EXPECT_OK(explained);
    std::vector<int64_t> ids;
    for (const NearTrial& near : explained->nearest) ids.push_back(near.id);
    return ids;
  }
};

TEST_F(ExplainTrialTest, FindsTheNearestEarlierTrials) {
  for (const double x : {1.0, 5.0, 9.0, 4.0, 5.0, 4.5, 4.9}) Add(x);
  EXPECT_THAT(Nearest(6), ElementsAre(2, 4, 5));
  EXPECT_NEAR(ExplainTrial(store_, {name_, 6}, {})->nearest[0].distance, 0.05, 1e-9) << "in the unit cube";
  EXPECT_THAT(Nearest(2), ElementsAre(1));
  EXPECT_THAT(Nearest(1), IsEmpty());
}

TEST_F(ExplainTrialTest, LeavesOutLostTrials) {
  Add(5);
  ASSERT_OK(store_.EditActive(name_, [](StudyEdit& edit) -> absl::Status {
    auto row = edit.GetTrial(1);
    if (!row.ok()) return row.status();
    row->state = pb::Trial::INFEASIBLE;
    row->lost = true;
    return edit.PutTrial(*row);
  }));
  Add(5);
  EXPECT_THAT(Nearest(2), IsEmpty());
}

TEST_F(ExplainTrialTest, GivesWhatWasKeptWithTheNamesOfTheMetrics) {
  Add(5);
  EXPECT_FALSE(ExplainTrial(store_, {name_, 1}, {})->explanation.has_value());
  ASSERT_OK(store_.EditActive(name_, [](StudyEdit& edit) -> absl::Status {
    ClaimResult result;
    NewTrial trial{{{"x", 5.0}}, {}};
    trial.explanation.set_arm("log_ei");
    for (const double median : {1.0, 2.0, 3.0}) trial.explanation.add_predictions()->set_median(median);
    return CreateTrials(edit, {"c", ""}, {trial}, result);
  }));
  const auto explained = ExplainTrial(store_, {name_, 2}, {});
  ASSERT_OK(explained);
  ASSERT_TRUE(explained->explanation.has_value());
  EXPECT_EQ(explained->explanation->arm(), "log_ei");
  EXPECT_EQ(explained->explanation->predictions(1).metric(), "z");
  EXPECT_EQ(explained->explanation->predictions(2).metric(), "") << "an objective that there is not";
}

TEST_F(ExplainTrialTest, SaysWhyATrialWasStopped) {
  const TrialName name = Start();
  EXPECT_EQ(ExplainTrial(store_, name, {})->stop_reason, "");
  ASSERT_OK(StopTrial(store_, name, "worse than the median"));
  EXPECT_EQ(ExplainTrial(store_, name, {})->stop_reason, "worse than the median");
}

TEST_F(ExplainTrialTest, IsALongReadOfATrialThatExists) {
  Add(5);
  EXPECT_TRUE(IsLongReadNeeded(ExplainTrial(store_, {name_, 1}, {.may_be_long = false}).status()));
  EXPECT_THAT(ExplainTrial(store_, {name_, 2}, {}), Fails(absl::StatusCode::kNotFound, "TRIAL_NOT_FOUND"));
}

}  // namespace
}  // namespace photinus
