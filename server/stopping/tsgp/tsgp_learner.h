// Learns from a study's finished trials how its learning curves go.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_TSGP_LEARNER_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_TSGP_LEARNER_H_

#include <functional>
#include <optional>

#include "server/stopping/learning_curve.h"
#include "server/stopping/tsgp/tsgp_fit.h"

namespace photinus {

// In this order: the units; the map; what rows of trials tell of ends; from full trials that no rule stopped how far
// begins of curves are to be trusted, which corrects the rows; how goals follow from last values; and how often trials
// fall and rise late. A function of study and options.
// nullopt: fewer than options.warm_up full trials, no horizon, no curve that rises, or cancelled, which is asked now
// and then and may be null.
std::optional<TsgpFit> LearnTsgp(const StudyCurves& all, const TsgpOptions& options,
                                 const std::function<bool()>& cancelled);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_TSGP_LEARNER_H_
