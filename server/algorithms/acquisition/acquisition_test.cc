#include "server/algorithms/acquisition/acquisition.h"

#include <cmath>

#include "common/base/random.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

class AcquisitionTest : public ::testing::Test {
 protected:
  AcquisitionTest() {
    Random random(8);
    features_.resize(20, 2);
    for (int i = 0; i < 20; ++i) features_.row(i) << random.Uniform(), random.Uniform();
    const FeatureGroups groups = {{.first = 0, .size = 1}, {.first = 1, .size = 1}};
    const KernelParameters parameters{.lengthscales = VectorXd{{0.3, 0.6}}, .noise_variance = 1e-4};
    const VectorXd values = (5 * features_.col(0)).array().sin();
    const VectorXd labels = (features_.col(1).array() < 0.5).select(VectorXd::Ones(20), -VectorXd::Ones(20));
    factor_ = Factor::Make(features_, groups, parameters);
    objective_.emplace(*factor_, values, 0);
    feasibility_.emplace(*factor_, labels, 0);
    incumbent_ = values.maxCoeff();
  }

  static void ExpectMatchingGradients(const Acquisition& acquisition) {
    for (double a = 0.05; a < 1; a += 0.15) {
      for (double b = 0.07; b < 1; b += 0.15) {
        const VectorXd x{{a, b}};
        MatrixXd gradient;
        const double score = acquisition.ScoreWithGradient(x.transpose(), gradient)[0];
        EXPECT_LE(score, acquisition.Bound(x.transpose())[0] + 1e-9);
        EXPECT_NEAR(score, acquisition.Score(x.transpose())[0], 1e-7 * std::abs(score) + 1e-9);
        for (int f = 0; f < 2; ++f) {
          VectorXd up = x, down = x;
          up[f] += 1e-6;
          down[f] -= 1e-6;
          const double difference =
              (acquisition.Score(up.transpose())[0] - acquisition.Score(down.transpose())[0]) / 2e-6;
          EXPECT_NEAR(gradient(0, f), difference, 1e-3 * std::abs(difference) + 1e-3) << x.transpose();
        }
      }
    }
  }

  MatrixXd features_;
  std::optional<Factor> factor_;
  std::optional<Posterior> objective_, feasibility_;
  double incumbent_ = 0;
};

TEST_F(AcquisitionTest, LogEiHasTheGradientOfItsScore) {
  ExpectMatchingGradients(LogEiAcquisition(*objective_, incumbent_));
}

TEST_F(AcquisitionTest, FeasibleLogEiHasTheGradientOfItsScore) {
  const LogEiAcquisition log_ei(*objective_, incumbent_);
  ExpectMatchingGradients(FeasibleAcquisition(log_ei, *feasibility_, {.threshold = 0.3, .noise_variance = 1e-4, .least = 0.5}));
  ExpectMatchingGradients(FeasibleAcquisition(IndifferentAcquisition(), *feasibility_, {}));
}

TEST_F(AcquisitionTest, PureExplorationHasTheGradientOfItsScore) {
  ExpectMatchingGradients(PureExplorationAcquisition(*objective_, incumbent_));
}

TEST_F(AcquisitionTest, PureExplorationGoesWhereLittleIsKnownUnlessItIsHopeless) {
  const PureExplorationAcquisition anywhere(*objective_, -1e9), good(*objective_, incumbent_);
  EXPECT_GT(anywhere.Score(MatrixXd{{0.5, 1.5}})[0], anywhere.Score(features_.topRows(1))[0]);
  const Posterior::Prediction p = objective_->Predict(features_);
  Eigen::Index worst;
  p.mean.minCoeff(&worst);
  EXPECT_LT(good.Score(features_.row(worst))[0], anywhere.Score(features_.row(worst))[0] - 1);
}

TEST_F(AcquisitionTest, FeasibilityOnlyTakesAwayAndTakesMoreWhereLabelsAreBad) {
  const LogEiAcquisition log_ei(*objective_, incumbent_);
  const FeasibleAcquisition feasible(log_ei, *feasibility_, {.least = 0.5});
  const MatrixXd good{{0.5, 0.1}}, bad{{0.5, 0.9}};
  EXPECT_LE(feasible.Score(good)[0], log_ei.Score(good)[0]);
  EXPECT_LT(feasible.Score(bad)[0] - log_ei.Score(bad)[0], feasible.Score(good)[0] - log_ei.Score(good)[0] - 2);
}

TEST(LogNormalCdf, IsRightInTheMiddleAndContinuousInTheTail) {
  EXPECT_NEAR(LogNormalCdf(0).value, std::log(0.5), 1e-15);
  EXPECT_NEAR(LogNormalCdf(8).value, -6.22e-16, 1e-16);
  EXPECT_NEAR(LogNormalCdf(-30 + 1e-9).value, LogNormalCdf(-30 - 1e-9).value, 1e-4);
  EXPECT_NEAR(LogNormalCdf(-30 + 1e-9).derivative, LogNormalCdf(-30 - 1e-9).derivative, 1e-3);
  EXPECT_TRUE(std::isfinite(LogNormalCdf(-1e100).value));
}

}  // namespace
}  // namespace photinus
