#include "server/algorithms/cma_es/margin.h"

#include <algorithm>
#include <cmath>

#include "boost/math/special_functions/erf.hpp"

namespace photinus {
namespace {

constexpr double kLeastShare = 1e-12;  // of the distribution in a cell that is drawn from

double NormalCdf(double z) { return 0.5 * std::erfc(-z * M_SQRT1_2); }
double NormalQuantile(double p) { return -M_SQRT2 * boost::math::erfc_inv(2 * p); }

// Hamano et al. 2022, equations 15-20: probabilities below alpha / 2 are raised to it, the others give what that takes.
Marginal BetweenTwoBorders(const Marginal& m, const Cell& cell, double alpha) {
  const double least = alpha / 2;
  const double below = NormalCdf((cell.low - m.mean) / m.deviation);
  const double above = NormalCdf((m.mean - cell.high) / m.deviation);
  if (below >= least && above >= least) return m;
  const double low = std::max(below, least), high = std::max(above, least), inside = std::max(1 - below - above, least);
  const double excess = (1 - low - high - inside) / (low + high + inside - 3 * least);
  const double low_quantile = NormalQuantile(low + excess * (low - least));
  const double high_quantile = -NormalQuantile(high + excess * (high - least));
  const double deviation = (cell.high - cell.low) / (high_quantile - low_quantile);
  return {.mean = cell.low - deviation * low_quantile, .deviation = deviation};
}

}  // namespace

Marginal WithMargin(const Marginal& m, const Cell& cell, double alpha) {
  const bool first = std::isinf(cell.low), last = std::isinf(cell.high);
  if (first && last) return m;
  if (!first && !last) return BetweenTwoBorders(m, cell, alpha);
  const double farthest = -NormalQuantile(alpha) * m.deviation;  // from the border, for probability alpha beyond it
  if (first) return {.mean = std::max(m.mean, cell.high - farthest), .deviation = m.deviation};
  return {.mean = std::min(m.mean, cell.low + farthest), .deviation = m.deviation};
}

double DrawWithin(const Marginal& m, const Cell& cell, double uniform) {
  if (cell.low > m.mean) {  // mirrored into the lower tail, where probabilities are exact
    return -DrawWithin({.mean = -m.mean, .deviation = m.deviation}, {.low = -cell.high, .high = -cell.low}, uniform);
  }
  const double low = NormalCdf((cell.low - m.mean) / m.deviation);
  const double high = NormalCdf((cell.high - m.mean) / m.deviation);
  if (high - low < kLeastShare) return std::clamp(m.mean, cell.low, cell.high);
  const double share = std::clamp(low + uniform * (high - low), kLeastShare * kLeastShare, 1 - kLeastShare);
  return std::clamp(m.mean + m.deviation * NormalQuantile(share), cell.low, cell.high);
}

}  // namespace photinus
