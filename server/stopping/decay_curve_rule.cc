#include "server/stopping/decay_curve_rule.h"

#include "server/stopping/decay_curve_model.h"

namespace photinus {

std::unique_ptr<StoppingRule> MakeDecayCurveRule(const PredictionOptions& options) {
  return std::make_unique<PredictionRule>("DECAY_CURVE", options, &DecayCurveModel::Learn);
}

}  // namespace photinus
