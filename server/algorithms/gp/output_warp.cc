#include "server/algorithms/gp/output_warp.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "server/algorithms/gp/outliers.h"

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXd;

constexpr double kFarthest = 1e9;    // robust standard deviations from the median
constexpr double kRounding = 1e-14;  // differences of values that count as none, relative
constexpr double kClearly = 1;       // robust standard deviations between a threshold and what is clearly below it

// What worse values count as: where some of them are outliers the worst of the others, or else what would be one.
double WorstOfOrdinary(const std::vector<double>& sorted) {
  const double outlying = OutlierBound(sorted);
  return sorted.front() < outlying ? *std::lower_bound(sorted.begin(), sorted.end(), outlying) : outlying;
}

double YeoJohnson(double y, double lambda) {
  if (y >= 0) return std::abs(lambda) < 1e-9 ? std::log1p(y) : std::expm1(lambda * std::log1p(y)) / lambda;
  const double mirrored = 2 - lambda;
  return std::abs(mirrored) < 1e-9 ? -std::log1p(-y) : -std::expm1(mirrored * std::log1p(-y)) / mirrored;
}

double InverseYeoJohnson(double w, double lambda) {
  if (w >= 0) {
    if (std::abs(lambda) < 1e-9) return std::expm1(w);
    return lambda * w <= -1 ? INFINITY : std::expm1(std::log1p(lambda * w) / lambda);
  }
  const double mirrored = 2 - lambda;
  if (std::abs(mirrored) < 1e-9) return -std::expm1(-w);
  return -mirrored * w <= -1 ? -INFINITY : -std::expm1(std::log1p(-mirrored * w) / mirrored);
}

ArrayXd YeoJohnsonLogJacobian(const ArrayXd& y, double lambda) { return (lambda - 1) * y.sign() * (1 + y.abs()).log(); }

double YeoJohnsonLogLikelihood(const ArrayXd& y, double lambda) {
  const ArrayXd w = y.unaryExpr([&](double v) { return YeoJohnson(v, lambda); });
  const double variance = (w - w.mean()).square().mean();
  if (!(variance > 0) || !std::isfinite(variance)) return -std::numeric_limits<double>::infinity();
  return -0.5 * static_cast<double>(y.size()) * std::log(variance) + YeoJohnsonLogJacobian(y, lambda).sum();
}

// A grid, then golden sections around its best: the likelihood may have several maxima.
double BestLambda(const ArrayXd& y) {
  constexpr double kLow = -4, kHigh = 8, kStep = 0.5;
  double best = 1, best_value = -std::numeric_limits<double>::infinity();
  for (double lambda = kLow; lambda <= kHigh; lambda += kStep) {
    const double value = YeoJohnsonLogLikelihood(y, lambda);
    if (value > best_value) std::tie(best, best_value) = std::pair(lambda, value);
  }
  const double golden = 0.5 * (std::sqrt(5.0) - 1);
  double low = best - kStep, high = best + kStep;
  for (int i = 0; i < 20; ++i) {
    const double left = high - golden * (high - low), right = low + golden * (high - low);
    if (YeoJohnsonLogLikelihood(y, left) > YeoJohnsonLogLikelihood(y, right)) {
      high = right;
    } else {
      low = left;
    }
  }
  return 0.5 * (low + high);
}

// What is left of `warp` before the power transform: median 0 and robust scale 1.
ArrayXd RobustScale(const OutputWarp& warp, const VectorXd& values) {
  return ((values.array() / warp.unit - warp.centre) / warp.spread).max(warp.worst).min(kFarthest);
}

ArrayXd Power(const OutputWarp& warp, ArrayXd y) {
  if (warp.kind == WarpKind::kStandardise) return y;
  return y.unaryExpr([&](double v) { return YeoJohnson(v, warp.lambda); });
}

}  // namespace

VectorXd OutputWarp::Apply(const VectorXd& values) const {
  if (spread == 0) return VectorXd::Zero(values.size());
  return ((Power(*this, RobustScale(*this, values)) - mean) / deviation).max(-kFarthest).min(kFarthest);
}

double OutputWarp::Invert(double warped) const {
  if (spread == 0) return centre * unit;
  double y = warped * deviation + mean;
  if (kind == WarpKind::kYeoJohnson) y = InverseYeoJohnson(y, lambda);
  return (y * spread + centre) * unit;
}

VectorXd OutputWarp::LogJacobian(const VectorXd& values) const {
  if (spread == 0) return VectorXd::Zero(values.size());
  ArrayXd log_jacobian = ArrayXd::Constant(values.size(), -std::log(deviation));
  if (kind == WarpKind::kYeoJohnson) log_jacobian += YeoJohnsonLogJacobian(RobustScale(*this, values), lambda);
  return log_jacobian;
}

OutputWarp FitWarp(WarpKind kind, const VectorXd& values, std::optional<double> threshold) {
  OutputWarp warp{.kind = kind};
  warp.unit = std::max(values.cwiseAbs().maxCoeff(), std::numeric_limits<double>::min());
  ArrayXd y = values.array() / warp.unit;
  std::vector<double> sorted(y.begin(), y.end());
  std::sort(sorted.begin(), sorted.end());
  const double range = sorted.back() - sorted.front();
  warp.centre = QuantileOfSorted(sorted, 0.5);
  if (!(range > kRounding)) return warp;
  warp.spread = (QuantileOfSorted(sorted, 0.75) - QuantileOfSorted(sorted, 0.25)) / 1.349;
  const double rounding =
      kRounding * std::max(std::abs(QuantileOfSorted(sorted, 0.25)), std::abs(QuantileOfSorted(sorted, 0.75)));
  const double to_threshold = threshold.has_value() ? *threshold / warp.unit - warp.centre : 0;
  const bool mostly_equal = warp.spread <= rounding;
  if (mostly_equal) {
    warp.spread = std::sqrt((y - y.mean()).square().mean());
    if (to_threshold != 0) warp.spread = std::min(warp.spread, std::abs(to_threshold));
  }
  warp.worst = (WorstOfOrdinary(sorted) - warp.centre) / warp.spread;
  if (threshold.has_value()) warp.worst = std::min(warp.worst, to_threshold / warp.spread - kClearly);
  warp.worst = std::max(warp.worst, -kFarthest);
  y = RobustScale(warp, values);
  // Of two values any power is as likely, and some leave nothing of the way between the threshold and what is below.
  const bool bends = kind == WarpKind::kYeoJohnson && !(mostly_equal && threshold.has_value());
  if (bends) warp.lambda = BestLambda(y);
  y = Power(warp, std::move(y));
  warp.mean = y.mean();
  warp.deviation = std::sqrt((y - warp.mean).square().mean());
  if (!(warp.deviation > 0) || !std::isfinite(warp.deviation)) warp.spread = 0;
  return warp;
}

}  // namespace photinus
