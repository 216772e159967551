#include "server/algorithms/sampling/visited_points.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace photinus {
namespace {

constexpr int kRandomDraws = 100;
constexpr double kGrid = 1e9;  // cells per unit interval of a double

// Calls `visit` for every point, with doubles at the first coordinate that `draw` gives, until it answers true; answers
// whether it did. `unit` holds the prefix. Parents come first, so each parameter's activity is known when its turn
// comes.
bool ForEachPoint(const Flatten& flatten, int parameter, UnitPoint& unit, const std::function<double()>& draw,
                  const std::function<bool(const UnitPoint&)>& visit) {
  if (parameter == flatten.dimension()) return visit(unit);
  unit[parameter] = 0.5;
  if (!flatten.Active(unit)[parameter]) return ForEachPoint(flatten, parameter + 1, unit, draw, visit);
  if (flatten.Levels(parameter) == 0) {
    unit[parameter] = draw();
    return ForEachPoint(flatten, parameter + 1, unit, draw, visit);
  }
  for (int64_t level = 0; level < flatten.Levels(parameter); ++level) {
    unit[parameter] = flatten.LevelCoordinate(parameter, level);
    if (ForEachPoint(flatten, parameter + 1, unit, draw, visit)) return true;
  }
  return false;
}

bool IsInside(const UnitPoint& unit) {
  return std::all_of(unit.begin(), unit.end(), [](double u) { return u >= 0 && u <= 1; });
}

bool IsFinite(const Flatten& flatten) {
  for (int i = 0; i < flatten.dimension(); ++i) {
    if (flatten.Levels(i) == 0) return false;
  }
  return true;
}

}  // namespace

uint64_t PointKey(const Flatten& flatten, const UnitPoint& unit) {
  const std::vector<bool> active = flatten.Active(unit);
  uint64_t key = unit.size();
  for (size_t i = 0; i < unit.size(); ++i) {
    const int parameter = static_cast<int>(i);
    int64_t cell = -1;
    if (active[i]) {
      cell = flatten.Levels(parameter) > 0 ? flatten.LevelOf(parameter, unit[i]) : std::llround(unit[i] * kGrid);
    }
    key = MixSeed(key, static_cast<uint64_t>(cell));
  }
  return key;
}

void VisitedPoints::Add(const UnitPoint& unit) {
  if (IsInside(unit)) ++counts_[PointKey(flatten_, unit)];
}

void VisitedPoints::Remove(const UnitPoint& unit) {
  const auto known = IsInside(unit) ? counts_.find(PointKey(flatten_, unit)) : counts_.end();
  if (known != counts_.end() && --known->second == 0) counts_.erase(known);
}

bool VisitedPoints::ContainsKey(uint64_t key) const {
  return counts_.count(key) > 0 ||
         std::any_of(below_.begin(), below_.end(), [&](const auto* set) { return set->ContainsKey(key); });
}

std::optional<UnitPoint> VisitedPoints::DrawOther(Random& random) const {
  return photinus::DrawOther(flatten_, random, [this](const UnitPoint& point) { return Contains(point); });
}

std::optional<UnitPoint> DrawOther(const Flatten& flatten, Random& random,
                                   absl::FunctionRef<bool(const UnitPoint&)> visited) {
  UnitPoint unit(flatten.dimension());
  for (int draw = 0; draw < kRandomDraws; ++draw) {
    for (double& u : unit) u = random.Uniform();
    flatten.Snap(unit);
    if (!visited(unit)) return unit;
  }
  std::optional<UnitPoint> found;
  const UnitPoint repeat = unit;
  ForEachPoint(
      flatten, 0, unit, [&] { return random.Uniform(); },
      [&](const UnitPoint& point) {
        if (!visited(point)) found = point;
        return found.has_value();
      });
  if (!found.has_value() && !IsFinite(flatten)) return repeat;  // a continuum is never used up
  return found;
}

std::optional<VisitedPoints::Drawn> VisitedPoints::DrawProposed(absl::FunctionRef<UnitPoint()> propose,
                                                                Random& random) const {
  for (int draw = 0; draw < kRandomDraws; ++draw) {
    UnitPoint unit = propose();
    flatten_.Snap(unit);
    if (!Contains(unit)) return Drawn{.unit = std::move(unit)};
  }
  std::optional<UnitPoint> other = DrawOther(random);
  if (!other.has_value()) return std::nullopt;
  return Drawn{.unit = *std::move(other), .proposed = false};
}

std::optional<std::vector<UnitPoint>> EnumeratePoints(const Flatten& flatten, size_t limit) {
  const std::optional<uint64_t> count = flatten.space().Cardinality();
  if (!count.has_value() || *count > limit) return std::nullopt;
  std::vector<UnitPoint> points;
  UnitPoint unit(flatten.dimension());
  ForEachPoint(flatten, 0, unit, nullptr, [&](const UnitPoint& point) {
    points.push_back(point);
    return false;
  });
  return points;
}

}  // namespace photinus
