// One search with a stopping rule, and the line that remembers it.
#ifndef PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_RUN_H_
#define PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_RUN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/study_document/study_document.h"
#include "nlohmann/json_fwd.hpp"

namespace photinus {

// What makes a run the same as another.
struct StoppingKey {
  std::string family;
  std::string rule;       // RuleSettings
  std::string algorithm;  // that proposes
  uint64_t seed = 0;      // of the study, its noise and the algorithm
  int trials = 250;
  int horizon = 50;

  auto operator<=>(const StoppingKey&) const = default;
};

// Settings of "TSGP" or, with options of the study document, "TSGP:delta=0.01:checks=2". InvalidArgument. An option
// "told=measured" is of the run: the algorithm learns of a stopped trial its last value.
absl::StatusOr<EarlyStoppingSettings> RuleSettings(const std::string& rule, double horizon);

struct StoppingRun {
  StoppingKey key;
  double saved = 0;           // share of the compute of full trials
  double best = 0;            // the best last value of a full trial
  double hindsight_loss = 0;  // how much better the best last value was that any trial would have had
  int stops = 0;
  int false_stops = 0;  // of those: would have ended better than the incumbent of that time
  // Robust deviations (half of the middle 68 %) of (last value - predicted) / deviation over all trials, by what is
  // known at 10, 20 and 50 % of the horizon; empty where the rule predicts nothing.
  std::vector<double> score_deviations;
  double check_us = 0;       // median CPU time of a decision
  double learn_seconds = 0;  // CPU time of the longest lesson
};

// Trials run one after the other; the algorithm learns of a stopped one what the rule predicts of it, or its last
// value where it predicts nothing.
absl::StatusOr<StoppingRun> RunStopping(const StoppingKey& key);

nlohmann::json ToJson(const StoppingRun& run);
StoppingRun StoppingRunFromJson(const nlohmann::json& line);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_RUN_H_
