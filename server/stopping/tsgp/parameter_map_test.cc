#include "server/stopping/tsgp/parameter_map.h"

#include <gtest/gtest.h>

#include <cmath>

#include "Eigen/Cholesky"
#include "common/base/random.h"

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Curves drawn from the model whose asymptote rises by 3 along the first feature.
struct Sample {
  std::vector<CurveData> curves;
  MatrixXd features;
};

Sample Draw(int count, uint64_t seed) {
  Random random(seed);
  Sample sample{{}, MatrixXd(count, 2)};
  const DecayParameters p{.amplitude = -3, .spread = 0.5, .alpha = 4, .beta = 0.8};
  const ArrayXd times = ArrayXd::LinSpaced(12, 1.0 / 12, 1);
  const MatrixXd root = (DecayCovariance(times, p) + 1e-8 * MatrixXd::Identity(12, 12)).llt().matrixL();
  for (int i = 0; i < count; ++i) {
    sample.features.row(i) << random.Uniform(), random.Uniform();
    VectorXd draws(12), values(12);
    for (double& draw : draws) draw = random.Normal();
    for (double& value : values) value = 0.1 * random.Normal();
    values += root * draws + (p.amplitude * Kappa(times, p.alpha, p.beta)).matrix();
    values.array() += 3 * (sample.features(i, 0) - 0.5) + 0.3 * random.Normal();
    sample.curves.push_back({times, values, ArrayXd::Ones(12)});
  }
  return sample;
}

TEST(MapCost, HasTheGradientOfItsDifferences) {
  const Sample sample = Draw(4, 1);
  const MapCost cost(sample.curves, MapBasis(sample.features));
  VectorXd at(cost.parameters()), gradient, unused;
  for (Index i = 0; i < at.size(); ++i) at[i] = 0.3 * std::sin(static_cast<double>(i));
  cost.Evaluate(at, gradient);
  for (Index i = 0; i < at.size(); ++i) {
    constexpr double kStep = 1e-5;
    VectorXd above = at, below = at;
    above[i] += kStep;
    below[i] -= kStep;
    EXPECT_NEAR(gradient[i], (cost.Evaluate(above, unused) - cost.Evaluate(below, unused)) / (2 * kStep), 2e-6) << i;
  }
}

TEST(MapCost, PacksAndUnpacks) {
  const Sample sample = Draw(4, 1);
  const MapCost cost(sample.curves, MapBasis(sample.features));
  VectorXd packed(cost.parameters());
  for (Index i = 0; i < packed.size(); ++i) packed[i] = static_cast<double>(i);
  EXPECT_TRUE(cost.Pack(cost.Unpack(packed)).isApprox(packed));
  EXPECT_EQ(cost.Unpack(packed).w(2, 1), 0.5 * 12);
}

TEST(ParameterMap, LearnsHowAsymptotesFollowFromParameters) {
  const Sample sample = Draw(60, 2);
  const auto map = FitParameterMap(sample.curves, sample.features, nullptr);
  ASSERT_TRUE(map.has_value());
  EXPECT_NEAR(map->w(0, 0), 3, 0.6);
  EXPECT_NEAR(map->w(0, 1), 0, 0.5);
  EXPECT_NEAR(map->shared.log_sigma, std::log(0.1), 0.2);
  const Theta low = map->ThetaAt(Eigen::Vector2d(0, 0.5)), high = map->ThetaAt(Eigen::Vector2d(1, 0.5));
  EXPECT_NEAR(high[0] - low[0], map->w(0, 0), 1e-12) << "squares are the same at both ends";
}

TEST(ParameterMap, IsTheSameForAllWhereNothingIsKnownOfParameters) {
  const Sample sample = Draw(20, 3);
  const auto map = FitParameterMap(sample.curves, MatrixXd(20, 0), nullptr);
  ASSERT_TRUE(map.has_value());
  EXPECT_EQ(map->ThetaAt(VectorXd()), map->offset);
}

TEST(ParameterMap, CanBeCancelled) {
  const Sample sample = Draw(5, 4);
  EXPECT_FALSE(FitParameterMap(sample.curves, sample.features, [] { return true; }).has_value());
}

}  // namespace
}  // namespace photinus
