#include "server/algorithms/firefly/layout.h"

#include <algorithm>
#include <cmath>

namespace photinus::firefly {
namespace {

constexpr double kRounding = 1e-9;

Kind KindOf(const Flatten& flatten, int parameter) {
  if (flatten.Levels(parameter) == 0) return Kind::kDouble;
  if (flatten.Levels(parameter) == 1) return Kind::kFixed;
  const bool categorical = flatten.space().parameters()[parameter].type == Parameter::Type::kCategorical;
  return categorical ? Kind::kCategorical : Kind::kOrdinal;
}

}  // namespace

Layout::Layout(const Flatten& flatten) {
  for (int i = 0; i < flatten.dimension(); ++i) Add(KindOf(flatten, i), flatten.Levels(i));
  only_categorical = coordinates[static_cast<size_t>(Kind::kDouble)].empty() &&
                     coordinates[static_cast<size_t>(Kind::kOrdinal)].empty();
  only_doubles = coordinates[static_cast<size_t>(Kind::kCategorical)].empty() &&
                 coordinates[static_cast<size_t>(Kind::kOrdinal)].empty();
}

Layout::Layout(int dimension) : only_doubles(true) {
  for (int i = 0; i < dimension; ++i) Add(Kind::kDouble, 0);
}

void Layout::Add(Kind kind, int64_t level_count) {
  if (kind != Kind::kFixed) coordinates[static_cast<size_t>(kind)].push_back(kinds.size());
  kinds.push_back(kind);
  levels.push_back(level_count);
}

bool SamePoint(const UnitPoint& a, const UnitPoint& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return std::isnan(x) ? std::isnan(y) : std::abs(x - y) <= kRounding; });
}

void Settle(const Flatten& flatten, Random& random, UnitPoint& unit) {
  for (double& u : unit) {
    if (std::isnan(u)) u = random.Uniform();
  }
  const std::vector<bool> active = flatten.Snap(unit);
  for (size_t i = 0; i < unit.size(); ++i) {
    if (!active[i]) unit[i] = kInactive;
  }
}

}  // namespace photinus::firefly
