#include "server/algorithms/gp/output_warp.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "common/base/random.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::VectorXd;

VectorXd Warped(WarpKind kind, const VectorXd& values) { return FitWarp(kind, values).Apply(values); }

class EveryWarp : public ::testing::TestWithParam<WarpKind> {
 protected:
  // Mostly near 0 with a heavy bad tail, as objectives of a search are.
  static VectorXd Skewed(int n) {
    Random random(3);
    VectorXd values(n);
    for (double& v : values) v = -std::exp(3 * random.Normal());
    return values;
  }
};

TEST_P(EveryWarp, KeepsTheOrder) {
  const VectorXd values = Skewed(60), warped = Warped(GetParam(), values);
  for (int i = 0; i < 60; ++i) {
    for (int j = 0; j < 60; ++j) {
      if (values[i] < values[j]) {
        EXPECT_LE(warped[i], warped[j]);
      }
    }
  }
  Eigen::Index best, warped_best;
  values.maxCoeff(&best);
  warped.maxCoeff(&warped_best);
  EXPECT_EQ(best, warped_best);
}

TEST_P(EveryWarp, IsInverted) {
  for (const double sign : {1.0, -1.0}) {
    const VectorXd values = sign * Skewed(60);
    const OutputWarp warp = FitWarp(GetParam(), values);
    const VectorXd warped = warp.Apply(values);
    for (int i = 0; i < 60; ++i) EXPECT_NEAR(warp.Invert(warped[i]), values[i], 1e-6 * (1 + std::abs(values[i])));
    EXPECT_LT(warp.Invert(-1e6), values.minCoeff());
    EXPECT_GT(warp.Invert(1e6), values.maxCoeff());
  }
}

TEST_P(EveryWarp, OfOneValueIsInvertedToThatValue) {
  EXPECT_DOUBLE_EQ(FitWarp(GetParam(), VectorXd::Constant(3, 7)).Invert(0.3), 7);
}

TEST_P(EveryWarp, HasMeanZeroAndVarianceOne) {
  const Eigen::ArrayXd warped = Warped(GetParam(), Skewed(60));
  EXPECT_NEAR(warped.mean(), 0, 1e-9);
  EXPECT_NEAR(warped.square().mean(), 1, 1e-9);
}

TEST_P(EveryWarp, DoesNotDependOnUnits) {
  const VectorXd values = Skewed(40), warped = Warped(GetParam(), values);
  EXPECT_LT((Warped(GetParam(), 1e6 * values) - warped).cwiseAbs().maxCoeff(), 1e-6);
  EXPECT_LT((Warped(GetParam(), values.array() + 100) - warped).cwiseAbs().maxCoeff(), 1e-6);
}

TEST_P(EveryWarp, SurvivesExtremes) {
  for (const std::vector<double>& list : std::vector<std::vector<double>>{{5, 5, 5, 5},
                                                                          {0},
                                                                          {1e300, -1e300},
                                                                          {1.7e308, -1.7e308, 0, 1},
                                                                          {1, 2, 3, 4, 5, 6, 7, -1e300},
                                                                          {1, 2, 3, 4, 5, 6, 7, 1e300},
                                                                          {1e-300, 2e-300, 3e-300},
                                                                          {0, 0, 0, 0, 0, 0, 0, 1},
                                                                          {0, 0, 0, 0, 0, 0, 0, -1},
                                                                          {1e15, 1e15 + 1, 1e15 + 2}}) {
    const VectorXd values = Eigen::Map<const VectorXd>(list.data(), static_cast<Eigen::Index>(list.size()));
    const OutputWarp warp = FitWarp(GetParam(), values);
    EXPECT_TRUE(warp.Apply(values).allFinite()) << values.transpose();
    EXPECT_TRUE(warp.LogJacobian(values).allFinite()) << values.transpose();
    const VectorXd later{{-1.7e308, -1, 0, 1e-300, 1e15, 1.7e308}};
    EXPECT_TRUE(warp.Apply(later).allFinite()) << values.transpose();
  }
}

TEST_P(EveryWarp, HasTheSlopeThatItsJacobianSays) {
  VectorXd values = Skewed(400);
  std::sort(values.begin(), values.end());
  const OutputWarp warp = FitWarp(GetParam(), values);
  const VectorXd warped = warp.Apply(values), log_jacobian = warp.LogJacobian(values);
  // In the better half, between neighbours, up to one constant for all.
  std::vector<double> differences;
  for (int i = 220; i < 380; i += 10) {
    const double slope = (warped[i + 1] - warped[i]) / (values[i + 1] - values[i]);
    differences.push_back(std::log(slope) - 0.5 * (log_jacobian[i] + log_jacobian[i + 1]));
  }
  for (const double d : differences) EXPECT_NEAR(d, differences[0], 0.02);
}

TEST_P(EveryWarp, KeepsTheOrderOfValuesThatCameLater) {
  const VectorXd values = Skewed(60);
  VectorXd later(3);
  later << values.maxCoeff() + 1, values.maxCoeff(), values.minCoeff() - 1;
  const VectorXd warped = FitWarp(GetParam(), values).Apply(later);
  EXPECT_GT(warped[0], warped[1]);
  EXPECT_LT(warped[2], FitWarp(GetParam(), values).Apply(values).minCoeff());
}

TEST_P(EveryWarp, AFewOutliersCountAsTheWorstOfTheOthers) {
  for (const double outlier : {-1e5, -1e12, -1e300}) {
    VectorXd values = -VectorXd::LinSpaced(40, 0, 100), alone = values;
    values[7] = values[21] = outlier;
    alone[7] = alone[21] = -100;
    const VectorXd warped = Warped(GetParam(), values);
    EXPECT_LT((warped - Warped(GetParam(), alone)).cwiseAbs().maxCoeff(), 1e-9) << outlier;
    EXPECT_EQ(warped[7], warped.minCoeff());
  }
}

TEST_P(EveryWarp, OutliersBelowAThresholdAreToldFromIt) {
  for (const double outlier : {-1e5, -1e12, -1e300}) {
    for (const double range : {60.0, 0.0}) {
      VectorXd values = VectorXd::LinSpaced(40, 20, 20 + range);
      values[7] = values[21] = outlier;
      const OutputWarp warp = FitWarp(GetParam(), values, 0);
      const VectorXd warped = warp.Apply(values), threshold = warp.Apply(VectorXd::Zero(1));
      EXPECT_LT(warped[7], threshold[0] - 0.1) << outlier;
      EXPECT_GT(warped[0], threshold[0] + 0.1) << outlier;
      EXPECT_GT(warped.minCoeff(), -10) << outlier;
    }
  }
}

TEST_P(EveryWarp, AThresholdChangesNothingWhereNothingLiesFarBelow) {
  const VectorXd values = Skewed(60);
  const VectorXd warped = FitWarp(GetParam(), values, values.maxCoeff()).Apply(values);
  EXPECT_EQ(warped, Warped(GetParam(), values));
}

TEST_P(EveryWarp, ATailThatIsMerelyHeavyIsLeftAlone) {
  const VectorXd values = Skewed(60);
  std::vector<double> warped(60);
  VectorXd::Map(warped.data(), 60) = Warped(GetParam(), values);
  std::sort(warped.begin(), warped.end());
  EXPECT_LT(warped[0], warped[1]);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryWarp, ::testing::Values(WarpKind::kStandardise, WarpKind::kYeoJohnson),
                         [](const auto& info) {
                           return info.param == WarpKind::kStandardise ? "Standardise" : "YeoJohnson";
                         });

TEST(Warp, YeoJohnsonMakesALogNormalTailNormal) {
  Random random(9);
  Eigen::ArrayXd values(300);
  for (double& v : values) v = -std::exp(1.5 * random.Normal());
  const Eigen::ArrayXd warped = Warped(WarpKind::kYeoJohnson, values);
  const double skewness = warped.cube().mean();
  EXPECT_LT(std::abs(skewness), 0.4);
}

}  // namespace
}  // namespace photinus
