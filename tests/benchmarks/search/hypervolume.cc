#include "tests/benchmarks/search/hypervolume.h"

#include <algorithm>
#include <cstddef>

namespace photinus {
namespace {

using Points = std::vector<std::vector<double>>;

bool WeaklyDominates(const std::vector<double>& a, const std::vector<double>& b) {
  for (size_t k = 0; k < a.size(); ++k) {
    if (a[k] > b[k]) return false;
  }
  return true;
}

// The measure of what the first `objectives` coordinates dominate.
double Dominated(Points points, const std::vector<double>& reference, size_t objectives) {
  const size_t last = objectives - 1;
  std::sort(points.begin(), points.end(), [last](const auto& a, const auto& b) { return a[last] < b[last]; });
  if (objectives == 1) return points.empty() ? 0 : reference[0] - points[0][0];
  double volume = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    const double depth = (i + 1 < points.size() ? points[i + 1][last] : reference[last]) - points[i][last];
    if (depth > 0) volume += depth * Dominated(Points(points.begin(), points.begin() + i + 1), reference, last);
  }
  return volume;
}

}  // namespace

void ParetoFront::Add(const std::vector<double>& value) {
  for (size_t k = 0; k < reference_.size(); ++k) {
    if (!(value[k] < reference_[k])) return;
  }
  for (const std::vector<double>& point : points_) {
    if (WeaklyDominates(point, value)) return;
  }
  std::erase_if(points_, [&](const std::vector<double>& point) { return WeaklyDominates(value, point); });
  points_.push_back(value);
  hypervolume_ = Dominated(points_, reference_, reference_.size());
}

}  // namespace photinus
