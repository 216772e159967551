#include "tests/benchmarks/search/problems/factor_graph.h"

#include <algorithm>
#include <limits>
#include <set>

namespace photinus {

size_t FactorGraph::TableSize(const std::vector<int>& variables) const {
  size_t size = 1;
  for (const int v : variables) size *= static_cast<size_t>(levels_[v]);
  return size;
}

size_t FactorGraph::IndexOf(const std::vector<int>& variables, const std::vector<int>& assignment) const {
  size_t index = 0;
  for (const int v : variables) index = index * static_cast<size_t>(levels_[v]) + static_cast<size_t>(assignment[v]);
  return index;
}

void FactorGraph::Add(Factor factor) { factors_.push_back(std::move(factor)); }

double FactorGraph::Sum(const std::vector<int>& assignment) const {
  double sum = 0;
  for (const Factor& factor : factors_) sum += factor.table[IndexOf(factor.variables, assignment)];
  return sum;
}

FactorGraph::Best FactorGraph::Maximize() const {
  const int variables = static_cast<int>(levels_.size());
  std::vector<Factor> remaining = factors_;
  std::vector<std::vector<int>> neighbours(variables);  // whom a variable met
  std::vector<std::vector<int>> choices(variables);     // its best level for each assignment of them
  std::vector<int> assignment(variables, 0);
  double constant = 0;
  for (int v = 0; v < variables; ++v) {
    const auto met = std::partition(remaining.begin(), remaining.end(), [v](const Factor& factor) {
      return std::find(factor.variables.begin(), factor.variables.end(), v) == factor.variables.end();
    });
    std::set<int> scope;
    for (auto it = met; it != remaining.end(); ++it) scope.insert(it->variables.begin(), it->variables.end());
    scope.erase(v);
    neighbours[v].assign(scope.begin(), scope.end());
    Factor message{.variables = neighbours[v], .table = std::vector<double>(TableSize(neighbours[v]))};
    choices[v].resize(message.table.size());
    for (size_t i = 0; i < message.table.size(); ++i) {
      size_t rest = i;
      for (auto it = neighbours[v].rbegin(); it != neighbours[v].rend(); ++it) {
        assignment[*it] = static_cast<int>(rest % static_cast<size_t>(levels_[*it]));
        rest /= static_cast<size_t>(levels_[*it]);
      }
      message.table[i] = -std::numeric_limits<double>::infinity();
      for (int level = 0; level < levels_[v]; ++level) {
        assignment[v] = level;
        double sum = 0;
        for (auto it = met; it != remaining.end(); ++it) sum += it->table[IndexOf(it->variables, assignment)];
        if (sum > message.table[i]) {
          message.table[i] = sum;
          choices[v][i] = level;
        }
      }
    }
    remaining.erase(met, remaining.end());
    if (message.variables.empty()) {
      constant += message.table[0];
    } else {
      remaining.push_back(std::move(message));
    }
  }
  for (int v = variables - 1; v >= 0; --v) assignment[v] = choices[v][IndexOf(neighbours[v], assignment)];
  return {.sum = constant, .assignment = assignment};
}

}  // namespace photinus
