// Rungs of successive halving [Jamieson, Talwalkar 2016]: steps first, first eta, first eta^2, ... at which trials are
// compared.
#ifndef PHOTINUS_SERVER_STOPPING_RUNGS_H_
#define PHOTINUS_SERVER_STOPPING_RUNGS_H_

#include <functional>
#include <optional>

#include "server/stopping/stopping_rule.h"

namespace photinus {

struct Rungs {
  double first = 1;  // > 0
  double eta = 4;    // > 1
};

// The step of the highest rung up to `step`; nullopt: it is before the first, or there is none as first is not > 0.
std::optional<double> HighestRung(const Rungs& rungs, double step);

// As Optuna's SuccessiveHalvingPruner, but that trials which still run are no rivals: at its highest rung, a trial goes
// on if its value is among the best floor(n/eta) (at least one; ties go on) of the n trials that have a value there,
// itself and the finished `rivals`. The value at a rung is the first at or after its step. A trial whose last value is
// not finite is stopped.
StoppingDecision DecideAtRung(const StoppingRequest& request, const Rungs& rungs,
                              const std::function<bool(const LearningCurve&)>& rivals);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_RUNGS_H_
