// The best assignment of discrete variables under a sum of terms that see few variables each.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_FACTOR_GRAPH_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_FACTOR_GRAPH_H_

#include <cstddef>
#include <utility>
#include <vector>

namespace photinus {

// One term: a table over the assignments of its variables, the last variable changing fastest.
struct Factor {
  std::vector<int> variables;  // ascending
  std::vector<double> table;
};

class FactorGraph {
 public:
  // levels: how many values each variable has.
  explicit FactorGraph(std::vector<int> levels) : levels_(std::move(levels)) {}

  const std::vector<int>& levels() const { return levels_; }
  // How many assignments the variables have together.
  size_t TableSize(const std::vector<int>& variables) const;

  void Add(Factor factor);
  // The sum of all terms. assignment: a level per variable.
  double Sum(const std::vector<int>& assignment) const;

  struct Best {
    double sum = 0;
    std::vector<int> assignment;
  };
  // The greatest sum, exactly, by eliminating the variables one after the other [Bertele & Brioschi 1972]. Time and
  // space are exponential in the number of variables that a variable meets when it goes.
  Best Maximize() const;

 private:
  size_t IndexOf(const std::vector<int>& variables, const std::vector<int>& assignment) const;

  std::vector<int> levels_;
  std::vector<Factor> factors_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_FACTOR_GRAPH_H_
