// Statistics of paired comparisons.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_STATISTICS_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_STATISTICS_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "common/base/quantile.h"

namespace photinus {

// values is not empty.
double Mean(const std::vector<double>& values);
// The same.
inline double Median(std::vector<double> values) { return Quantile(std::move(values), 0.5); }

// Two-sided p value of Wilcoxon's signed-rank test, exact over all sign patterns; zeros are dropped, ties share ranks.
double WilcoxonSignedRank(const std::vector<double>& differences);

// p values of several tests, adjusted so that the chance of any false finding stays below the level. [Holm 1979]
std::vector<double> HolmAdjusted(const std::vector<double>& p_values);

struct Interval {
  double low = 0, high = 0;
};

// A 95 % interval of the mean over groups of the means within: resamples groups, then values within. No group is empty.
Interval BootstrapMean(const std::vector<std::vector<double>>& groups, uint64_t seed);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_STATISTICS_H_
