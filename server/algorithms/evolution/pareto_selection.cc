#include "server/algorithms/evolution/pareto_selection.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace photinus {
namespace {

bool Dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (size_t k = 0; k < a.size(); ++k) {
    if (a[k] < b[k]) return false;
    better = better || a[k] > b[k];
  }
  return better;
}

GoalTable Rows(const GoalTable& goals, const std::vector<size_t>& rows) {
  GoalTable table;
  for (const size_t row : rows) table.push_back(goals[row]);
  return table;
}

// Of one goal, or none, every two points are ordered or equal.
bool IsOrdered(const GoalTable& goals) { return goals.empty() || goals[0].size() <= 1; }

std::vector<size_t> Greatest(const GoalTable& goals, size_t keep) {
  std::vector<size_t> order(goals.size());
  std::iota(order.begin(), order.end(), 0);
  keep = std::min(keep, order.size());
  const auto better = [&](size_t a, size_t b) { return goals[a] > goals[b] || (goals[a] == goals[b] && a < b); };
  std::partial_sort(order.begin(), order.begin() + static_cast<long>(keep), order.end(), better);
  order.resize(keep);
  return order;
}

}  // namespace

std::vector<int> NonDominatedRanks(const GoalTable& goals) {
  const size_t n = goals.size();
  std::vector<int> dominators(n), ranks(n);
  std::vector<std::vector<size_t>> dominated(n);
  std::vector<size_t> front;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      if (Dominates(goals[i], goals[j])) dominated[i].push_back(j);
      if (Dominates(goals[j], goals[i])) ++dominators[i];
    }
    if (dominators[i] == 0) front.push_back(i);
  }
  for (int rank = 0; !front.empty(); ++rank) {
    std::vector<size_t> next;
    for (const size_t i : front) {
      ranks[i] = rank;
      for (const size_t j : dominated[i]) {
        if (--dominators[j] == 0) next.push_back(j);
      }
    }
    front = std::move(next);
  }
  return ranks;
}

std::vector<double> CrowdingDistances(const GoalTable& goals) {
  const size_t n = goals.size();
  std::vector<double> distances(n);
  std::vector<size_t> order(n);
  for (size_t k = 0; n > 0 && k < goals[0].size(); ++k) {
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return goals[a][k] < goals[b][k]; });
    distances[order.front()] = distances[order.back()] = std::numeric_limits<double>::infinity();
    const double low = goals[order.front()][k], high = goals[order.back()][k];
    if (low == high) continue;
    for (size_t i = 1; i + 1 < n; ++i) {  // halves, because a range may be larger than the largest number
      const double gap = goals[order[i + 1]][k] / 2 - goals[order[i - 1]][k] / 2;
      distances[order[i]] += gap / (high / 2 - low / 2);
    }
  }
  return distances;
}

std::vector<size_t> SelectBest(const GoalTable& goals, size_t keep) {
  if (IsOrdered(goals)) return Greatest(goals, keep);
  const std::vector<int> ranks = NonDominatedRanks(goals);
  std::map<int, std::vector<size_t>> fronts;
  for (size_t i = 0; i < ranks.size(); ++i) fronts[ranks[i]].push_back(i);
  std::vector<size_t> best;
  for (const auto& [rank, front] : fronts) {
    if (best.size() >= keep) break;
    const std::vector<double> distances = CrowdingDistances(Rows(goals, front));
    std::vector<size_t> order(front.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return distances[a] > distances[b]; });
    for (const size_t i : order) best.push_back(front[i]);
  }
  if (best.size() > keep) best.resize(keep);
  return best;
}

std::vector<size_t> SelectBestByGenerations(const GoalTable& goals, size_t keep, size_t block) {
  if (IsOrdered(goals)) return Greatest(goals, keep);
  std::vector<size_t> best;
  for (size_t first = 0; first < goals.size(); first += block) {
    std::vector<size_t> rows = best;
    for (size_t i = first; i < std::min(first + block, goals.size()); ++i) rows.push_back(i);
    best.clear();
    for (const size_t chosen : SelectBest(Rows(goals, rows), keep)) best.push_back(rows[chosen]);
  }
  return best;
}

}  // namespace photinus
