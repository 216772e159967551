// Stops trials by what TSGP predicts of them.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_RULE_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_RULE_H_

#include <memory>
#include <optional>
#include <string>

#include "common/study_document/warm_up.h"
#include "server/stopping/curve_scale.h"
#include "server/stopping/prediction_rule.h"
#include "server/stopping/stopping_rule.h"

namespace photinus {

struct TsgpRuleOptions {
  // The model says what a trial is expected to gain, how noisy single values are and how little the first ones tell:
  // few of them are enough. `care` is not read, as it follows from delta.
  PredictionOptions prediction = {.delta = kUsualDelta, .checks = 1, .min_values = 3, .min_share = 0.05};
  std::optional<ScaleKind> scale;  // unset: as MakeCurveScale chooses
};

// TSGP: a PredictionRule by the TsgpModel, that is by curves and parameters. How much it wants to see before the first
// lesson and before it stops a trial follows from delta (CareOf).
std::unique_ptr<StoppingRule> MakeTsgpRule(const TsgpRuleOptions& options);

// What TSGP and EXP_DECAY have in common: the rule of this name, by models with TsgpOptions::spatial or without.
std::unique_ptr<StoppingRule> MakeTsgpModelRule(std::string name, bool spatial, const TsgpRuleOptions& options);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_RULE_H_
