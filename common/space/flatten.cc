#include "common/space/flatten.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "common/base/random.h"
#include "common/space/scale.h"

namespace photinus {
namespace {

using Type = Parameter::Type;

constexpr double kInactive = 0.5;
constexpr double kMaxOutside = 0.5;              // how far history may lie outside the unit interval
constexpr int kMaxSimplexColumns = 32;           // categories beyond it get random codes of that many columns
constexpr double kOneHot = 0.70710678118654752;  // sqrt(1/2): two corners are at distance 1

int64_t CountLevels(const Parameter& p) {
  switch (p.type) {
    case Type::kDouble:
      return p.min == p.max ? 1 : 0;
    case Type::kInteger:
      return static_cast<int64_t>(p.max - p.min) + 1;
    case Type::kDiscrete:
      return static_cast<int64_t>(p.values.size());
    case Type::kCategorical:
      return static_cast<int64_t>(p.categories.size());
  }
  return 0;
}

// The interval that an integer parameter's cells cover; on log scales it must stay above zero.
std::pair<double, double> IntegerRange(const Parameter& p) { return {p.min - 0.5, p.max + 0.5}; }

double CellCentre(int64_t level, int64_t levels) {
  return (static_cast<double>(level) + 0.5) / static_cast<double>(levels);
}

int64_t Cell(double coordinate, int64_t levels) {
  const double cell = std::clamp(coordinate * static_cast<double>(levels), 0.0, 9e15);
  return std::min(static_cast<int64_t>(cell), levels - 1);
}

// The lower one of two that are as near.
int64_t NearestDiscrete(const Parameter& p, double value) {
  const auto above = std::lower_bound(p.values.begin(), p.values.end(), value);
  if (above == p.values.begin()) return 0;
  const bool below = above == p.values.end() || value - *(above - 1) <= *above - value;
  return above - p.values.begin() - (below ? 1 : 0);
}

// Column `column` of the code of `level`: a corner of the simplex, or random signs that are at distance about 1.
double CategoryCode(int64_t level, int column, int64_t levels, int columns) {
  if (levels <= kMaxSimplexColumns) return level == column ? kOneHot : 0;
  const bool sign = (SplitMix64(static_cast<uint64_t>(level)) >> column) & 1;
  return (sign ? 1 : -1) / std::sqrt(2.0 * columns);
}

}  // namespace

double LargestDifference(const UnitPoint& a, const UnitPoint& b) {
  return std::transform_reduce(
      a.begin(), a.end(), b.begin(), 0.0, [](double x, double y) { return std::max(x, y); },
      [](double x, double y) { return std::abs(x - y); });
}

Flatten::Flatten(const SearchSpace& space) : space_(space) {
  const auto& parameters = space_.parameters();
  for (const Parameter& p : parameters) levels_.push_back(CountLevels(p));
  by_id_.resize(parameters.size());
  std::iota(by_id_.begin(), by_id_.end(), 0);
  std::sort(by_id_.begin(), by_id_.end(), [&](int a, int b) { return parameters[a].id < parameters[b].id; });
  conditional_ = std::any_of(parameters.begin(), parameters.end(), [](const Parameter& p) { return p.parent >= 0; });
  parent_levels_.resize(parameters.size());
  for (size_t i = 0; i < parameters.size(); ++i) {
    for (const ParameterValue& value : parameters[i].parent_values) {
      const int parent = parameters[i].parent;
      parent_levels_[i].push_back(LevelOf(parent, CoordinateOf(parent, value).value_or(kInactive)));
    }
    std::sort(parent_levels_[i].begin(), parent_levels_[i].end());
  }
  AddGroups();
}

void Flatten::AddGroups() {
  const auto& parameters = space_.parameters();
  activity_group_.assign(parameters.size(), -1);
  std::map<std::pair<int, std::vector<int64_t>>, int> conditions;
  const auto add = [&](FeatureGroup group) {
    group.first = feature_dimension_;
    feature_dimension_ += group.size;
    groups_.push_back(group);
    return static_cast<int>(groups_.size()) - 1;
  };
  for (int i = 0; i < dimension(); ++i) {
    const bool categorical = parameters[i].type == Type::kCategorical;
    const int size = categorical ? static_cast<int>(std::min<int64_t>(levels_[i], kMaxSimplexColumns)) : 1;
    own_group_.push_back(add({.parameter = i, .size = size, .categorical = categorical}));
  }
  for (int i = 0; i < dimension(); ++i) {
    if (parameters[i].parent < 0) continue;
    const auto [found, is_new] = conditions.try_emplace({parameters[i].parent, parent_levels_[i]}, 0);
    if (is_new) found->second = add({.parameter = i, .activity = true});
    activity_group_[i] = found->second;
  }
}

double Flatten::LevelCoordinate(int parameter, int64_t level) const {
  const Parameter& p = space_.parameters()[parameter];
  if (levels_[parameter] == 1) return kInactive;
  if (p.type != Type::kInteger) return CellCentre(level, levels_[parameter]);
  const auto [low, high] = IntegerRange(p);
  return ToUnitInterval(p.scale, low, high, p.min + static_cast<double>(level)).value_or(kInactive);
}

int64_t Flatten::LevelOf(int parameter, double coordinate) const {
  const Parameter& p = space_.parameters()[parameter];
  if (levels_[parameter] == 1) return 0;
  if (p.type != Type::kInteger) return Cell(coordinate, levels_[parameter]);
  const auto [low, high] = IntegerRange(p);
  const double value = std::round(FromUnitInterval(p.scale, low, high, std::clamp(coordinate, 0.0, 1.0)));
  return static_cast<int64_t>(std::clamp(value, p.min, p.max) - p.min);
}

std::optional<double> Flatten::CoordinateOf(int parameter, const ParameterValue& value) const {
  const Parameter& p = space_.parameters()[parameter];
  if (p.type == Type::kCategorical) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return std::nullopt;
    const auto found = std::find(p.categories.begin(), p.categories.end(), *text);
    if (found == p.categories.end()) return std::nullopt;
    return CellCentre(found - p.categories.begin(), static_cast<int64_t>(p.categories.size()));
  }
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr || std::isnan(*number)) return std::nullopt;
  if (p.type == Type::kDiscrete) {
    return CellCentre(NearestDiscrete(p, *number), static_cast<int64_t>(p.values.size()));
  }
  if (p.min == p.max) return kInactive;
  const auto [low, high] = p.type == Type::kInteger ? IntegerRange(p) : std::pair(p.min, p.max);
  const std::optional<double> unit = ToUnitInterval(p.scale, low, high, *number);
  if (!unit.has_value()) return std::nullopt;
  return std::clamp(*unit, -kMaxOutside, 1 + kMaxOutside);
}

ParameterValue Flatten::Value(int parameter, double coordinate) const {
  const Parameter& p = space_.parameters()[parameter];
  switch (p.type) {
    case Type::kDouble:
      // Exactly, though the way there and back is rounded.
      if (p.default_value.has_value() && CoordinateOf(parameter, *p.default_value) == coordinate)
        return *p.default_value;
      return FromUnitInterval(p.scale, p.min, p.max, std::clamp(coordinate, 0.0, 1.0));
    case Type::kInteger:
      return p.min + static_cast<double>(LevelOf(parameter, coordinate));
    case Type::kDiscrete:
      return p.values[LevelOf(parameter, coordinate)];
    case Type::kCategorical:
      return p.categories[LevelOf(parameter, coordinate)];
  }
  return 0.0;
}

bool Flatten::ActiveUnder(int parameter, const UnitPoint& unit, const std::vector<bool>& active) const {
  const int parent = space_.parameters()[parameter].parent;
  if (parent < 0) return true;
  return active[parent] && std::binary_search(parent_levels_[parameter].begin(), parent_levels_[parameter].end(),
                                              LevelOf(parent, unit[parent]));
}

std::vector<bool> Flatten::Active(const UnitPoint& unit) const {
  std::vector<bool> active(dimension(), true);
  if (!conditional_) return active;
  for (int i = 0; i < dimension(); ++i) active[i] = ActiveUnder(i, unit, active);  // parents come first
  return active;
}

std::vector<const ParameterValue*> Flatten::Values(const Point& point) const {
  std::vector<const ParameterValue*> values(dimension());
  auto entry = point.begin();
  for (const int i : by_id_) {
    int order = -1;  // of the entry's name to the parameter's
    for (; entry != point.end(); ++entry) {
      order = entry->first.compare(space_.parameters()[i].id);
      if (order >= 0) break;
    }
    if (order == 0) values[i] = &entry->second;
  }
  return values;
}

std::optional<UnitPoint> Flatten::ToUnit(const Point& point) const {
  const std::vector<const ParameterValue*> values = Values(point);
  UnitPoint unit(dimension(), kInactive);
  std::vector<bool> active(dimension(), true);
  for (int i = 0; i < dimension(); ++i) {
    active[i] = ActiveUnder(i, unit, active);
    if (!active[i]) continue;
    if (values[i] == nullptr) return std::nullopt;
    const std::optional<double> coordinate = CoordinateOf(i, *values[i]);
    if (!coordinate.has_value()) return std::nullopt;
    unit[i] = *coordinate;
  }
  return unit;
}

Point Flatten::ToPoint(const UnitPoint& unit) const {
  Point point;
  const std::vector<bool> active = Active(unit);
  for (const int i : by_id_) {
    if (active[i]) point.emplace_hint(point.end(), space_.parameters()[i].id, Value(i, unit[i]));
  }
  return point;
}

std::vector<bool> Flatten::Snap(UnitPoint& unit) const {
  const std::vector<bool> active = Active(unit);
  for (int i = 0; i < dimension(); ++i) {
    if (!active[i]) {
      unit[i] = kInactive;
    } else if (levels_[i] > 0) {
      unit[i] = LevelCoordinate(i, LevelOf(i, unit[i]));
    } else {
      unit[i] = std::clamp(unit[i], 0.0, 1.0);
    }
  }
  return active;
}

// A discrete value: where it lies in the scaled range. On a linear scale, where users also write 1, 10, 100, the mean
// of that and its rank, so that no two values are nearly the same to a model.
double Flatten::ScalarFeature(int parameter, double coordinate) const {
  const Parameter& p = space_.parameters()[parameter];
  if (p.type != Type::kDiscrete || p.values.size() < 2) return coordinate;
  const int64_t level = LevelOf(parameter, coordinate);
  const double scaled = ToUnitInterval(p.scale, p.min, p.max, p.values[level]).value_or(kInactive);
  if (p.scale != Parameter::Scale::kLinear) return scaled;
  return 0.5 * (scaled + static_cast<double>(level) / static_cast<double>(p.values.size() - 1));
}

void Flatten::ToFeatures(const UnitPoint& unit, double* features) const {
  const std::vector<bool> active = Active(unit);
  for (const FeatureGroup& group : groups_) {
    double* column = features + group.first;
    const int i = group.parameter;
    if (group.activity) {
      *column = active[i] ? 1 : 0;
    } else if (!active[i]) {
      std::fill(column, column + group.size, group.categorical ? 0 : kInactive);  // 0: as far from every category
    } else if (group.categorical) {
      const int64_t level = LevelOf(i, unit[i]);
      for (int c = 0; c < group.size; ++c) column[c] = CategoryCode(level, c, levels_[i], group.size);
    } else {
      *column = ScalarFeature(i, unit[i]);
    }
  }
}

int Flatten::ScalarColumn(int parameter) const {
  return levels_[parameter] == 0 ? groups_[own_group_[parameter]].first : -1;
}

}  // namespace photinus
