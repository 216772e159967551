// The density of one learning curve as a function of its kernel's parameters, with the gradient.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_CURVE_LIKELIHOOD_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_CURVE_LIKELIHOOD_H_

#include <optional>

#include "Eigen/Core"
#include "server/stopping/tsgp/decay_kernel.h"
#include "server/stopping/tsgp/time_buckets.h"

namespace photinus {

// Kernel parameters as the optimiser sees them: (m, a, log s, log alpha, log beta).
inline constexpr Eigen::Index kThetaSize = 5;
using Theta = Eigen::Matrix<double, kThetaSize, 1>;

// What all curves of a study have in common.
inline constexpr Eigen::Index kSharedSize = 5;
struct SharedParameters {
  double log_sigma = -2;   // of a measurement
  double log_nugget = -1;  // tau: of the asymptote about m
  double coupling = 0;     // rho
  double slowing = 0;      // gamma
  double own_rate = 1;     // eta
};

DecayParameters FromTheta(const Theta& theta, const SharedParameters& shared);

// -log N(y; m + a kappa(t), A + tau^2 h h'), whose derivatives by theta and the shared parameters are added to
// `gradient` = (theta, log sigma, log tau, rho, gamma, eta). nullopt: the covariance is not positive definite in
// floating point.
using CurveGradient = Eigen::Matrix<double, kThetaSize + kSharedSize, 1>;
std::optional<double> CurveCost(const CurveData& data, const Theta& theta, const SharedParameters& shared,
                                CurveGradient& gradient);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_CURVE_LIKELIHOOD_H_
