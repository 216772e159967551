#include "server/algorithms/initial_design.h"

#include "common/base/random.h"
#include "server/algorithms/sampling/default_point.h"

namespace photinus {

std::optional<UnitPoint> InitialDesign::Next(const History& history, int64_t trial_id) {
  if (history.evaluations.empty() && history.pending.empty()) return DefaultPoint(flatten_);
  UnitPoint unit = sobol_.At(static_cast<uint64_t>(trial_id - 1));
  flatten_.Snap(unit);
  if (!history.excluded.Contains(unit)) return unit;
  Random random(MixSeed(seed_, static_cast<uint64_t>(trial_id)));
  return history.excluded.DrawOther(random);
}

}  // namespace photinus
