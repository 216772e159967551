// What a stopping rule's checks and lessons cost in a large study.
#ifndef PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_COST_H_
#define PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_COST_H_

#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

namespace photinus {

struct CostSetting {
  std::string rule = "TSGP";  // RuleSettings
  int trials = 2000;          // finished, every other stopped somewhere; rules see the first 40 and the newest 1,000
  int points = 100;           // of a full curve
  int parameters = 40;        // of which ten matter
  int checks = 400;           // of running trials, at all their steps
};

// CPU time of the thread, so that others' load does not count.
struct StoppingCost {
  double go_on_us = 0, stop_us = 0;  // medians of decisions to go on and to stop; 0: there was none
  double check_us = 0;               // of all
  double lesson_seconds = 0;
};

// What RuleSettings says.
absl::StatusOr<StoppingCost> MeasureCost(const CostSetting& setting);

nlohmann::json ToJson(const CostSetting& setting, const StoppingCost& cost);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_COST_H_
