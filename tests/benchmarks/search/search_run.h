// One search from the first trial to the last, and the line that remembers it.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCH_RUN_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCH_RUN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"
#include "tests/benchmarks/search/searcher.h"

namespace photinus {

// A value that only falls as trials go by: (trial, value) of each step, from trial 1 on.
using StepCurve = std::vector<std::pair<int, double>>;
StepCurve ToStepCurve(const std::vector<double>& values);
// The value after `trial` trials.
double ValueAt(const StepCurve& curve, int trial);

// What makes a run the same as another.
struct RunKey {
  std::string suite, problem, algorithm;
  uint64_t seed = 0;  // of the instance, its noise and the algorithm
  int trials = 0;
  int batch = 1;

  auto operator<=>(const RunKey&) const = default;
};

// Of a line of results; nullopt for a line that was torn when the machine stopped, or of something else.
std::optional<RunKey> KeyOf(const nlohmann::json& line);

struct SearchRun {
  RunKey key;
  StepCurve regret;
  std::string versions;
  double feasible = 1;  // the share of the trials that are neither infeasible nor violate a constraint
  // Wall time of one suggestion: of a call for a batch and of telling its results, divided by the batch.
  std::vector<double> seconds;
  double start_seconds = 0;   // until the first call could be made
  double cpu_seconds = 0;     // of all calls
  double peak_memory_mb = 0;  // of the process that searched; 0 where that is this one
};

// The pseudo algorithm whose regret is the median of 100 random searches of the same instance, by which others are
// measured.
constexpr char kRandomReference[] = "RANDOM_REFERENCE";

// Runs key.algorithm; errors are the searcher's.
absl::StatusOr<SearchRun> RunSearch(const RunKey& key);
// The same with a searcher of the caller's.
absl::StatusOr<SearchRun> RunSearch(const RunKey& key, const Problem& problem, Searcher& searcher);

// A line keeps quantiles of the seconds, and their medians over twentieths of the run.
nlohmann::json ToJson(const SearchRun& run);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_SEARCH_RUN_H_
