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

// development: of the functions that algorithms were tuned on; gate: what CI runs; all others: of functions that they
// were not tuned on.
const std::vector<Suite>& Suites();
// Null if there is none.
const Suite* FindSuite(const std::string& name);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_SUITES_H_
