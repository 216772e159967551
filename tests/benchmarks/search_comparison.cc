#include "tests/benchmarks/search_comparison.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "server/algorithms/registry.h"

namespace photinus {

SearchRun RunSearch(const std::string& algorithm, const Workload& workload, int trials, uint64_t seed) {
  const auto made = MakeAlgorithm(algorithm);
  if (!made.ok()) std::abort();
  const std::vector<Objective> objectives = {{.metric = "regret", .maximize = false}};
  std::vector<EvaluatedPoint> completed;
  SearchRun run;
  for (int trial = 1; trial <= trials; ++trial) {
    const SuggestRequest request{.space = workload.space,
                                 .objectives = objectives,
                                 .completed = completed,
                                 .pending = {},
                                 .seed = seed,
                                 .first_trial_id = trial};
    const auto start = std::chrono::steady_clock::now();
    const auto result = (*made)->Suggest(request);
    run.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!result.ok() || result->suggestions.empty()) {
      std::fprintf(stderr, "%s at trial %d: %s\n", algorithm.c_str(), trial, result.status().ToString().c_str());
      std::abort();
    }
    const Point& point = result->suggestions[0].point;
    run.regrets.push_back(workload.regret(point));
    completed.push_back({.trial_id = trial, .point = point, .objectives = {run.regrets.back()}});
  }
  run.best = *std::min_element(run.regrets.begin(), run.regrets.end());
  return run;
}

double WilcoxonSignedRank(const std::vector<double>& differences) {
  std::vector<double> sorted;
  for (const double d : differences) {
    if (d != 0) sorted.push_back(d);
  }
  std::sort(sorted.begin(), sorted.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  std::vector<int> doubled_ranks(sorted.size());  // twice the rank: integers even where ranks are shared
  for (size_t i = 0; i < sorted.size();) {
    size_t end = i;
    while (end < sorted.size() && std::abs(sorted[end]) == std::abs(sorted[i])) ++end;
    for (size_t k = i; k < end; ++k) doubled_ranks[k] = static_cast<int>(i + 1 + end);
    i = end;
  }
  std::map<int, double> distribution = {{0, 1.0}};  // of the doubled sum of positive ranks
  int observed = 0, total = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    std::map<int, double> next;
    for (const auto& [sum, probability] : distribution) {
      next[sum] += 0.5 * probability;
      next[sum + doubled_ranks[i]] += 0.5 * probability;
    }
    distribution = std::move(next);
    total += doubled_ranks[i];
    if (sorted[i] > 0) observed += doubled_ranks[i];
  }
  const int extreme = std::min(observed, total - observed);
  double tail = 0;
  for (const auto& [sum, probability] : distribution) tail += sum <= extreme ? probability : 0;
  return std::min(1.0, 2 * tail);
}

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

}  // namespace photinus
