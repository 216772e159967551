#include "server/stopping/tsgp/curve_likelihood.h"

#include <gtest/gtest.h>

#include <cmath>

#include "Eigen/Cholesky"
#include "server/stopping/tsgp/curve_posterior.h"

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;

const CurveData kData{ArrayXd::LinSpaced(6, 0.1, 0.6), (ArrayXd(6) << -1.2, -0.4, -0.1, 0.3, 0.2, 0.5).finished(),
                      (ArrayXd(6) << 1, 1, 1, 2, 3, 4).finished()};
const Theta kTheta = (Theta() << 0.4, -1.5, std::log(0.8), std::log(1.3), std::log(0.25)).finished();
const SharedParameters kShared{
    .log_sigma = std::log(0.2), .log_nugget = std::log(0.6), .coupling = 0.7, .slowing = 0.3, .own_rate = 0.6};

double Cost(const CurveGradient& all) {
  CurveGradient unused = CurveGradient::Zero();
  return *CurveCost(
      kData, all.head<kThetaSize>(),
      {.log_sigma = all[5], .log_nugget = all[6], .coupling = all[7], .slowing = all[8], .own_rate = all[9]}, unused);
}

TEST(CurveCost, IsTheDensityOfThePseudoObservation) {
  SharedParameters shared = kShared;
  shared.log_nugget = 0.5 * std::log(CurvePosterior::kAsymptoteVariance);
  CurveGradient gradient = CurveGradient::Zero();
  const double cost = *CurveCost(kData, kTheta, shared, gradient);
  const DecayParameters parameters = FromTheta(kTheta, shared);
  const auto posterior = CurvePosterior::Make(kData, parameters, std::exp(2 * shared.log_sigma));
  const ArrayXd end = ArrayXd::Ones(1);
  const double variance = DecayCovariance(end, parameters)(0, 0) +
                          CurvePosterior::kAsymptoteVariance * std::pow(Loading(end, parameters)[0], 2) +
                          1 / posterior->precision();
  const double residual = posterior->end() - ExpectedEnd(parameters);
  const double log_density =
      posterior->log_density() - 0.5 * residual * residual / variance - 0.5 * std::log(2 * M_PI * variance);
  EXPECT_NEAR(cost, -log_density, 1e-8);
}

TEST(CurveCost, HasTheGradientOfItsDifferences) {
  CurveGradient at, gradient = CurveGradient::Zero();
  at << kTheta, kShared.log_sigma, kShared.log_nugget, kShared.coupling, kShared.slowing, kShared.own_rate;
  CurveCost(kData, kTheta, kShared, gradient);
  for (Index i = 0; i < at.size(); ++i) {
    constexpr double kStep = 1e-5;
    CurveGradient above = at, below = at;
    above[i] += kStep;
    below[i] -= kStep;
    EXPECT_NEAR(gradient[i], (Cost(above) - Cost(below)) / (2 * kStep), 1e-6) << i;
  }
}

TEST(CurveCost, AddsToTheGradient) {
  CurveGradient once = CurveGradient::Zero(), more = CurveGradient::Ones();
  CurveCost(kData, kTheta, kShared, once);
  CurveCost(kData, kTheta, kShared, more);
  EXPECT_TRUE((once.array() + 1).isApprox(more.array()));
}

}  // namespace
}  // namespace photinus
