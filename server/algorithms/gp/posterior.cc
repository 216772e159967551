#include "server/algorithms/gp/posterior.h"

#include <algorithm>
#include <cmath>

#include "Eigen/Cholesky"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::Lower;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kAttempts = 5;
constexpr double kJitterFactor = 100;
constexpr double kMinVariance = 1e-18;

// The trend kernel's factor 1 / (1 + F/3), whose square scales (1 + u.u')^2.
double TrendScale(Index columns) { return 1 / (1 + static_cast<double>(columns) / 3); }

}  // namespace

std::optional<Posterior> Posterior::Make(const MatrixXd& features, const FeatureGroups& groups, const VectorXd& values,
                                         const KernelParameters& parameters, double mean) {
  Posterior p;
  p.features_ = features;
  p.parameters_ = parameters;
  p.mean_ = mean;
  p.inverse_lengthscales_ = InverseLengthscales(groups, parameters.lengthscales);
  p.scaled_ = features * p.inverse_lengthscales_.asDiagonal();
  MatrixXd covariance, slope;
  SymmetricMatern(p.scaled_, covariance, slope);
  covariance *= parameters.signal_variance;
  if (parameters.trend_variance > 0) {
    covariance += parameters.trend_variance * QuadraticKernel(features, features);
    p.centred_ = 2 * features.array() - 1;
  }
  double noise = parameters.noise_variance;
  for (int attempt = 0; attempt < kAttempts; ++attempt, noise *= kJitterFactor) {
    p.factor_ = covariance;
    p.factor_.diagonal().array() += noise;
    const Eigen::LLT<Eigen::Ref<MatrixXd>, Lower> llt(p.factor_);
    if (llt.info() != Eigen::Success) continue;
    p.parameters_.noise_variance = noise;
    p.alpha_ = llt.solve((values.array() - mean).matrix());
    if (p.alpha_.allFinite()) return p;
  }
  return std::nullopt;
}

VectorXd Posterior::Mean(const MatrixXd& features) const {
  MatrixXd cross =
      parameters_.signal_variance * Matern(features * inverse_lengthscales_.asDiagonal(), scaled_, nullptr);
  if (parameters_.trend_variance > 0) cross += parameters_.trend_variance * QuadraticKernel(features, features_);
  return (cross * alpha_).array() + mean_;
}

Posterior::Prediction Posterior::Predict(const MatrixXd& features) const {
  MatrixXd cross =
      parameters_.signal_variance * Matern(scaled_, features * inverse_lengthscales_.asDiagonal(), nullptr);
  VectorXd prior = VectorXd::Constant(features.rows(), parameters_.signal_variance);
  if (parameters_.trend_variance > 0) {
    cross += parameters_.trend_variance * QuadraticKernel(features_, features);
    const Eigen::ArrayXd norms = (2 * features.array() - 1).square().rowwise().sum();
    prior.array() += parameters_.trend_variance * (TrendScale(features.cols()) * (1 + norms)).square();
  }
  Prediction prediction;
  prediction.mean = (cross.transpose() * alpha_).array() + mean_;
  factor_.triangularView<Lower>().solveInPlace(cross);
  prediction.variance = (prior - cross.colwise().squaredNorm().transpose()).cwiseMax(kMinVariance);
  return prediction;
}

// sum_i w_i dk_i/dx with dk_i/dx = -s slope_i (x - z_i) / l^2 + trend_slope_i 2 u_i.
VectorXd Posterior::WeightedGradient(const VectorXd& scaled, const VectorXd& slope, const VectorXd& trend_slope,
                                     const VectorXd& weights) const {
  const VectorXd v = parameters_.signal_variance * slope.cwiseProduct(weights);
  const VectorXd difference = v.sum() * scaled - scaled_.transpose() * v;
  VectorXd gradient = -difference.cwiseProduct(inverse_lengthscales_);
  if (trend_slope.size() > 0) gradient += 2 * centred_.transpose() * trend_slope.cwiseProduct(weights);
  return gradient;
}

Posterior::Gradient Posterior::PredictWithGradient(const VectorXd& features) const {
  MatrixXd slope;
  const VectorXd scaled = features.cwiseProduct(inverse_lengthscales_);
  VectorXd cross = parameters_.signal_variance * Matern(scaled_, scaled.transpose(), &slope).col(0);
  double prior = parameters_.signal_variance;
  VectorXd prior_gradient = VectorXd::Zero(features.size());
  VectorXd trend_slope;  // d trend / d (u.u')
  if (parameters_.trend_variance > 0) {
    const VectorXd centred = 2 * features.array() - 1;
    const double factor = parameters_.trend_variance * TrendScale(features.size()) * TrendScale(features.size());
    const VectorXd products = (centred_ * centred).array() + 1;
    cross += factor * products.cwiseAbs2();
    trend_slope = 2 * factor * products;
    const double norm = 1 + centred.squaredNorm();
    prior += factor * norm * norm;
    prior_gradient = 8 * factor * norm * centred;
  }
  const VectorXd whitened = factor_.triangularView<Lower>().solve(cross);
  const VectorXd weights = factor_.triangularView<Lower>().transpose().solve(whitened);
  Gradient result;
  result.mean = mean_ + cross.dot(alpha_);
  result.variance = std::max(prior - whitened.squaredNorm(), kMinVariance);
  result.mean_gradient = WeightedGradient(scaled, slope.col(0), trend_slope, alpha_);
  result.variance_gradient = prior_gradient - 2 * WeightedGradient(scaled, slope.col(0), trend_slope, weights);
  return result;
}

}  // namespace photinus
