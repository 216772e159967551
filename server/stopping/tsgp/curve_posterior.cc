#include "server/stopping/tsgp/curve_posterior.h"

#include <algorithm>
#include <cmath>

namespace photinus {
namespace {

using Eigen::VectorXd;

const double kLogTwoPi = std::log(2 * M_PI);

}  // namespace

std::optional<CurvePosterior> CurvePosterior::Make(const CurveData& data, const DecayParameters& parameters,
                                                   double noise_variance) {
  CurvePosterior posterior;
  posterior.data_ = data;
  posterior.parameters_ = parameters;
  posterior.noise_variance_ = noise_variance;
  if (data.size() == 0) return posterior;
  Eigen::MatrixXd covariance = DecayCovariance(data.times, parameters);
  covariance.diagonal().array() += noise_variance / data.counts;
  posterior.factor_.compute(covariance);
  if (posterior.factor_.info() != Eigen::Success) return std::nullopt;
  const auto lower = posterior.factor_.matrixL();
  const VectorXd& u = posterior.u_ = lower.solve(VectorXd::Ones(data.size()));
  const VectorXd& w = posterior.w_ =
      lower.solve((data.values - parameters.amplitude * Kappa(data.times, parameters.alpha, parameters.beta)).matrix());
  posterior.precision_ = u.squaredNorm();
  posterior.asymptote_ = u.dot(w) / posterior.precision_;
  posterior.log_density_ =
      -0.5 * (w.squaredNorm() - posterior.precision_ * posterior.asymptote_ * posterior.asymptote_) -
      posterior.factor_.matrixLLT().diagonal().array().log().sum() -
      0.5 * static_cast<double>(data.size() - 1) * kLogTwoPi - 0.5 * std::log(posterior.precision_);
  return posterior;
}

Gaussian CurvePosterior::Predict(const Gaussian& asymptote, double time) const {
  const DecayParameters& p = parameters_;
  const Eigen::ArrayXd at = Eigen::ArrayXd::Constant(1, time);
  const double mean = p.amplitude * Kappa(at, p.alpha, p.beta)[0];
  const double variance = DecayCovariance(at, p)(0, 0) + noise_variance_;
  if (data_.size() == 0) return {asymptote.mean + mean, asymptote.variance + variance};
  const VectorXd z = factor_.matrixL().solve(DecayCovarianceTo(data_.times, time, p));
  const double after = 1 / (1 / asymptote.variance + precision_);
  const double f = asymptote.mean + after * u_.dot(w_ - asymptote.mean * u_);
  const double missing = 1 - z.dot(u_);
  return {f + mean + z.dot(w_ - f * u_),
          std::max(variance - z.squaredNorm(), noise_variance_) + after * missing * missing};
}

}  // namespace photinus
