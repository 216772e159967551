#include "server/algorithms/firefly/brightness.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "common/base/random.h"

namespace photinus::firefly {
namespace {

constexpr double kSumShare = 0.05;  // of a scalarisation; the rest is the largest distance

}  // namespace

void GoalRanges::Include(const std::vector<double>& goals) {
  if (lowest.empty()) lowest = highest = goals;
  for (size_t k = 0; k < goals.size(); ++k) {
    lowest[k] = std::min(lowest[k], goals[k]);
    highest[k] = std::max(highest[k], goals[k]);
  }
}

Brightness::Brightness(const GoalRanges& ranges, int64_t fly_id) : ranges_(ranges) {
  if (ranges.lowest.size() < 2) return;
  weights_.assign(ranges.lowest.size(), 1);
  if (fly_id != 0) {
    Random random(static_cast<uint64_t>(fly_id));
    for (double& w : weights_) w = -std::log1p(-random.Uniform());
  }
  const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  for (double& w : weights_) w /= total;
}

double Brightness::operator()(const std::vector<double>& goals) const {
  if (weights_.empty()) return goals[0];
  double largest = 0, sum = 0;
  for (size_t k = 0; k < goals.size(); ++k) {
    // Halves, because the difference of two finite numbers may not be finite.
    const double range = ranges_.highest[k] / 2 - ranges_.lowest[k] / 2;
    const double gap = ranges_.highest[k] / 2 - goals[k] / 2;
    const double distance = weights_[k] * gap / std::max(range, std::numeric_limits<double>::min());
    largest = std::max(largest, distance);
    sum += distance;
  }
  return -((1 - kSumShare) * largest + kSumShare * sum);
}

}  // namespace photinus::firefly
