#include "server/algorithms/cma_es/cma_distribution.h"

#include <algorithm>
#include <cmath>

#include "Eigen/Eigenvalues"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kMinLength = 1e-150;    // of an axis of C, against division by zero
constexpr double kLeastUsable = 1e-100;  // of a deviation
constexpr double kMostUsable = 1e100;
constexpr double kLargestDeviation = 1;  // of a coordinate: the whole range; wider ones would only hit the bounds

}  // namespace

CmaDistribution CmaDistribution::Begin(const VectorXd& mean, double sigma) {
  const Index n = mean.size();
  return {.mean = mean,
          .sigma = sigma,
          .scale = VectorXd::Ones(n),
          .covariance = MatrixXd::Identity(n, n),
          .path_sigma = VectorXd::Zero(n),
          .path_c = VectorXd::Zero(n)};
}

VectorXd CmaDistribution::Deviations() const {
  return sigma * scale.cwiseProduct(covariance.diagonal().cwiseMax(0).cwiseSqrt());
}

CmaFactor::CmaFactor(const CmaDistribution& distribution) : distribution_(distribution) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(distribution.covariance);
  basis_ = solver.eigenvectors();
  lengths_ = solver.eigenvalues().cwiseMax(0).cwiseSqrt().cwiseMax(kMinLength);
}

VectorXd CmaFactor::Transform(const VectorXd& normal) const {
  const VectorXd y = basis_ * lengths_.cwiseProduct(normal);
  return distribution_.mean + distribution_.sigma * distribution_.scale.cwiseProduct(y);
}

VectorXd CmaFactor::Whiten(const VectorXd& y) const {
  return basis_ * (basis_.transpose() * y).cwiseQuotient(lengths_);
}

VectorXd CmaFactor::Step(const VectorXd& x) const {
  const VectorXd y = (x - distribution_.mean).cwiseQuotient(distribution_.scale) / distribution_.sigma;
  const auto n = static_cast<double>(y.size());
  const double longest = std::sqrt(n) + 2 * n / (n + 2);
  const double length = Whiten(y).norm();
  return length > longest ? VectorXd(y * (longest / length)) : y;
}

double CmaFactor::Condition() const {
  const double ratio = lengths_.maxCoeff() / lengths_.minCoeff();
  return ratio * ratio;
}

bool IsUsable(const CmaDistribution& d) {
  const Eigen::ArrayXd deviations = d.Deviations();
  return d.mean.allFinite() && std::isfinite(d.covariance.squaredNorm()) &&
         (deviations > kLeastUsable && deviations < kMostUsable).all();
}

void Update(const CmaParameters& p, const MatrixXd& points, CmaDistribution& d) {
  const CmaFactor factor(d);
  MatrixXd steps(p.n, p.lambda);
  for (Index i = 0; i < p.lambda; ++i) steps.col(i) = factor.Step(points.col(i));
  const VectorXd mean_step = steps.leftCols(p.mu) * p.weights.head(p.mu);
  d.mean += d.sigma * d.scale.cwiseProduct(mean_step);

  ++d.generation;
  d.path_sigma =
      (1 - p.c_sigma) * d.path_sigma + std::sqrt(p.c_sigma * (2 - p.c_sigma) * p.mu_eff) * factor.Whiten(mean_step);
  const double length = d.path_sigma.norm();
  const double settled = std::sqrt(1 - std::pow(1 - p.c_sigma, 2.0 * static_cast<double>(d.generation)));
  const bool h_sigma = length / settled < (1.4 + 2.0 / (p.n + 1)) * p.chi_n;
  d.path_c *= 1 - p.c_c;
  if (h_sigma) d.path_c += std::sqrt(p.c_c * (2 - p.c_c) * p.mu_eff) * mean_step;

  VectorXd weights = p.weights;
  for (Index i = p.mu; i < p.lambda; ++i)
    weights[i] *= p.n / std::max(factor.Whiten(steps.col(i)).squaredNorm(), 1e-12);
  const double forgotten = h_sigma ? 0 : p.c_1 * p.c_c * (2 - p.c_c);
  d.covariance *= 1 + forgotten - p.c_1 - p.c_mu * p.weights.sum();
  d.covariance += p.c_1 * d.path_c * d.path_c.transpose();
  d.covariance += p.c_mu * steps * weights.asDiagonal() * steps.transpose();
  d.covariance = 0.5 * (d.covariance + d.covariance.transpose().eval());

  d.sigma *= std::exp(std::min(1.0, p.c_sigma / p.d_sigma * (length / p.chi_n - 1)));
  d.sigma *= std::min(1.0, kLargestDeviation / d.Deviations().maxCoeff());
}

}  // namespace photinus
