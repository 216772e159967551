#include "server/stopping/tsgp/curve_likelihood.h"

#include <cmath>

#include "Eigen/Cholesky"

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::ArrayXXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// kappa at some times, and its derivatives by log alpha and log beta.
struct KappaSlopes {
  ArrayXXd value, by_alpha, by_beta;
};

// In place of a power per element, a logarithm and an exponential: log kappa = -alpha log1p(u / beta).
KappaSlopes SlopesAt(const ArrayXXd& times, double alpha, double beta) {
  KappaSlopes k;
  const ArrayXXd log_kappa = -alpha * (times / beta + 1).log();
  k.value = log_kappa.exp();
  k.by_alpha = k.value * log_kappa;
  k.by_beta = k.value * (alpha * times / (times + beta));
  return k;
}

double Trace(const MatrixXd& h, const ArrayXXd& by) { return (h.array() * by).sum(); }

}  // namespace

DecayParameters FromTheta(const Theta& theta, const SharedParameters& shared) {
  return {.asymptote = theta[0],
          .amplitude = theta[1],
          .spread = std::exp(theta[2]),
          .alpha = std::exp(theta[3]),
          .beta = std::exp(theta[4]),
          .coupling = shared.coupling};
}

std::optional<double> CurveCost(const CurveData& data, const Theta& theta, const SharedParameters& shared,
                                CurveGradient& gradient) {
  const DecayParameters p = FromTheta(theta, shared);
  const Index n = data.size();
  const double square = p.amplitude * p.amplitude, spread = p.spread * p.spread;
  const double sigma2 = std::exp(2 * shared.log_sigma), tau2 = std::exp(2 * shared.log_nugget);
  const KappaSlopes k1 = SlopesAt(data.times, p.alpha, p.beta);
  const KappaSlopes k2 = SlopesAt(data.times.replicate(1, n) + data.times.transpose().replicate(n, 1), p.alpha, p.beta);
  const VectorXd k = k1.value.matrix().col(0);
  const VectorXd loading = 1 - p.coupling * k.array();
  MatrixXd covariance =
      (square + spread) * k2.value.matrix() - square * k * k.transpose() + tau2 * loading * loading.transpose();
  covariance.diagonal().array() += sigma2 / data.counts;
  const Eigen::LLT<MatrixXd> factor(covariance);
  if (factor.info() != Eigen::Success) return std::nullopt;
  const VectorXd residual = (data.values - p.asymptote).matrix() - p.amplitude * k;
  const VectorXd g = factor.solve(residual);
  const double cost = 0.5 * residual.dot(g) + factor.matrixLLT().diagonal().array().log().sum() +
                      0.5 * static_cast<double>(n) * std::log(2 * M_PI);
  if (!std::isfinite(cost)) return std::nullopt;
  // H = (C^-1 - g g') / 2: dcost = -g' dmu + tr(H dC).
  const MatrixXd h = 0.5 * (factor.solve(MatrixXd::Identity(n, n)) - g * g.transpose());
  const double by_k2 = Trace(h, k2.value);
  const VectorXd h_loading = h * loading;
  // By kappa itself, where it stands in -square k k' + tau2 loading loading'.
  const VectorXd by_k = -2 * (square * (h * k) + tau2 * p.coupling * h_loading);
  gradient[0] -= g.sum();
  gradient[1] += -g.dot(k) + 2 * p.amplitude * (by_k2 - k.dot(h * k));
  gradient[2] += 2 * spread * by_k2;
  gradient[3] += -p.amplitude * g.dot(k1.by_alpha.matrix().col(0)) + (square + spread) * Trace(h, k2.by_alpha) +
                 by_k.dot(k1.by_alpha.matrix().col(0));
  gradient[4] += -p.amplitude * g.dot(k1.by_beta.matrix().col(0)) + (square + spread) * Trace(h, k2.by_beta) +
                 by_k.dot(k1.by_beta.matrix().col(0));
  gradient[5] += 2 * sigma2 * (h.diagonal().array() / data.counts).sum();
  gradient[6] += 2 * tau2 * loading.dot(h_loading);
  gradient[7] -= 2 * tau2 * k.dot(h_loading);
  return cost;
}

}  // namespace photinus
