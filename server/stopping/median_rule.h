#ifndef PHOTINUS_SERVER_STOPPING_MEDIAN_RULE_H_
#define PHOTINUS_SERVER_STOPPING_MEDIAN_RULE_H_

#include "server/stopping/stopping_rule.h"

namespace photinus {

// MEDIAN [Golovin et al. 2017, 3.2.2]: at step s, stops a trial whose best value up to s is strictly worse than the
// median, over finished trials that were not stopped early, of the running averages of their values up to s. Those
// without a value up to s take no part.
//
// Waits for 5 finished trials, for 3 values of this trial, and for a tenth of the horizon where it is known; leaves a
// trial alone that has reached its horizon. A trial whose last value is not finite is stopped; others that are not are
// passed over. Never fails.
class MedianRule final : public StoppingRule {
 public:
  absl::StatusOr<StoppingDecision> Decide(const StoppingRequest& request) const override;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_MEDIAN_RULE_H_
