#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_LATENCY_TABLE_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_LATENCY_TABLE_H_

#include <string>
#include <vector>

namespace photinus {

struct LatencyCase {
  std::string algorithm, problem;
  int trials = 0;
};

// Measures every case, each in a process of its own, one after the other, with the Cholesky probe before and after;
// prints a table as it goes and appends a JSON line for each to `output`. Returns how many measurements failed.
int PrintLatencies(const std::vector<LatencyCase>& cases, int suggestions, const std::string& label,
                   const std::string& output);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_LATENCY_TABLE_H_
