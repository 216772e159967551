// Which problems are run for how long.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_SUITES_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_SUITES_H_

#include <string>
#include <vector>

namespace photinus {

struct Suite {
  std::string name;
  std::vector<std::string> problems;
  int trials = 100;
  int batch = 1;
  int seeds = 20;
  std::vector<int> other_trials = {};  // lengths that it is run at, too, by --trials
};

// Algorithms are tuned on BBOB functions f1, f3, f6, ... (suite development) and judged on the others: continuous,
// noisy, mixed, batch, long, very-long, firefly. Of nas, conditional, constrained and multiobjective there are too few
// problems to part them: they are for both, with seeds below 1,000 for tuning and greater ones for judging. gate: what
// CI runs, on development functions with seeds from 9,001.
const std::vector<Suite>& Suites();
// Null if there is none.
const Suite* FindSuite(const std::string& name);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_SUITES_H_
