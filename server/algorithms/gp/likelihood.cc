#include "server/algorithms/gp/likelihood.h"

#include <cmath>

#include "Eigen/Cholesky"
#include "server/algorithms/gp/triangular.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::Lower;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const double kLogTwoPi = std::log(2 * M_PI);

// sum_ij a_ij b_ij of two symmetric matrices given by their lower triangles.
double SymmetricDot(const MatrixXd& a, const MatrixXd& b) {
  double sum = 0;
  const Index n = a.rows();
  for (Index j = 0; j < n; ++j) {
    sum += a(j, j) * b(j, j) + 2 * a.col(j).tail(n - j - 1).dot(b.col(j).tail(n - j - 1));
  }
  return sum;
}

}  // namespace

VectorXd ToLogParameters(const KernelParameters& p) {
  const Index groups = p.lengthscales.size();
  const Index others = p.trend != TrendKind::kNone ? 3 : 2;
  VectorXd log_parameters(groups + others + 2 * p.input_warp.a.size());
  log_parameters.head(groups) = p.lengthscales.array().log();
  log_parameters[groups] = std::log(p.signal_variance);
  log_parameters[groups + 1] = std::log(p.noise_variance);
  if (p.trend != TrendKind::kNone) log_parameters[groups + 2] = std::log(p.trend_variance);
  if (!p.input_warp.is_identity()) {
    log_parameters.segment(groups + others, groups) = p.input_warp.a.array().log();
    log_parameters.tail(groups) = p.input_warp.b.array().log();
  }
  return log_parameters;
}

KernelParameters FromLogParameters(const VectorXd& log_parameters, int groups, TrendKind trend, bool warps_inputs) {
  KernelParameters p;
  p.lengthscales = log_parameters.head(groups).array().exp();
  p.signal_variance = std::exp(log_parameters[groups]);
  p.noise_variance = std::exp(log_parameters[groups + 1]);
  p.trend = trend;
  p.trend_variance = trend == TrendKind::kNone ? 0 : std::exp(log_parameters[groups + 2]);
  if (warps_inputs) {
    p.input_warp.a = log_parameters.tail(2 * groups).head(groups).array().exp();
    p.input_warp.b = log_parameters.tail(groups).array().exp();
  }
  return p;
}

MarginalLikelihood::MarginalLikelihood(const MatrixXd& features, const FeatureGroups& groups, const VectorXd& values,
                                       TrendKind trend, bool warps_inputs)
    : groups_(groups), features_(features), values_(values), trend_(trend), warps_inputs_(warps_inputs) {}

bool MarginalLikelihood::FillCovariance(const KernelParameters& p) {
  warped_ = p.input_warp.Apply(groups_, features_);
  scaled_ = warped_ * InverseLengthscales(groups_, p.lengthscales).asDiagonal();
  SymmetricMatern(scaled_, covariance_, slope_);
  covariance_ *= p.signal_variance;
  if (has_trend()) {
    const Trend trend(trend_, groups_, p.lengthscales);
    trend_basis_ = trend.Basis(warped_);
    trend_covariance_ = trend.Covariance(trend_basis_, trend_basis_, &trend_slope_);
    covariance_ += p.trend_variance * trend_covariance_;
  }
  covariance_.diagonal().array() += p.noise_variance;
  return covariance_.allFinite();
}

// With N = t (alpha alpha^T - K^-1) o slope it is half the derivative of sum_ij N_ij (b_i . b_j).
void MarginalLikelihood::AddTrendGradient(const KernelParameters& p, Value& value) {
  MatrixXd& n = trend_slope_;
  const Index rows = n.rows();
  for (Index j = 0; j < rows; ++j) {
    n.col(j).tail(rows - j).array() *=
        p.trend_variance * (alpha_[j] * alpha_.tail(rows - j) - covariance_.col(j).tail(rows - j)).array();
  }
  const MatrixXd product = n.selfadjointView<Lower>() * trend_basis_;
  const VectorXd column_sums = product.cwiseProduct(trend_basis_).colwise().sum().transpose();
  const Trend trend(trend_, groups_, p.lengthscales);
  value.gradient.head(static_cast<Index>(groups_.size())) += 0.5 * trend.ByLogLengthscales(column_sums);
  if (warps_inputs_) by_warped_ += trend.ByFeatures(warped_, product);
}

// dK/dlog l_g = s slope o D_g, D_g the squared scaled distances in group g, so that with M = (alpha alpha^T - K^-1) o
// slope all groups come from one product:  1/2 sum_ij M_ij (z_i - z_j)^2 = sum_i z_i^2 (M 1)_i - z^T M z.
void MarginalLikelihood::FillLengthscaleGradient(const KernelParameters& p, Value& value) {
  MatrixXd& m = slope_;
  const Index n = m.rows();
  for (Index j = 0; j < n; ++j) {
    m.col(j).tail(n - j).array() *=
        p.signal_variance * (alpha_[j] * alpha_.tail(n - j) - covariance_.col(j).tail(n - j)).array();
  }
  MatrixXd ones_and_features(n, scaled_.cols() + 1);
  ones_and_features << scaled_, VectorXd::Ones(n);
  const MatrixXd product = m.selfadjointView<Lower>() * ones_and_features;
  const VectorXd row_sums = product.col(scaled_.cols());
  for (size_t g = 0; g < groups_.size(); ++g) {
    double sum = 0;
    for (Index c = groups_[g].first; c < groups_[g].first + groups_[g].size; ++c) {
      sum += scaled_.col(c).cwiseAbs2().dot(row_sums) - scaled_.col(c).dot(product.col(c));
    }
    value.gradient[static_cast<Index>(g)] = sum;
  }
  if (!warps_inputs_) return;
  by_warped_ = (product.leftCols(scaled_.cols()) - row_sums.asDiagonal() * scaled_) *
               InverseLengthscales(groups_, p.lengthscales).asDiagonal();
}

std::optional<MarginalLikelihood::Value> MarginalLikelihood::Evaluate(const VectorXd& log_parameters,
                                                                      bool leave_one_out) {
  const int groups = static_cast<int>(groups_.size());
  const Index n = values_.size();
  const KernelParameters p = FromLogParameters(log_parameters, groups, trend_, warps_inputs_);
  if (!log_parameters.allFinite() || !FillCovariance(p)) return std::nullopt;
  Eigen::LLT<Eigen::Ref<MatrixXd>, Lower> llt(covariance_);
  if (llt.info() != Eigen::Success) return std::nullopt;
  Value value;
  const double log_determinant = 2 * covariance_.diagonal().array().log().sum();
  const VectorXd whitened_ones = covariance_.triangularView<Lower>().solve(VectorXd::Ones(n));
  const VectorXd whitened_values = covariance_.triangularView<Lower>().solve(values_);
  value.mean = whitened_ones.dot(whitened_values) / whitened_ones.squaredNorm();
  const VectorXd whitened = whitened_values - value.mean * whitened_ones;
  value.log_likelihood = -0.5 * (whitened.squaredNorm() + log_determinant + static_cast<double>(n) * kLogTwoPi);
  if (!std::isfinite(value.log_likelihood)) return std::nullopt;
  alpha_ = covariance_.triangularView<Lower>().transpose().solve(whitened);

  InvertLowerInPlace(covariance_);
  GramOfLowerInPlace(covariance_);
  value.gradient.resize(parameters());
  // 1/2 (|alpha|^2 - tr K^-1) is the derivative by the noise variance; the derivative by the signal variance is what is
  // left of 1/2 (alpha^T K alpha - tr K^-1 K) once noise and trend are taken off.
  const double by_noise = 0.5 * p.noise_variance * (alpha_.squaredNorm() - covariance_.diagonal().sum());
  const double quadratic_form = alpha_.dot(has_trend() ? VectorXd(trend_covariance_ * alpha_) : VectorXd::Zero(n));
  const double by_trend =
      has_trend() ? 0.5 * p.trend_variance * (quadratic_form - SymmetricDot(covariance_, trend_covariance_)) : 0;
  const double total = 0.5 * (alpha_.dot(values_) - value.mean * alpha_.sum() - static_cast<double>(n));
  value.gradient[groups] = total - by_noise - by_trend;
  value.gradient[groups + 1] = by_noise;
  if (has_trend()) value.gradient[groups + 2] = by_trend;
  if (leave_one_out) {
    value.left_out_variance = covariance_.diagonal().cwiseInverse();
    value.left_out_mean = values_ - alpha_.cwiseProduct(value.left_out_variance);
  }
  FillLengthscaleGradient(p, value);
  if (has_trend()) AddTrendGradient(p, value);
  if (warps_inputs_) value.gradient.tail(2 * groups) = p.input_warp.ByLogParameters(groups_, features_, by_warped_);
  return value;
}

}  // namespace photinus
