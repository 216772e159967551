#include "server/stopping/exp_decay_rule.h"

namespace photinus {

std::unique_ptr<StoppingRule> MakeExpDecayRule(const TsgpRuleOptions& options) {
  return MakeTsgpModelRule("EXP_DECAY", /*spatial=*/false, options);
}

}  // namespace photinus
