// Runs of search algorithms, and the statistics of paired runs.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_COMPARISON_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_COMPARISON_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/suggestion_algorithm.h"
#include "tests/benchmarks/search_workloads.h"

namespace photinus {

// One sequential search.
struct SearchRun {
  std::vector<double> regrets;  // of each trial
  double best = 0;              // simple regret at the end
  double seconds = 0;           // in suggestions
};

// A study that is searched one trial after another, as the server does it: what changed is encoded once, and the
// algorithm learns between suggestions. Aborts if the algorithm fails: a benchmark has nothing to say then.
class Searcher {
 public:
  // The workload is borrowed.
  Searcher(const std::string& algorithm, const Workload& workload, uint64_t seed);

  Point Suggest();
  // A trial with an id greater than all before.
  void Complete(int64_t id, const Point& point);
  // Does what the server does in the background after a completion. Whether there was anything.
  bool Learn();

 private:
  SuggestRequest Request();

  const Workload& workload_;
  const uint64_t seed_;
  const std::vector<Objective> objectives_ = {{.metric = "regret", .maximize = false}};
  std::unique_ptr<SuggestionAlgorithm> algorithm_;
  std::vector<EvaluatedPoint> completed_;
  EncodedTrials trials_;
  const std::vector<EvaluatedPoint> none_;
  const std::vector<PendingPoint> no_pending_;
  std::unique_ptr<AlgorithmCache> cache_;
  std::string state_;
};

// As Searcher.
SearchRun RunSearch(const std::string& algorithm, const Workload& workload, int trials, uint64_t seed);

// Two-sided p value of Wilcoxon's signed-rank test, exact over all sign patterns; zeros are dropped, ties share ranks.
double WilcoxonSignedRank(const std::vector<double>& differences);

double Mean(const std::vector<double>& values);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_COMPARISON_H_
