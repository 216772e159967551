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
};

// continuous, noisy, mixed, nas, conditional, batch, multiobjective, long: of the functions that algorithms were not
// tuned on; development: of those that they were; gate: what CI runs.
const std::vector<Suite>& Suites();
// Null if there is none.
const Suite* FindSuite(const std::string& name);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_SUITES_H_
