#ifndef PHOTINUS_SERVER_STOPPING_ASHA_RULE_H_
#define PHOTINUS_SERVER_STOPPING_ASHA_RULE_H_

#include "server/stopping/stopping_rule.h"

namespace photinus {

struct AshaOptions {
  double eta = 4;
  double first_rung = 0;  // 0: a hundredth of the horizon, at least 1
};

// ASHA: asynchronous successive halving [Li et al. 2020], rungs.h. Never fails.
class AshaRule final : public StoppingRule {
 public:
  explicit AshaRule(const AshaOptions& options) : options_(options) {}
  absl::StatusOr<StoppingDecision> Decide(const StoppingRequest& request) const override;

 private:
  const AshaOptions options_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_ASHA_RULE_H_
