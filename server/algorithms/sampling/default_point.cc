#include "server/algorithms/sampling/default_point.h"

#include <algorithm>

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

bool HasDefaults(const Flatten& flatten) {
  const auto& parameters = flatten.space().parameters();
  return std::any_of(parameters.begin(), parameters.end(),
                     [](const Parameter& p) { return p.default_value.has_value(); });
}

}  // namespace photinus
