#include "server/algorithms/gp/posterior.h"

#include <algorithm>
#include <cmath>

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kMinVariance = 1e-18;

}  // namespace

Posterior::Posterior(const Factor& factor, const VectorXd& values, double mean)
    : factor_(factor), values_(values), mean_(mean), alpha_(factor.Solve((values.array() - mean).matrix())) {}

Posterior::Cross Posterior::CrossTo(const MatrixXd& unwarped, bool with_slopes) const {
  const KernelParameters& p = parameters();
  const MatrixXd features = p.input_warp.Apply(factor_.groups(), unwarped);
  Cross cross;
  cross.scaled = features * factor_.inverse_lengthscales().asDiagonal();
  cross.covariance = Matern(factor_.scaled(), cross.scaled, with_slopes ? &cross.slope : nullptr);
  cross.covariance *= p.signal_variance;
  cross.prior = VectorXd::Constant(features.rows(), p.signal_variance);
  if (with_slopes) cross.warped = features;
  if (!factor_.has_trend()) return cross;
  const Trend& trend = factor_.trend();
  const MatrixXd basis = trend.Basis(features);
  cross.covariance +=
      p.trend_variance * trend.Covariance(factor_.trend_basis(), basis, with_slopes ? &cross.trend_slope : nullptr);
  cross.prior += p.trend_variance * trend.Variance(basis);
  if (with_slopes) {
    cross.trend_slope *= p.trend_variance;
    cross.prior_gradient = trend.ByFeatures(features, p.trend_variance * trend.VarianceByBasis(basis));
  }
  return cross;
}

Posterior::Prediction Posterior::Predict(const MatrixXd& features) const {
  const Cross cross = CrossTo(features, /*with_slopes=*/false);
  Prediction prediction;
  prediction.mean = (cross.covariance.transpose() * alpha_).array() + mean_;
  const MatrixXd whitened = factor_.Whiten(cross.covariance);
  prediction.variance = (cross.prior - whitened.colwise().squaredNorm().transpose()).cwiseMax(kMinVariance);
  return prediction;
}

Posterior::Prediction Posterior::Bound(const MatrixXd& features) const {
  const Cross cross = CrossTo(features, /*with_slopes=*/false);
  Prediction prediction;
  prediction.mean = (cross.covariance.transpose() * alpha_).array() + mean_;
  prediction.variance.resize(features.rows());
  const VectorXd precisions = factor_.observation_variances().cwiseInverse();
  for (Index j = 0; j < features.rows(); ++j) {
    const double told = cross.covariance.col(j).cwiseAbs2().cwiseProduct(precisions).maxCoeff();
    prediction.variance[j] = std::max(cross.prior[j] - told, kMinVariance);
  }
  return prediction;
}

VectorXd Posterior::Mean(const MatrixXd& features) const {
  return (CrossTo(features, /*with_slopes=*/false).covariance.transpose() * alpha_).array() + mean_;
}

// K alpha = values - mean - noise alpha.
VectorXd Posterior::MeanAtRows() const { return values_ - parameters().noise_variance * alpha_; }

// With noise n and Q = (K + n I)^-1:  K - K Q K = n - n^2 Q  (on the diagonal).
VectorXd Posterior::VarianceAtRows() const {
  const double noise = parameters().noise_variance;
  return (noise - noise * noise * factor_.PrecisionDiagonal().array()).max(kMinVariance);
}

// Row j: sum_i w_ij dk_i/dx_j with dk_i/dx = -s slope_i (x - z_i) / l^2 + trend_slope_i d(basis.basis_i)/dx.
MatrixXd Posterior::WeightedGradient(const Cross& cross, const MatrixXd& weights) const {
  const MatrixXd v = parameters().signal_variance * cross.slope.cwiseProduct(weights);
  MatrixXd gradient = v.transpose() * factor_.scaled();
  const VectorXd sums = v.colwise().sum().transpose();
  gradient -= sums.asDiagonal() * cross.scaled;
  gradient.array().rowwise() *= factor_.inverse_lengthscales().transpose().array();
  if (factor_.has_trend()) {
    gradient += factor_.trend().ByFeatures(cross.warped,
                                           cross.trend_slope.cwiseProduct(weights).transpose() * factor_.trend_basis());
  }
  return gradient;
}

Posterior::Gradient Posterior::PredictWithGradient(const MatrixXd& features) const {
  const Cross cross = CrossTo(features, /*with_slopes=*/true);
  const MatrixXd whitened = factor_.Whiten(cross.covariance);
  const MatrixXd weights = factor_.WhitenTransposed(whitened);
  Gradient result;
  result.mean = (cross.covariance.transpose() * alpha_).array() + mean_;
  result.variance = (cross.prior - whitened.colwise().squaredNorm().transpose()).cwiseMax(kMinVariance);
  result.mean_gradient = WeightedGradient(cross, alpha_.replicate(1, features.rows()));
  result.variance_gradient = -2 * WeightedGradient(cross, weights);
  if (factor_.has_trend()) result.variance_gradient += cross.prior_gradient;
  const InputWarp& warp = parameters().input_warp;
  if (warp.is_identity()) return result;
  const MatrixXd slope = warp.Slope(factor_.groups(), features);
  result.mean_gradient.array() *= slope.array();
  result.variance_gradient.array() *= slope.array();
  return result;
}

}  // namespace photinus
