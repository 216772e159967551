#include "server/stopping/no_rule.h"

namespace photinus {

absl::StatusOr<StoppingDecision> NoRule::Decide(const StoppingRequest& /*request*/) const {
  return StoppingDecision{.stop = false, .reason = "rule NONE: trials run to their end"};
}

}  // namespace photinus
