#include "server/algorithms/gp/lbfgs.h"

#include <gtest/gtest.h>

#include <limits>

namespace photinus {
namespace {

using Eigen::Vector2d;
using Eigen::VectorXd;

const VectorXd kLow = Vector2d(-5, -5), kHigh = Vector2d(5, 5);

std::optional<double> Rosenbrock(const VectorXd& x, VectorXd& gradient) {
  const double a = 1 - x[0], b = x[1] - x[0] * x[0];
  gradient = Vector2d(-2 * a - 400 * x[0] * b, 200 * b);
  return a * a + 100 * b * b;
}

TEST(Lbfgs, FindsTheMinimum) {
  const LbfgsResult result =
      Minimise(&Rosenbrock, Vector2d(-1, 2), kLow, kHigh, {.evaluations = 200, .tolerance = 1e-14});
  EXPECT_NEAR(result.point[0], 1, 1e-4);
  EXPECT_NEAR(result.point[1], 1, 1e-4);
  EXPECT_FALSE(result.stopped);
}

TEST(Lbfgs, StaysWithinTheBounds) {
  const VectorXd high = Vector2d(0.5, 5);
  const LbfgsResult result =
      Minimise(&Rosenbrock, Vector2d(9, 2), kLow, high, {.evaluations = 200, .tolerance = 1e-14});
  EXPECT_NEAR(result.point[0], 0.5, 1e-4);
  EXPECT_NEAR(result.point[1], 0.25, 1e-3);
}

TEST(Lbfgs, ComesBackFromWhereThereIsNoValue) {
  const auto function = [](const VectorXd& x, VectorXd& gradient) -> std::optional<double> {
    if (x[0] > 1.2) return std::numeric_limits<double>::infinity();
    return Rosenbrock(x, gradient);
  };
  const LbfgsResult result = Minimise(function, Vector2d(0, 0), kLow, kHigh, {.evaluations = 200, .tolerance = 1e-14});
  EXPECT_LT(result.value, 0.1);
}

TEST(Lbfgs, StopsWhenTold) {
  int calls = 0;
  const auto function = [&](const VectorXd& x, VectorXd& gradient) -> std::optional<double> {
    if (++calls == 3) return std::nullopt;
    return Rosenbrock(x, gradient);
  };
  EXPECT_TRUE(Minimise(function, Vector2d(-1, 2), kLow, kHigh, {}).stopped);
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace photinus
