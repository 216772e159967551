// The rule that stops nothing.
#ifndef PHOTINUS_SERVER_STOPPING_NO_RULE_H_
#define PHOTINUS_SERVER_STOPPING_NO_RULE_H_

#include "server/stopping/stopping_rule.h"

namespace photinus {

// NONE: every trial runs to its end. Never fails.
class NoRule final : public StoppingRule {
 public:
  absl::StatusOr<StoppingDecision> Decide(const StoppingRequest& request) const override;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_NO_RULE_H_
