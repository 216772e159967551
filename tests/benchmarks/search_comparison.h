// Runs of search algorithms, and the statistics of paired runs.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_COMPARISON_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_COMPARISON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/benchmarks/search_workloads.h"

namespace photinus {

// One sequential search.
struct SearchRun {
  std::vector<double> regrets;  // of each trial
  double best = 0;              // simple regret at the end
  double seconds = 0;           // in suggestions
};

// Aborts if the algorithm fails: a benchmark has nothing to say then.
SearchRun RunSearch(const std::string& algorithm, const Workload& workload, int trials, uint64_t seed);

// Two-sided p value of Wilcoxon's signed-rank test, exact over all sign patterns; zeros are dropped, ties share ranks.
double WilcoxonSignedRank(const std::vector<double>& differences);

double Mean(const std::vector<double>& values);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_COMPARISON_H_
