#include "server/stopping/tsgp/curve_likelihood.h"

#include <cmath>

#include "Eigen/Cholesky"

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// kappa at some times, and its derivatives by log alpha and log beta.
struct KappaSlopes {
  ArrayXd value, by_alpha, by_beta;
};

// In place of a power per element, a logarithm and an exponential: log kappa = -alpha log1p(u / beta).
KappaSlopes SlopesAt(const ArrayXd& times, double alpha, double beta) {
  KappaSlopes k;
  const ArrayXd log_kappa = -alpha * (times / beta + 1).log();
  k.value = log_kappa.exp();
  k.by_alpha = k.value * log_kappa;
  k.by_beta = k.value * (alpha * times / (times + beta));
  return k;
}

// The lower triangle of a symmetric matrix, column by column.
template <typename Entry>
ArrayXd LowerTriangle(Index n, const Entry& entry) {
  ArrayXd lower(n * (n + 1) / 2);
  Index at = 0;
  for (Index j = 0; j < n; ++j) {
    for (Index i = j; i < n; ++i) lower[at++] = entry(i, j);
  }
  return lower;
}

}  // namespace

DecayParameters FromTheta(const Theta& theta, const SharedParameters& shared) {
  return {.asymptote = theta[0],
          .amplitude = theta[1],
          .spread = std::exp(theta[2]),
          .alpha = std::exp(theta[3]),
          .beta = std::exp(theta[4]),
          .coupling = shared.coupling,
          .slowing = shared.slowing,
          .own_rate = shared.own_rate};
}

std::optional<double> CurveCost(const CurveData& data, const Theta& theta, const SharedParameters& shared,
                                CurveGradient& gradient) {
  const DecayParameters p = FromTheta(theta, shared);
  const Index n = data.size();
  const double square = std::pow(p.own_rate * p.amplitude, 2), spread = p.spread * p.spread;
  const double sigma2 = std::exp(2 * shared.log_sigma), tau2 = std::exp(2 * shared.log_nugget);
  const KappaSlopes k1 = SlopesAt(data.times, p.alpha, p.beta);
  const KappaSlopes k2 =
      SlopesAt(LowerTriangle(n, [&](Index i, Index j) { return data.times[i] + data.times[j]; }), p.alpha, p.beta);
  const VectorXd k = k1.value;
  const double bend = p.amplitude * p.slowing;
  const VectorXd loading = 1 - p.coupling * k1.value + bend * k1.by_beta;
  MatrixXd covariance(n, n);  // its lower triangle, as that is what the factor is made of
  for (Index j = 0, at = 0; j < n; at += n - j, ++j) {
    covariance.col(j).tail(n - j) = (square + spread) * k2.value.segment(at, n - j).matrix() -
                                    square * k[j] * k.tail(n - j) + tau2 * loading[j] * loading.tail(n - j);
  }
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
  const ArrayXd h_lower = LowerTriangle(n, [&](Index i, Index j) { return i == j ? h(i, j) : 2 * h(i, j); });
  const double by_k2 = (h_lower * k2.value).sum();
  const VectorXd h_loading = h * loading;
  // By kappa and kappa_beta themselves, where they stand in -square k k' + tau2 loading loading'.
  const VectorXd by_k = -2 * (square * (h * k) + tau2 * p.coupling * h_loading);
  const ArrayXd by_k_beta = 2 * tau2 * h_loading.array() * k1.by_beta;  // times kappa_beta
  const ArrayXd gone = data.times / (data.times + p.beta);
  gradient[0] -= g.sum();
  const double by_own_square = by_k2 - k.dot(h * k);
  gradient[1] += -g.dot(k) + 2 * p.own_rate * p.own_rate * p.amplitude * by_own_square + p.slowing * by_k_beta.sum();
  gradient[2] += 2 * spread * by_k2;
  gradient[3] += -p.amplitude * g.dot(k1.by_alpha.matrix()) + (square + spread) * (h_lower * k2.by_alpha).sum() +
                 by_k.dot(k1.by_alpha.matrix()) +
                 bend * (by_k_beta * (1 - p.alpha * (data.times / p.beta + 1).log())).sum();
  gradient[4] += -p.amplitude * g.dot(k1.by_beta.matrix()) + (square + spread) * (h_lower * k2.by_beta).sum() +
                 by_k.dot(k1.by_beta.matrix()) + bend * (by_k_beta * (p.alpha * gone - (1 - gone))).sum();
  gradient[5] += 2 * sigma2 * (h.diagonal().array() / data.counts).sum();
  gradient[6] += 2 * tau2 * loading.dot(h_loading);
  gradient[7] -= 2 * tau2 * k.dot(h_loading);
  gradient[8] += p.amplitude * by_k_beta.sum();
  gradient[9] += 2 * p.own_rate * p.amplitude * p.amplitude * by_own_square;
  return cost;
}

}  // namespace photinus
