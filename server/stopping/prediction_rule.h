// The decision of all rules that predict how a trial ends.
#ifndef PHOTINUS_SERVER_STOPPING_PREDICTION_RULE_H_
#define PHOTINUS_SERVER_STOPPING_PREDICTION_RULE_H_

#include <functional>
#include <memory>
#include <string>

#include "server/stopping/final_model.h"

namespace photinus {

struct PredictionOptions {
  double delta = 0.01;   // a trial is stopped where its chance of being the best is smaller ...
  int64_t checks = 3;    // ... at so many of its last points in a row
  double min_steps = 0;  // no trial is stopped before; 0: 5 values, and these points from a tenth of the horizon on
  double exempt = kExemptShare;  // the share of trials that are never stopped, so that what is learnt stays unbiased
  int64_t top = 1;               // what counts as the best: the so-many-th best full trial
  bool stop_diverged = true;     // stops a trial whose last value is not finite, or that has fallen to chance
};

// Stops a trial whose chance of a better goal than the reference is too small: than the incumbent's or, with several
// goals, the best of those trials that are no worse in all others. Predictions are those of a FinalModel, which is
// learnt anew when the finished trials have grown by 10 and by a twentieth. Never fails.
class PredictionRule final : public StoppingRule {
 public:
  using Learner =
      std::function<std::shared_ptr<const FinalModel>(const StudyCurves&, const std::function<bool()>& cancelled)>;

  // name: for reasons.
  PredictionRule(std::string name, const PredictionOptions& options, Learner learn);

  absl::StatusOr<StoppingDecision> Decide(const StoppingRequest& request) const override;
  bool LearnsAnew(int64_t then, int64_t now) const override;
  std::shared_ptr<const StoppingModel> Learn(const StudyCurves& study,
                                             const std::function<bool()>& cancelled) const override;

 private:
  bool IsExempt(const StoppingRequest& request) const;
  StoppingDecision StopUnlessExempt(StoppingDecision decision, const StoppingRequest& request) const;

  const std::string name_;
  const PredictionOptions options_;
  const Learner learn_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_PREDICTION_RULE_H_
