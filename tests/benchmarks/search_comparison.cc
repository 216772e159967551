#include "tests/benchmarks/search_comparison.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "server/algorithms/registry.h"

namespace photinus {

Searcher::Searcher(const std::string& algorithm, const Workload& workload, uint64_t seed)
    : workload_(workload), seed_(seed), trials_(workload.space, objectives_) {
  auto made = MakeAlgorithm(algorithm);
  if (!made.ok()) std::abort();
  algorithm_ = *std::move(made);
}

void Searcher::Complete(int64_t id, const Point& point) {
  const double regret = workload_.regret(point);
  completed_.push_back({.trial_id = id, .point = point, .objectives = {regret}});
  trials_.Add(id, point);
  trials_.SetFinished(id, {regret}, /*infeasible=*/false);
}

SuggestRequest Searcher::Request() {
  const bool encoded = algorithm_->UsesEncodedTrials();
  return {.space = workload_.space,
          .objectives = objectives_,
          .completed = encoded ? none_ : completed_,
          .pending = no_pending_,
          .seed = seed_,
          .first_trial_id = completed_.empty() ? 1 : completed_.back().trial_id + 1,
          .state = state_,
          .trials = encoded ? &trials_ : nullptr,
          .cache = &cache_};
}

Point Searcher::Suggest() {
  const SuggestRequest request = Request();
  auto result = algorithm_->Suggest(request);
  if (!result.ok() || result->suggestions.empty()) {
    std::fprintf(stderr, "at trial %ld: %s\n", static_cast<long>(request.first_trial_id),
                 result.status().ToString().c_str());
    std::abort();
  }
  state_ = std::move(result->state);
  return std::move(result->suggestions[0].point);
}

bool Searcher::Learn() {
  const SuggestionAlgorithm::Lesson lesson = algorithm_->Learn(Request());
  if (lesson == nullptr) return false;
  auto learned = lesson(nullptr);
  if (!learned.ok()) std::abort();
  state_ = *std::move(learned);
  return true;
}

SearchRun RunSearch(const std::string& algorithm, const Workload& workload, int trials, uint64_t seed) {
  Searcher searcher(algorithm, workload, seed);
  SearchRun run;
  for (int trial = 1; trial <= trials; ++trial) {
    const auto start = std::chrono::steady_clock::now();
    const Point point = searcher.Suggest();
    run.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    run.regrets.push_back(workload.regret(point));
    searcher.Complete(trial, point);
    searcher.Learn();
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
