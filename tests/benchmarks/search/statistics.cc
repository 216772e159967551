#include "tests/benchmarks/search/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "common/base/random.h"

namespace photinus {
namespace {

constexpr int kResamples = 2000;

}  // namespace

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double WilcoxonSignedRank(const std::vector<double>& differences) {
  std::vector<double> sorted;
  std::copy_if(differences.begin(), differences.end(), std::back_inserter(sorted), [](double d) { return d != 0; });
  std::sort(sorted.begin(), sorted.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  std::vector<size_t> doubled_ranks(sorted.size());  // twice the rank: integers even where ranks are shared
  for (size_t i = 0; i < sorted.size();) {
    size_t end = i;
    while (end < sorted.size() && std::abs(sorted[end]) == std::abs(sorted[i])) ++end;
    for (size_t k = i; k < end; ++k) doubled_ranks[k] = i + 1 + end;
    i = end;
  }
  const size_t total = std::accumulate(doubled_ranks.begin(), doubled_ranks.end(), size_t{0});
  std::vector<double> distribution(total + 1, 0);  // of the doubled sum of positive ranks
  distribution[0] = 1;
  size_t observed = 0, reached = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const size_t rank = doubled_ranks[i];
    reached += rank;
    for (size_t sum = reached + 1; sum-- > 0;) {
      distribution[sum] = 0.5 * (distribution[sum] + (sum >= rank ? distribution[sum - rank] : 0));
    }
    if (sorted[i] > 0) observed += rank;
  }
  const size_t extreme = std::min(observed, total - observed);
  return std::min(1.0, 2 * std::accumulate(distribution.begin(),
                                           distribution.begin() + static_cast<std::ptrdiff_t>(extreme) + 1, 0.0));
}

std::vector<double> HolmAdjusted(const std::vector<double>& p_values) {
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (size_t k = 0; k < order.size(); ++k) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(order.size() - k) * p_values[order[k]]));
    adjusted[order[k]] = largest;
  }
  return adjusted;
}

Interval BootstrapMean(const std::vector<std::vector<double>>& groups, uint64_t seed) {
  Random random(seed);
  std::vector<double> means;
  for (int resample = 0; resample < kResamples; ++resample) {
    double sum = 0;
    for (size_t g = 0; g < groups.size(); ++g) {
      const std::vector<double>& group = groups[random.Below(groups.size())];
      double group_sum = 0;
      for (size_t i = 0; i < group.size(); ++i) group_sum += group[random.Below(group.size())];
      sum += group_sum / static_cast<double>(group.size());
    }
    means.push_back(sum / static_cast<double>(groups.size()));
  }
  return {.low = Quantile(means, 0.025), .high = Quantile(means, 0.975)};
}

}  // namespace photinus
