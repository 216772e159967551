// Stops trials by curves that decay exponentially to their ends.
#ifndef PHOTINUS_SERVER_STOPPING_EXP_DECAY_RULE_H_
#define PHOTINUS_SERVER_STOPPING_EXP_DECAY_RULE_H_

#include <memory>

#include "server/stopping/stopping_rule.h"
#include "server/stopping/tsgp_rule.h"

namespace photinus {

// EXP_DECAY: TSGP with fixed parameters of the kernel, and nothing known of trials but their curves.
std::unique_ptr<StoppingRule> MakeExpDecayRule(const TsgpRuleOptions& options);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_EXP_DECAY_RULE_H_
