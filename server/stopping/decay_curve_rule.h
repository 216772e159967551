// Stops trials by a Gaussian process over whole curves.
#ifndef PHOTINUS_SERVER_STOPPING_DECAY_CURVE_RULE_H_
#define PHOTINUS_SERVER_STOPPING_DECAY_CURVE_RULE_H_

#include <memory>

#include "server/stopping/prediction_rule.h"
#include "server/stopping/stopping_rule.h"

namespace photinus {

// DECAY_CURVE [Golovin et al. 2017, 3.2.1]: a PredictionRule by the DecayCurveModel, which knows of curves alone and
// says nothing of gains: a trial is stopped where its chance to exceed the reference is smaller than options.delta.
std::unique_ptr<StoppingRule> MakeDecayCurveRule(const PredictionOptions& options);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_DECAY_CURVE_RULE_H_
