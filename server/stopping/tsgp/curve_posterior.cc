#include "server/stopping/tsgp/curve_posterior.h"

#include <cmath>

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const double kLogTwoPi = std::log(2 * M_PI);

ArrayXd ExpectedValues(const ArrayXd& times, const DecayParameters& p) {
  return p.asymptote + p.amplitude * Kappa(times, p.alpha, p.beta);
}

// k between all pairs.
MatrixXd CurveCovariance(const ArrayXd& times, const DecayParameters& p) {
  const VectorXd loading = Loading(times, p);
  return DecayCovariance(times, p) + CurvePosterior::kAsymptoteVariance * loading * loading.transpose();
}

}  // namespace

double ExpectedEnd(const DecayParameters& p) { return ExpectedValues(ArrayXd::Ones(1), p)[0]; }

std::optional<CurvePosterior> CurvePosterior::Make(const CurveData& data, const DecayParameters& parameters,
                                                   double noise_variance) {
  CurvePosterior posterior;
  posterior.times_ = data.times;
  posterior.noise_variance_ = noise_variance;
  const Index n = data.size();
  ArrayXd times(n + 1);
  times << data.times, 1;
  const MatrixXd all = CurveCovariance(times, parameters);
  const VectorXd with_end = all.col(n).head(n), loading = with_end / all(n, n);
  MatrixXd covariance = all.topLeftCorner(n, n) - with_end * loading.transpose();
  covariance.diagonal().array() += noise_variance / data.counts;
  posterior.factor_.compute(covariance);
  if (posterior.factor_.info() != Eigen::Success) return std::nullopt;
  if (n == 0) return posterior;
  const auto lower = posterior.factor_.matrixL();
  const ArrayXd expected = ExpectedValues(data.times, parameters) - ExpectedEnd(parameters) * loading.array();
  posterior.u_ = lower.solve(loading);
  posterior.w_ = lower.solve((data.values - expected).matrix());
  const VectorXd &u = posterior.u_, &w = posterior.w_;
  posterior.precision_ = u.squaredNorm();
  posterior.end_ = u.dot(w) / posterior.precision_;
  posterior.log_density_ = -0.5 * (w.squaredNorm() - posterior.precision_ * posterior.end_ * posterior.end_) -
                           posterior.factor_.matrixLLT().diagonal().array().log().sum() -
                           0.5 * static_cast<double>(n - 1) * kLogTwoPi - 0.5 * std::log(posterior.precision_);
  return posterior;
}

// Of y = E y + (g - mu) c + size * step + e, whitened, and without the direction of g.
std::vector<CurvePosterior::Step> CurvePosterior::Steps() const {
  const Index n = times_.size();
  std::vector<Step> steps;
  for (Index first = kBesideStep; first + kBesideStep <= n; ++first) {
    VectorXd step = VectorXd::Zero(n);
    step.tail(n - first).setOnes();
    factor_.matrixL().solveInPlace(step);
    step -= step.dot(u_) / precision_ * u_;
    const double information = step.squaredNorm();
    if (!(information > 0)) continue;
    steps.push_back({times_[first], step.dot(w_) / information, 1 / std::sqrt(information)});
  }
  return steps;
}

Gaussian CurvePosterior::Predict(const Gaussian& end) const { return PredictWithout(end, 1, {}).front(); }

std::vector<Gaussian> CurvePosterior::PredictWithout(const Gaussian& end, Index prefixes,
                                                     const Discrepancies& discrepancies) const {
  std::vector<Gaussian> predictions;
  for (Index n = times_.size(); n >= 0 && std::ssize(predictions) < prefixes; --n) {
    Gaussian g = end;
    const double precision = u_.head(n).squaredNorm();
    if (precision > 0 && end.variance > 0) {
      const double seen = u_.head(n).dot(w_.head(n)) / precision;
      g = Product(end, discrepancies.At(times_[n - 1]).Corrected(seen, precision));
    }
    predictions.push_back({g.mean, g.variance + noise_variance_});
  }
  return predictions;
}

}  // namespace photinus
