#include "common/base/quantile.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace photinus {

double Quantile(std::vector<double> values, double q) {
  const double position = q * static_cast<double>(values.size() - 1);
  const double below = std::floor(position);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(values.begin(), at, values.end());
  if (position == below) return *at;
  return std::lerp(*at, *std::min_element(at + 1, values.end()), position - below);
}

double RobustDeviation(const std::vector<double>& values) {
  constexpr double kInterquartileRange = 1.349;  // of a standard normal
  return (Quantile(values, 0.75) - Quantile(values, 0.25)) / kInterquartileRange;
}

}  // namespace photinus
