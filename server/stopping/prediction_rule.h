// The decision of all rules that predict how a trial ends.
#ifndef PHOTINUS_SERVER_STOPPING_PREDICTION_RULE_H_
#define PHOTINUS_SERVER_STOPPING_PREDICTION_RULE_H_

#include <functional>
#include <memory>
#include <string>

#include "server/stopping/final_model.h"

namespace photinus {

struct PredictionOptions {
  double delta = 0.01;   // a trial is stopped where what it promises (below) is smaller ...
  int64_t checks = 3;    // ... at so many of its last points in a row
  double min_steps = 0;  // no trial is stopped before; 0: the next two decide, each times `care`
  double min_values = 5;
  double min_share = 0.1;  // of the horizon; these points are to be there or later
  double care = 1;         // in (0, 1], how much of these and of the full trials before the first lesson is wanted
  double exempt = kExemptShare;  // the share of trials that are never stopped, so that what is learnt stays unbiased
  int64_t top = 1;               // what counts as the best: the so-many-th best full trial
};

// Stops a trial whose last value is not finite, one that has fallen to chance, and one that promises too little. The
// reference is the incumbent's goal or, with several goals, the best of those trials that are no worse in all others.
// Where the model says how much a trial is expected to gain over it, the rule weighs that against compute: it stops
// where the gain is smaller than delta for a whole trial's steps, that is delta times the share of its steps that are
// left, and the chance to exceed the reference is smaller than kMostChance delta. So a slow trial of which little is
// known goes on where one that could win by a hair does not [Expected improvement: Jones et al. 1998; per cost: Snoek
// et al. 2012, 3.2]. Of other models the chance alone counts, against delta. Predictions are those of a FinalModel,
// which is learnt anew when the finished trials have grown by 10 and by a twentieth. Never fails.
class PredictionRule final : public StoppingRule {
 public:
  static constexpr double kMostChance = 5;

  using Learner =
      std::function<std::shared_ptr<const FinalModel>(const StudyCurves&, const std::function<bool()>& cancelled)>;

  // name: for reasons.
  PredictionRule(std::string name, const PredictionOptions& options, Learner learn);

  absl::StatusOr<StoppingDecision> Decide(const StoppingRequest& request) const override;
  bool LearnsAnew(int64_t then, int64_t now) const override;
  std::shared_ptr<const StoppingModel> Learn(const StudyCurves& study,
                                             const std::function<bool()>& cancelled) const override;

 private:
  // left: the share of the horizon.
  bool PromisesTooLittle(const FinalPrediction& final, double left) const;
  bool IsExempt(const StoppingRequest& request) const;
  StoppingDecision StopUnlessExempt(StoppingDecision decision, const StoppingRequest& request) const;

  const std::string name_;
  const PredictionOptions options_;
  const Learner learn_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_PREDICTION_RULE_H_
