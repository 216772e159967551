#include "server/study/optimal_trials.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace photinus {
namespace {

using Points = std::vector<const TrialCosts*>;

constexpr size_t kFewPairs = 64;  // are compared one by one

bool IsNoWorse(const TrialCosts& a, const TrialCosts& b, size_t last) {
  for (size_t i = 1; i <= last; ++i) {
    if (a.costs[i] > b.costs[i]) return false;
  }
  return true;
}

double LeastCost(const Points& points, size_t cost) {
  double least = std::numeric_limits<double>::infinity();
  for (const auto* point : points) least = std::min(least, point->costs[cost]);
  return least;
}

// A value of the cost, near the middle, below the greatest; the greatest where all are equal.
double Pivot(const Points& rulers, const Points& points, size_t cost) {
  std::vector<double> values;
  values.reserve(rulers.size() + points.size());
  for (const Points* each : {&rulers, &points}) {
    for (const auto* point : *each) values.push_back(point->costs[cost]);
  }
  const auto middle = values.begin() + static_cast<int64_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  const double greatest = *std::max_element(middle, values.end());
  if (*middle < greatest) return *middle;
  double below = greatest;
  for (const double value : values) {
    if (value < greatest && (below == greatest || value > below)) below = value;
  }
  return below;
}

struct Halves {
  Points low, high;
};
Halves Split(const Points& points, size_t cost, double pivot) {
  Halves halves;
  for (const auto* point : points) (point->costs[cost] <= pivot ? halves.low : halves.high).push_back(point);
  return halves;
}

// Drops the points than which a ruler is no worse in the costs 1..last; in cost 0 every ruler is no worse than any
// point. [Kung, Luccio and Preparata 1975]
void DropRuled(const Points& rulers, Points& points, size_t last) {
  if (rulers.empty() || points.empty()) return;
  if (last == 1) {
    const double least = LeastCost(rulers, 1);
    std::erase_if(points, [&](const auto* point) { return point->costs[1] >= least; });
    return;
  }
  if (rulers.size() * points.size() <= kFewPairs) {
    std::erase_if(points, [&](const auto* point) {
      return std::any_of(rulers.begin(), rulers.end(), [&](const auto* r) { return IsNoWorse(*r, *point, last); });
    });
    return;
  }
  const double pivot = Pivot(rulers, points, last);
  const Halves rule = Split(rulers, last, pivot);
  Halves ruled = Split(points, last, pivot);
  if (rule.high.empty() && ruled.high.empty()) return DropRuled(rulers, points, last - 1);
  DropRuled(rule.low, ruled.low, last);
  DropRuled(rule.high, ruled.high, last);
  DropRuled(rule.low, ruled.high, last - 1);
  points = std::move(ruled.low);
  points.insert(points.end(), ruled.high.begin(), ruled.high.end());
}

// Of points[first..end), at least two costs, which differ and ascend lexicographically: only earlier ones can dominate
// later ones.
Points Front(const Points& points, size_t first, size_t end) {
  if (end - first <= 1)
    return {points.begin() + static_cast<int64_t>(first), points.begin() + static_cast<int64_t>(end)};
  const size_t middle = first + (end - first) / 2;
  Points front = Front(points, first, middle);
  Points rest = Front(points, middle, end);
  DropRuled(front, rest, points[first]->costs.size() - 1);
  front.insert(front.end(), rest.begin(), rest.end());
  return front;
}

}  // namespace

std::vector<int64_t> OptimalTrials(std::vector<TrialCosts> trials) {
  if (trials.empty() || trials[0].costs.empty()) return {};
  std::sort(trials.begin(), trials.end(),
            [](const TrialCosts& a, const TrialCosts& b) { return std::tie(a.costs, a.id) < std::tie(b.costs, b.id); });
  if (trials[0].costs.size() == 1) return {trials[0].id};
  Points distinct;
  for (const TrialCosts& trial : trials) {
    if (distinct.empty() || distinct.back()->costs != trial.costs) distinct.push_back(&trial);
  }
  std::vector<int64_t> ids;
  for (const TrialCosts* point : Front(distinct, 0, distinct.size())) {
    // Equally good ones stand side by side.
    const TrialCosts* const end = trials.data() + trials.size();
    for (const TrialCosts* equal = point; equal != end && equal->costs == point->costs; ++equal) {
      ids.push_back(equal->id);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace photinus
