#ifndef PHOTINUS_SERVER_STOPPING_PATIENT_RULE_H_
#define PHOTINUS_SERVER_STOPPING_PATIENT_RULE_H_

#include <memory>
#include <string>

#include "server/stopping/stopping_rule.h"

namespace photinus {

struct PatientOptions {
  int64_t patience = 0;  // values without improvement that are borne
  double min_delta = 0;  // by how much the best earlier value must be better
};

// PATIENT, as Optuna's PatientPruner: where the best value before the last patience + 1 is better than the best of
// those by more than min_delta, another rule decides; elsewhere, and at the study's horizon, trials go on. A value that
// is not finite counts as the worst, and has the other rule decide at once. Fails as the other rule does.
class PatientRule final : public StoppingRule {
 public:
  // inner: null to stop at once where patience ends.
  PatientRule(std::unique_ptr<StoppingRule> inner, const PatientOptions& options);

  absl::StatusOr<StoppingDecision> Decide(const StoppingRequest& request) const override;
  bool LearnsAnew(int64_t then, int64_t now) const override;
  std::shared_ptr<const StoppingModel> Learn(const StudyCurves& study,
                                             const std::function<bool()>& cancelled) const override;

 private:
  absl::StatusOr<StoppingDecision> AskInner(const std::string& why, const StoppingRequest& request) const;

  const std::unique_ptr<StoppingRule> inner_;
  const PatientOptions options_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_PATIENT_RULE_H_
