#include "server/stopping/tsgp/late_rises.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "common/base/random.h"

namespace photinus {
namespace {

constexpr double kNoise = 0.05;
constexpr int kPoints = 40;
const DecayParameters kParameters{.asymptote = 0, .amplitude = -3, .spread = 1, .alpha = 1, .beta = 0.2};

struct Chances {
  double up = 0, down = 0;
  double persistence = 0;  // of the noise: AR(1)
};

// What curves of the model show of steps, of which so many have one of `size` at a time of their own.
std::vector<std::vector<CurvePosterior::Step>> StepsOf(int curves, const Chances& chances, double size, uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<CurvePosterior::Step>> steps;
  for (int i = 0; i < curves; ++i) {
    CurveData data{Eigen::ArrayXd::LinSpaced(kPoints, 1.0 / kPoints, 1), Eigen::ArrayXd(kPoints),
                   Eigen::ArrayXd::Ones(kPoints)};
    const double f = random.Normal(), fate = random.Uniform(), when = 0.1 + 0.8 * random.Uniform();
    const double step = fate < chances.up ? size : fate < chances.up + chances.down ? -size : 0;
    double noise = random.Normal();
    for (Eigen::Index k = 0; k < kPoints; ++k) {
      const double kappa = Kappa(data.times, kParameters.alpha, kParameters.beta)[k];
      data.values[k] = f + kParameters.amplitude * kappa + (data.times[k] > when ? step : 0) + kNoise * noise;
      const double rho = chances.persistence;
      noise = rho * noise + std::sqrt(1 - rho * rho) * random.Normal();
    }
    steps.push_back(CurvePosterior::Make(data, kParameters, kNoise * kNoise)->Steps());
  }
  return steps;
}

TEST(LateRises, AreFoundWithTheirRateAndSize) {
  const LateRises rises = FitLateRises(StepsOf(100, {.up = 0.2}, 0.4, 1), kNoise);
  EXPECT_NEAR(rises.rate, 0.2 / 0.8, 0.08);  // all between 0.1 and 0.9
  EXPECT_GE(rises.scale, 0.2);
  EXPECT_LE(rises.scale, 0.8);
  EXPECT_NEAR(rises.ChanceAfter(0.5), 1 - std::exp(-0.5 * rises.rate), 1e-12);
  EXPECT_EQ(rises.ChanceAfter(1), 0);
}

TEST(LateRises, AreNoneInSmoothCurves) {
  for (const uint64_t seed : {2, 3, 4, 5}) EXPECT_EQ(FitLateRises(StepsOf(30, {}, 0, seed), kNoise).rate, 0) << seed;
}

TEST(LateRises, AreNoneWhereAsManyCurvesDrop) {
  const LateRises rises = FitLateRises(StepsOf(200, {.up = 0.15, .down = 0.15}, 0.4, 6), kNoise);
  EXPECT_LT(rises.rate, 0.08);
}

TEST(LateRises, AreNotMadeOfNoiseThatStays) {
  for (const uint64_t seed : {7, 8, 9, 10}) {
    EXPECT_EQ(FitLateRises(StepsOf(30, {.persistence = 0.5}, 0, seed), kNoise).rate, 0) << seed;
  }
}

TEST(LateRises, GrowWithTheUnit) {
  const auto steps = StepsOf(100, {.up = 0.2}, 0.4, 1);
  auto thousand = steps;
  for (auto& curve : thousand) {
    for (auto& step : curve) step.size *= 1000, step.stddev *= 1000;
  }
  const LateRises one = FitLateRises(steps, kNoise), same = FitLateRises(thousand, 1000 * kNoise);
  EXPECT_NEAR(same.rate, one.rate, 1e-9);
  EXPECT_NEAR(same.scale, 1000 * one.scale, 1e-9);
}

// A step of a thousand deviations is no overflow.
TEST(LateRises, MayBeHuge) {
  const LateRises rises = FitLateRises(StepsOf(30, {.up = 0.3}, 500, 11), kNoise);
  EXPECT_GT(rises.rate, 0.1);
  EXPECT_TRUE(std::isfinite(rises.rate));
}

TEST(LateRises, WaitForTenCurves) {
  EXPECT_EQ(FitLateRises(StepsOf(9, {.up = 1}, 0.4, 12), kNoise).rate, 0);
  EXPECT_EQ(FitLateRises({}, kNoise).rate, 0);
}

}  // namespace
}  // namespace photinus
