// The interface of all early-stopping rules: learning curves in, decision and reason out.
#ifndef PHOTINUS_SERVER_STOPPING_STOPPING_RULE_H_
#define PHOTINUS_SERVER_STOPPING_STOPPING_RULE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace photinus {

struct CurvePoint {
  double step = 0;   // the measurement's step_count, or elapsed seconds where the study counts those
  double value = 0;  // the curve's metric; NaN where a measurement lacks it
};

// One trial's learning curve, ordered by step.
struct LearningCurve {
  int64_t trial_id = 0;
  std::vector<CurvePoint> points;
  bool finished = false;       // SUCCEEDED
  bool stopped_early = false;  // finished, but before its horizon
};

struct StoppingRequest {
  const LearningCurve& trial;  // the one to decide on
  // Finished ones of the same study, infeasible ones left out; shared with those who keep them. Not null.
  const std::vector<std::shared_ptr<const LearningCurve>>& others;
  bool maximize = true;
  double horizon = 0;  // steps of a full trial; 0: unknown
};

struct StoppingDecision {
  bool stop = false;
  std::string reason;  // one line with the figures that decided; also where the answer is no
  std::optional<double> predicted_final;
  std::optional<double> predicted_stddev;
};

// Equal requests give equal decisions. Thread-safe.
class StoppingRule {
 public:
  virtual ~StoppingRule() = default;
  virtual absl::StatusOr<StoppingDecision> Decide(const StoppingRequest& request) const = 0;
};

// By name (MEDIAN, NONE; more to come). InvalidArgument that lists the known names for any other.
absl::StatusOr<std::unique_ptr<StoppingRule>> MakeStoppingRule(std::string_view name);
std::vector<std::string> StoppingRuleNames();

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_STOPPING_RULE_H_
