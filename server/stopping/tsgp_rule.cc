#include "server/stopping/tsgp_rule.h"

#include <functional>
#include <utility>

#include "server/stopping/tsgp/tsgp_model.h"

namespace photinus {

std::unique_ptr<StoppingRule> MakeTsgpRule(const TsgpRuleOptions& options) {
  return MakeTsgpModelRule("TSGP", /*spatial=*/true, options);
}

std::unique_ptr<StoppingRule> MakeTsgpModelRule(std::string name, bool spatial, const TsgpRuleOptions& options) {
  PredictionOptions prediction = options.prediction;
  prediction.care = CareOf(prediction.delta);
  const TsgpOptions learning{.spatial = spatial,
                             .scale = options.scale,
                             .exempt = prediction.exempt,
                             .warm_up = static_cast<size_t>(WarmUp(prediction.care))};
  return std::make_unique<PredictionRule>(std::move(name), prediction,
                                          [learning](const StudyCurves& study, const std::function<bool()>& cancelled) {
                                            return TsgpModel::Learn(study, learning, cancelled);
                                          });
}

}  // namespace photinus
