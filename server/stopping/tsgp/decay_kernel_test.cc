#include "server/stopping/tsgp/decay_kernel.h"

#include <gtest/gtest.h>

#include <cmath>

#include "Eigen/Eigenvalues"
#include "common/base/random.h"

namespace photinus {
namespace {

using Eigen::ArrayXd;

TEST(Kappa, IsOneAtZeroAndTheMeanOfExponentials) {
  const ArrayXd kappa = Kappa(ArrayXd::LinSpaced(2, 0, 7), 2, 5);
  EXPECT_DOUBLE_EQ(kappa[0], 1);
  EXPECT_NEAR(kappa[1], 0.17361, 1e-5);
  // lambda ~ Gamma(2, rate 5) is the sum of two exponentials.
  Random random(1);
  double sum = 0;
  constexpr int kDraws = 200000;
  for (int i = 0; i < kDraws; ++i) {
    const double lambda = -(std::log(1 - random.Uniform()) + std::log(1 - random.Uniform())) / 5;
    sum += std::exp(-7 * lambda) / kDraws;
  }
  EXPECT_NEAR(kappa[1], sum, 3e-3);
}

TEST(Loading, IsHowTheMeanOfACurveGrowsWithItsAsymptote) {
  const DecayParameters p{.amplitude = -3, .alpha = 1.3, .beta = 0.2, .coupling = 0.6, .slowing = 0.4};
  const ArrayXd times = ArrayXd::LinSpaced(5, 0, 1);
  const auto mean = [&](double more) -> ArrayXd {  // of a curve whose asymptote is so much more
    return more + (p.amplitude - p.coupling * more) * Kappa(times, p.alpha, p.beta * std::exp(p.slowing * more));
  };
  constexpr double kStep = 1e-6;
  EXPECT_TRUE(Loading(times, p).isApprox((mean(kStep) - mean(-kStep)) / (2 * kStep), 1e-8));
}

TEST(DecayCovariance, IsThatOfRandomExponentials) {
  const DecayParameters p{.amplitude = -1.5, .spread = 0.7, .alpha = 2, .beta = 0.4, .own_rate = 0.8};
  const ArrayXd times = ArrayXd::LinSpaced(2, 0.1, 0.6), kappa = Kappa(times, p.alpha, p.beta);
  Random random(2);
  Eigen::Vector2d mean = Eigen::Vector2d::Zero();
  Eigen::Matrix2d second = Eigen::Matrix2d::Zero();
  constexpr int kDraws = 400000;
  for (int i = 0; i < kDraws; ++i) {
    const double lambda = -(std::log(1 - random.Uniform()) + std::log(1 - random.Uniform())) / p.beta;
    const Eigen::Vector2d y = p.amplitude * (1 - p.own_rate) * kappa +
                              (p.amplitude * p.own_rate + p.spread * random.Normal()) * (-lambda * times).exp();
    mean += y / kDraws;
    second += y * y.transpose() / kDraws;
  }
  EXPECT_TRUE(mean.isApprox((p.amplitude * kappa).matrix(), 1e-2));
  const Eigen::Matrix2d covariance = second - mean * mean.transpose();
  EXPECT_TRUE(covariance.isApprox(DecayCovariance(times, p), 2e-2)) << covariance;
}

TEST(DecayCovariance, IsSymmetricAndHasNoNegativeEigenvalue) {
  const DecayParameters p{.amplitude = -4, .spread = 0.3, .alpha = 0.7, .beta = 0.1};
  const ArrayXd times = ArrayXd::LinSpaced(30, 0.02, 1);
  const Eigen::MatrixXd covariance = DecayCovariance(times, p);
  EXPECT_GT(Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(covariance).eigenvalues().minCoeff(), -1e-12);
  EXPECT_TRUE(covariance.isApprox(covariance.transpose()));
}

}  // namespace
}  // namespace photinus
