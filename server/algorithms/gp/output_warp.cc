#include "server/algorithms/gp/output_warp.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXd;

constexpr double kFarthest = 1e9;  // robust standard deviations from the median

// A sorted copy's value at share `q`.
double Quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double share = position - static_cast<double>(below);
  return sorted[below] * (1 - share) + sorted[above] * share;
}

// Median 0 and robust scale 1; all 0 if the values are all equal.
ArrayXd RobustScale(const VectorXd& values) {
  const double largest = std::max(values.cwiseAbs().maxCoeff(), std::numeric_limits<double>::min());
  ArrayXd y = values.array() / largest;  // no square or difference can overflow now
  std::vector<double> sorted(y.begin(), y.end());
  std::sort(sorted.begin(), sorted.end());
  double scale = (Quantile(sorted, 0.75) - Quantile(sorted, 0.25)) / 1.349;
  if (scale < 1e-9 * (sorted.back() - sorted.front())) scale = std::sqrt((y - y.mean()).square().mean());
  if (!(sorted.back() - sorted.front() > 1e-14)) return ArrayXd::Zero(values.size());
  return ((y - Quantile(sorted, 0.5)) / scale).max(-kFarthest).min(kFarthest);
}

// Mean 0 and variance 1; takes the stretch into the Jacobian.
void Standardise(ArrayXd& y, ArrayXd& log_jacobian) {
  const double deviation = std::sqrt((y - y.mean()).square().mean());
  if (!(deviation > 0) || !std::isfinite(deviation)) {
    y.setZero();
    log_jacobian.setZero();
    return;
  }
  y = (y - y.mean()).eval() / deviation;
  log_jacobian -= std::log(deviation);
}

double YeoJohnson(double y, double lambda) {
  if (y >= 0) return std::abs(lambda) < 1e-9 ? std::log1p(y) : std::expm1(lambda * std::log1p(y)) / lambda;
  const double mirrored = 2 - lambda;
  return std::abs(mirrored) < 1e-9 ? -std::log1p(-y) : -std::expm1(mirrored * std::log1p(-y)) / mirrored;
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

}  // namespace

WarpedValues Warp(WarpKind kind, const VectorXd& values) {
  ArrayXd y = RobustScale(values);
  ArrayXd log_jacobian = ArrayXd::Zero(y.size());
  if ((y == 0).all()) return {y, log_jacobian};
  if (kind == WarpKind::kYeoJohnson) {
    const double lambda = BestLambda(y);
    log_jacobian = YeoJohnsonLogJacobian(y, lambda);
    y = y.unaryExpr([&](double v) { return YeoJohnson(v, lambda); }).eval();
  }
  Standardise(y, log_jacobian);
  return {y, log_jacobian};
}

}  // namespace photinus
