#include "server/stopping/tsgp/decay_kernel.h"

#include <cmath>

namespace photinus {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

// cov(f-free y) between all times and one other, without sigma^2.
VectorXd DecayCovarianceTo(const ArrayXd& times, double other, const DecayParameters& p) {
  const double square = std::pow(p.own_rate * p.amplitude, 2);
  const double kappa_other = std::pow(p.beta / (other + p.beta), p.alpha);
  return (square + p.spread * p.spread) * Kappa(times + other, p.alpha, p.beta) -
         square * kappa_other * Kappa(times, p.alpha, p.beta);
}

}  // namespace

ArrayXd Kappa(const ArrayXd& times, double alpha, double beta) {
  return (alpha * (std::log(beta) - (times + beta).log())).exp();
}

ArrayXd KappaByLogBeta(const ArrayXd& times, double alpha, double beta) {
  return Kappa(times, alpha, beta) * (alpha * times / (times + beta));
}

ArrayXd Loading(const ArrayXd& times, const DecayParameters& p) {
  return 1 - p.coupling * Kappa(times, p.alpha, p.beta) +
         p.amplitude * p.slowing * KappaByLogBeta(times, p.alpha, p.beta);
}

MatrixXd DecayCovariance(const ArrayXd& times, const DecayParameters& p) {
  const Index n = times.size();
  MatrixXd covariance(n, n);
  for (Index j = 0; j < n; ++j) {
    covariance.col(j).tail(n - j) = DecayCovarianceTo(times.tail(n - j), times[j], p);
    covariance.row(j).tail(n - j) = covariance.col(j).tail(n - j).transpose();
  }
  return covariance;
}

}  // namespace photinus
