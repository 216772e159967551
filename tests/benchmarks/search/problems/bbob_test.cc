#include "tests/benchmarks/search/problems/bbob.h"

#include <cmath>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/benchmarks/search/problems/bbob_transforms.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

BoxFunction Instance(int number, Index dimension, uint64_t seed) {
  Random random(seed);
  return BbobFunction(number, dimension, random);
}

VectorXd UniformInBox(Index dimension, Random& random) {
  VectorXd x(dimension);
  for (double& v : x) v = kBoxSide * (2 * random.Uniform() - 1);
  return x;
}

class EveryBbobFunction : public ::testing::TestWithParam<std::tuple<int, int>> {};

TEST_P(EveryBbobFunction, IsLeastAtItsOptimizer) {
  const auto [number, dimension] = GetParam();
  Random random(7);
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const BoxFunction f = Instance(number, dimension, seed);
    EXPECT_NEAR(f.value(f.optimizer), 0, 1e-9);
    for (int i = 0; i < 200; ++i) EXPECT_GT(f.value(UniformInBox(dimension, random)), 1e-6);
    // Nor is any point next to the optimizer better, down to the finest scale.
    for (double radius = 1; radius > 1e-6; radius /= 10) {
      const VectorXd x = f.optimizer + radius * VectorXd::Random(dimension);
      EXPECT_GE(f.value(x.cwiseMax(-kBoxSide).cwiseMin(kBoxSide)), 0);
    }
  }
}

TEST_P(EveryBbobFunction, FollowsFromItsSeed) {
  const auto [number, dimension] = GetParam();
  const BoxFunction a = Instance(number, dimension, 5), b = Instance(number, dimension, 5);
  const BoxFunction other = Instance(number, dimension, 6);
  Random random(8);
  const VectorXd x = UniformInBox(dimension, random);
  EXPECT_EQ(a.value(x), b.value(x));
  EXPECT_NE(a.value(x), other.value(x));
  EXPECT_NE(a.optimizer, other.optimizer);
}

TEST_P(EveryBbobFunction, HasItsOptimizerInTheMiddleOfTheBox) {
  const auto [number, dimension] = GetParam();
  if (number == 5) GTEST_SKIP() << "a slope is least in a corner";
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    EXPECT_LE(Instance(number, dimension, seed).optimizer.cwiseAbs().maxCoeff(), 0.8 * kBoxSide);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryBbobFunction,
                         ::testing::Combine(::testing::Range(1, kBbobFunctions + 1), ::testing::Values(4, 20)),
                         [](const auto& info) {
                           return absl::StrCat("f", std::get<0>(info.param), "_d", std::get<1>(info.param));
                         });

// How far two coordinates are from acting each on its own, relative to how far they act at all.
double Interaction(const BoxFunction& f, const VectorXd& x, Index i, Index k) {
  VectorXd a = x, b = x, both = x;
  a[i] += 0.7;
  b[k] += 0.9;
  both[i] = a[i];
  both[k] = b[k];
  const double interaction = f.value(both) - f.value(a) - f.value(b) + f.value(x);
  return std::abs(interaction) / (std::abs(f.value(a) - f.value(x)) + std::abs(f.value(b) - f.value(x)));
}

TEST(BbobFunctions, AreSeparableAsTheirGroupSays) {
  const VectorXd x = VectorXd::Constant(6, 0.3);
  for (int number = 1; number <= 5; ++number) {
    EXPECT_LT(Interaction(Instance(number, 6, 1), x, 1, 4), 1e-9) << "f" << number;
  }
  for (const int number : {6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24}) {
    EXPECT_GT(Interaction(Instance(number, 6, 1), x, 1, 4), 1e-6) << "f" << number;
  }
}

TEST(BbobTransforms, RotationsKeepLengthsAndAngles) {
  for (const Index dimension : {2, 40}) {
    Random random(3);
    const MatrixXd r = RandomRotation(dimension, random);
    EXPECT_LT((r * r.transpose() - MatrixXd::Identity(dimension, dimension)).cwiseAbs().maxCoeff(), 1e-13);
  }
}

TEST(BbobTransforms, OscillationKeepsZeroOneSignAndOrder) {
  EXPECT_EQ(Oscillate(0.0), 0);
  EXPECT_EQ(Oscillate(1.0), 1);
  EXPECT_EQ(Oscillate(-1.0), -1);
  // exp(1 + 0.049 (sin 10 + sin 7.9)) and -exp(1 + 0.049 (sin 5.5 + sin 3.1)).
  EXPECT_NEAR(Oscillate(M_E), 2.77956, 1e-5);
  EXPECT_NEAR(Oscillate(-M_E), -2.63127, 1e-5);
  for (double x = -5; x < 5; x += 0.01) EXPECT_LT(Oscillate(x), Oscillate(x + 0.01));
}

TEST(BbobTransforms, AsymmetryStretchesLaterPositiveCoordinates) {
  const VectorXd y = BreakSymmetry(0.5, VectorXd::Constant(3, 4));
  EXPECT_DOUBLE_EQ(y[0], 4);
  EXPECT_DOUBLE_EQ(y[1], std::pow(4, 1.5));  // 1 + 0.5 * 0.5 * sqrt 4
  EXPECT_DOUBLE_EQ(y[2], std::pow(4, 2));
  EXPECT_EQ(BreakSymmetry(0.5, VectorXd::Constant(3, -4)), VectorXd::Constant(3, -4));
}

TEST(BbobFunctions, HaveTheConditionOfTheirName) {
  // Along the axes of the Hessian, one step costs 1 to 1e6 in the ellipsoid.
  const BoxFunction ellipsoid = Instance(2, 4, 1);
  const auto cost = [&](Index i) { return ellipsoid.value(ellipsoid.optimizer + VectorXd::Unit(4, i)); };
  EXPECT_NEAR(cost(0), 1, 1e-9);
  EXPECT_NEAR(cost(3) / cost(0), 1e6, 1e-3);
  EXPECT_NEAR(cost(1) / cost(0), 1e2, 1e-6);
}

TEST(BbobFunctions, GallaghersPeaksAreLowerThanTheOptimum) {
  // The second highest peak has height 9.1: so no point off the highest may be better than T_osz(0.9)^2.
  const BoxFunction f = Instance(21, 4, 2);
  Random random(1);
  double least = INFINITY;
  for (int i = 0; i < 20000; ++i) {
    const VectorXd x = UniformInBox(4, random);
    if ((x - f.optimizer).norm() > 3) least = std::min(least, f.value(x));
  }
  EXPECT_GT(least, 0.5);
}

}  // namespace
}  // namespace photinus
