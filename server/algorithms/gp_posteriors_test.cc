#include "server/algorithms/gp_posteriors.h"

#include <cmath>

#include "gtest/gtest.h"
#include "server/algorithms/gp_training.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

using Eigen::MatrixXd;

class GpPosteriorsTest : public ::testing::Test {
 protected:
  // Trials at x = 0.05, 0.15, ... of a goal, sin(3 x), and a slack, x - 0.6. Below `failing` they fail.
  void Finish(double failing) {
    for (int i = 0; i < 10; ++i) {
      const double x = 0.05 + 0.1 * i;
      trials_.Add(i + 1, {{"x", x}});
      trials_.SetFinished(i + 1, {std::sin(3 * x)}, x < failing, {x - 0.6});
    }
    state_ = *Learn(MakeLesson(trials_, nullptr), nullptr);
  }
  std::unique_ptr<GpPosteriors> Make() { return *GpPosteriors::Make(trials_, state_, cache_); }

  EncodedTrials trials_{Space("parameters { parameter_id: 'x' double_value_spec { max_value: 1 } }"),
                        {{.metric = "goal"}},
                        /*constraints=*/1};
  GpState state_;
  GpCache cache_;
};

TEST_F(GpPosteriorsTest, TakesThePredictedValueForThatOfATrialBeingEvaluated) {
  Finish(/*failing=*/0);
  const std::unique_ptr<GpPosteriors> posteriors = Make();
  const MatrixXd features = MatrixXd::Constant(1, 1, 0.98);
  const Posterior::Prediction before = posteriors->ByMetric()[0].Predict(features);
  posteriors->AddPending(11, {0.98});
  const Posterior::Prediction after = posteriors->ByMetric()[0].Predict(features);
  EXPECT_NEAR(after.mean[0], before.mean[0], 1e-6);
  EXPECT_LT(after.variance[0], 0.9 * before.variance[0]);
  EXPECT_EQ(posteriors->pending(), std::vector<UnitPoint>({{0.98}}));
}

TEST_F(GpPosteriorsTest, KnowsWhereASlackChangesItsSign) {
  Finish(/*failing=*/0);
  const std::unique_ptr<GpPosteriors> posteriors = Make();
  const Posterior slack = posteriors->ByMetric()[1];
  EXPECT_LT(slack.Mean(MatrixXd::Constant(1, 1, 0.57))[0], posteriors->ThresholdOf(1));
  EXPECT_GT(slack.Mean(MatrixXd::Constant(1, 1, 0.63))[0], posteriors->ThresholdOf(1));
  EXPECT_FALSE(posteriors->feasibility().has_value()) << "nothing failed";
}

// Three trials report a memory of 1e9 instead of 20 to 80: outliers, and the only violations.
TEST_F(GpPosteriorsTest, TellsAFewExtremeViolationsFromTheThreshold) {
  for (int i = 0; i < 40; ++i) {
    const double x = (i + 0.5) / 40;
    trials_.Add(i + 1, {{"x", x}});
    trials_.SetFinished(i + 1, {std::sin(3 * x)}, /*infeasible=*/false, {i < 37 ? 20 + 60 * x : 100 - 1e9});
  }
  const GpLesson lesson = MakeLesson(trials_, nullptr);
  for (const bool quick : {false, true}) {
    state_ = quick ? *LearnQuickly(lesson, nullptr) : *Learn(lesson, nullptr);
    const std::unique_ptr<GpPosteriors> posteriors = Make();
    const Posterior slack = posteriors->ByMetric()[1];
    EXPECT_LT(slack.Mean(MatrixXd::Constant(1, 1, 0.9625))[0], posteriors->ThresholdOf(1)) << quick;
    EXPECT_GT(slack.Mean(MatrixXd::Constant(1, 1, 0.5))[0], posteriors->ThresholdOf(1)) << quick;
  }
}

TEST_F(GpPosteriorsTest, KnowsWhereTrialsFail) {
  Finish(/*failing=*/0.4);
  const std::unique_ptr<GpPosteriors> posteriors = Make();
  EXPECT_EQ(posteriors->trial_rows(), std::vector<size_t>({4, 5, 6, 7, 8, 9}));
  const Posterior& feasible = posteriors->feasibility()->posterior;
  EXPECT_LT(feasible.Mean(MatrixXd::Constant(1, 1, 0.1))[0], 0);
  EXPECT_GT(feasible.Mean(MatrixXd::Constant(1, 1, 0.9))[0], 0);
}

TEST_F(GpPosteriorsTest, LeavesOutWhatIsNoLongerThere) {
  Finish(/*failing=*/0);
  trials_.Erase(3);
  EXPECT_EQ(Make()->trial_rows().size(), 9);
  for (int i = 0; i < 10; ++i) {
    if (i != 2) trials_.Erase(i + 1);
  }
  EXPECT_EQ(Make(), nullptr);
}

}  // namespace
}  // namespace photinus
