#include "server/algorithms/initial_design.h"

#include "common/base/random.h"

namespace photinus {

UnitPoint DefaultPoint(const Flatten& flatten) {
  UnitPoint unit(static_cast<size_t>(flatten.dimension()), 0.5);
  for (int i = 0; i < flatten.dimension(); ++i) {
    const Parameter& p = flatten.space().parameters()[i];
    if (p.default_value.has_value()) unit[i] = flatten.CoordinateOf(i, *p.default_value).value_or(unit[i]);
  }
  flatten.Snap(unit);
  return unit;
}

std::optional<UnitPoint> InitialDesign::Next(const History& history, int64_t trial_id) {
  if (history.evaluations.empty() && history.pending.empty()) return DefaultPoint(flatten_);
  UnitPoint unit = sobol_.At(static_cast<uint64_t>(trial_id - 1));
  flatten_.Snap(unit);
  if (!history.excluded.Contains(unit)) return unit;
  Random random(MixSeed(seed_, static_cast<uint64_t>(trial_id)));
  return history.excluded.DrawOther(random);
}

}  // namespace photinus
