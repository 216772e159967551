#include "server/stopping/tsgp/end_gp.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/base/random.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::Vector3d;
using Eigen::VectorXd;

EndRows SomeRows(Index count) {
  Random random(5);
  EndRows rows{MatrixXd(count, 2), VectorXd(count), VectorXd(count)};
  for (Index i = 0; i < count; ++i) {
    rows.features.row(i) << random.Uniform(), random.Uniform();
    rows.residuals[i] = std::sin(4 * rows.features(i, 0)) + 0.2 * random.Normal();
    rows.precisions[i] = 1 + 20 * random.Uniform();
  }
  return rows;
}

EndRows Without(const EndRows& rows, Index left_out) {
  const Index n = rows.residuals.size();
  EndRows others{MatrixXd(n - 1, rows.features.cols()), VectorXd(n - 1), VectorXd(n - 1)};
  for (Index i = 0; i < n; ++i) {
    if (i == left_out) continue;
    const Index to = i < left_out ? i : i - 1;
    others.features.row(to) = rows.features.row(i);
    others.residuals[to] = rows.residuals[i];
    others.precisions[to] = rows.precisions[i];
  }
  return others;
}

TEST(EndCost, HasTheGradientOfItsDifferences) {
  const EndRows rows = SomeRows(8);
  const Vector3d at(std::log(0.7), std::log(1.3), std::log(0.2));
  const auto cost = [&](const Vector3d& logs, Vector3d& gradient) {
    return *EndCost(
        rows, {.lengthscale = std::exp(logs[0]), .variance = std::exp(logs[1]), .nugget = std::exp(logs[2])}, gradient);
  };
  Vector3d gradient, unused;
  cost(at, gradient);
  for (Index i = 0; i < 3; ++i) {
    constexpr double kStep = 1e-5;
    Vector3d above = at, below = at;
    above[i] += kStep;
    below[i] -= kStep;
    EXPECT_NEAR(gradient[i], (cost(above, unused) - cost(below, unused)) / (2 * kStep), 1e-6) << i;
  }
}

TEST(EndGp, LeavesARowOutAsIfItHadNeverBeenThere) {
  const EndRows rows = SomeRows(12);
  const EndKernel kernel{.lengthscale = 0.6, .variance = 1.1, .nugget = 0.1};
  const auto all = EndGp::Make(rows, kernel);
  for (const Index i : {0, 5, 11}) {
    const Gaussian cavity = all->WithoutOwn(i);
    const Gaussian refit = EndGp::Make(Without(rows, i), kernel)->At(rows.features.row(i).transpose());
    EXPECT_NEAR(cavity.mean, refit.mean, 1e-10);
    EXPECT_NEAR(cavity.variance, refit.variance, 1e-10);
  }
}

TEST(EndGp, LearnsWhatDependsOnTheParameters) {
  const auto gp = EndGp::Fit(SomeRows(100), nullptr);
  ASSERT_TRUE(gp.has_value());
  const Gaussian here = gp->At(Eigen::Vector2d(0.4, 0.5));
  EXPECT_NEAR(here.mean, std::sin(1.6), 0.15);
  EXPECT_LT(here.variance, 0.15);
}

TEST(EndGp, FollowsATrendBeyondItsRows) {
  EndRows rows = SomeRows(40);
  rows.features.col(0) *= 0.5;
  rows.residuals = 3 * rows.features.col(0);
  const auto gp = EndGp::Make(rows, {.lengthscale = 0.3, .variance = 0.1, .nugget = 0.01});
  EXPECT_GT(gp->At(Eigen::Vector2d(0.9, 0.5)).mean, 1) << "where r is 0 again";
}

TEST(EndGp, IsThePopulationWithoutParameters) {
  EndRows rows = SomeRows(100);
  rows.features.resize(100, 0);
  const auto gp = EndGp::Fit(rows, nullptr);
  ASSERT_TRUE(gp.has_value());
  const Gaussian any = gp->At(VectorXd());
  EXPECT_NEAR(any.mean, rows.residuals.mean(), 0.1);
  EXPECT_GT(any.variance, 0.1);
}

TEST(EndGp, CanBeCancelled) {
  EXPECT_FALSE(EndGp::Fit(SomeRows(5), [] { return true; }).has_value());
}

}  // namespace
}  // namespace photinus
