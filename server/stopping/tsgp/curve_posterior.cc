#include "server/stopping/tsgp/curve_posterior.h"

#include <algorithm>
#include <cmath>

namespace photinus {
namespace {

using Eigen::Index;
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
  const Eigen::ArrayXd loading = Loading(data.times, parameters);
  const Eigen::ArrayXd rest = parameters.asymptote * (1 - loading) +
                              parameters.amplitude * Kappa(data.times, parameters.alpha, parameters.beta);
  posterior.u_ = lower.solve(loading.matrix());
  posterior.w_ = lower.solve((data.values - rest).matrix());
  const VectorXd &u = posterior.u_, &w = posterior.w_;
  posterior.precision_ = u.squaredNorm();
  posterior.asymptote_ = u.dot(w) / posterior.precision_;
  posterior.log_density_ =
      -0.5 * (w.squaredNorm() - posterior.precision_ * posterior.asymptote_ * posterior.asymptote_) -
      posterior.factor_.matrixLLT().diagonal().array().log().sum() -
      0.5 * static_cast<double>(data.size() - 1) * kLogTwoPi - 0.5 * std::log(posterior.precision_);
  return posterior;
}

std::vector<CurvePosterior::Prefix> CurvePosterior::PrefixesAt(double time, Index prefixes) const {
  const DecayParameters& p = parameters_;
  const Eigen::ArrayXd at = Eigen::ArrayXd::Constant(1, time);
  const double loading = Loading(at, p)[0];
  const double rest = p.asymptote * (1 - loading) + p.amplitude * Kappa(at, p.alpha, p.beta)[0];
  const double variance = DecayCovariance(at, p)(0, 0) + noise_variance_;
  VectorXd z;
  if (data_.size() > 0) z = factor_.matrixL().solve(DecayCovarianceTo(data_.times, time, p));
  std::vector<Prefix> result;
  for (Index n = data_.size(); n >= 0 && std::ssize(result) < prefixes; --n) {
    const auto u = u_.head(n), w = w_.head(n);
    const auto k = z.head(n);
    Prefix prefix{.at = {.constant = rest + k.dot(w),
                         .slope = loading - k.dot(u),
                         .variance = std::max(variance - k.squaredNorm(), noise_variance_)},
                  .precision = u.squaredNorm()};
    if (n > 0) prefix.asymptote = u.dot(w) / prefix.precision;
    if (n > 0) prefix.last_time = data_.times[n - 1];
    result.push_back(prefix);
  }
  return result;
}

CurvePosterior::GivenAsymptote CurvePosterior::At(double time) const { return PrefixesAt(time, 1).front().at; }

// Of y = m (1 - h) + a kappa + f h + size * step + e, whitened, and without the direction of f.
std::vector<CurvePosterior::Step> CurvePosterior::Steps() const {
  const Index n = data_.size();
  std::vector<Step> steps;
  for (Index first = kBesideStep; first + kBesideStep <= n; ++first) {
    VectorXd step = VectorXd::Zero(n);
    step.tail(n - first).setOnes();
    factor_.matrixL().solveInPlace(step);
    step -= step.dot(u_) / precision_ * u_;
    const double information = step.squaredNorm();
    if (!(information > 0)) continue;
    steps.push_back({data_.times[first], step.dot(w_) / information, 1 / std::sqrt(information)});
  }
  return steps;
}

Gaussian CurvePosterior::Predict(const Gaussian& asymptote, double time) const {
  return PredictWithout(asymptote, time, 1, {}).front();
}

std::vector<Gaussian> CurvePosterior::PredictWithout(const Gaussian& asymptote, double time, Index prefixes,
                                                     const Discrepancies& discrepancies) const {
  std::vector<Gaussian> predictions;
  for (const Prefix& prefix : PrefixesAt(time, prefixes)) {
    Gaussian f = asymptote;
    if (prefix.precision > 0 && asymptote.variance > 0) {
      f = Product(asymptote, discrepancies.At(prefix.last_time).Corrected(prefix.asymptote, prefix.precision));
    }
    const GivenAsymptote& at = prefix.at;
    predictions.push_back({at.constant + at.slope * f.mean, at.variance + at.slope * at.slope * f.variance});
  }
  return predictions;
}

}  // namespace photinus
