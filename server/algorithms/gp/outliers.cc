#include "server/algorithms/gp/outliers.h"

#include <algorithm>
#include <cstddef>

namespace photinus {
namespace {

constexpr double kFew = 0.1;      // share of values that may be outliers,
constexpr double kOutlying = 30;  // which are so far below the others, in ranges of those

}  // namespace

double QuantileOfSorted(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double share = position - static_cast<double>(below);
  return sorted[below] * (1 - share) + sorted[above] * share;
}

double OutlierBound(const std::vector<double>& sorted) {
  const double most = QuantileOfSorted(sorted, kFew);
  return most - kOutlying * (sorted.back() - most);
}

}  // namespace photinus
