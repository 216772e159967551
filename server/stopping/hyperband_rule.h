#ifndef PHOTINUS_SERVER_STOPPING_HYPERBAND_RULE_H_
#define PHOTINUS_SERVER_STOPPING_HYPERBAND_RULE_H_

#include "server/stopping/stopping_rule.h"

namespace photinus {

struct HyperbandOptions {
  double eta = 3;
  double first_rung = 1;  // > 0; of the bracket that stops earliest
};

// floor(log_eta(horizon / first_rung)) + 1: how many brackets there are.
int BracketCount(double horizon, const HyperbandOptions& options);

// The bracket, 0..brackets-1, of a trial whose share of [0, 1) is `share`: bracket s gets a part proportional to
// ceil(B eta^q / (q + 1)), q = B - 1 - s, as in Optuna.
int BracketOf(double share, int brackets, double eta);

// HYPERBAND [Li et al. 2018] as Optuna has it: a trial belongs to a bracket by a hash of its id; in bracket s the first
// rung is first_rung eta^s, and trials are compared with those of their own bracket (rungs.h). Without a horizon
// nothing is stopped. Never fails.
class HyperbandRule final : public StoppingRule {
 public:
  explicit HyperbandRule(const HyperbandOptions& options) : options_(options) {}
  absl::StatusOr<StoppingDecision> Decide(const StoppingRequest& request) const override;

 private:
  const HyperbandOptions options_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_HYPERBAND_RULE_H_
