// One search with a stopping rule, and the line that remembers it.
#ifndef PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_RUN_H_
#define PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_RUN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/study_document/study_document.h"
#include "nlohmann/json_fwd.hpp"
#include "tests/benchmarks/stopping/stopping_study.h"

namespace photinus {

// What makes a run the same as another.
struct StoppingKey {
  std::string family;
  std::string rule;       // RuleSettings
  std::string algorithm;  // that proposes
  uint64_t seed = 0;      // of the study, what chance brings there and the algorithm
  int trials = 250;
  int horizon = 50;
  int repeat = 0;  // of the same study, with other chance and another start of the algorithm

  auto operator<=>(const StoppingKey&) const = default;
};

// Settings of "TSGP" or, with options of the study document, "TSGP:delta=0.01:checks=2". InvalidArgument. An option
// "told=measured" or "told=truth" is of the run: what the algorithm learns of a stopped trial (StoppingStudy::Told).
absl::StatusOr<EarlyStoppingSettings> RuleSettings(const std::string& rule, double horizon);

struct StoppingRun {
  StoppingKey key;
  StudyOutcome outcome;
};

// Trials run one after the other; the algorithm learns of a stopped one what the rule predicts of it, or its last
// value where it predicts nothing.
absl::StatusOr<StoppingRun> RunStopping(const StoppingKey& key);

nlohmann::json ToJson(const StoppingRun& run);
StoppingRun StoppingRunFromJson(const nlohmann::json& line);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_RUN_H_
