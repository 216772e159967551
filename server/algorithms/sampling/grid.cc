#include "server/algorithms/sampling/grid.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace photinus {
namespace {

constexpr uint64_t kTooMany = uint64_t{1} << 62;  // where counts stop growing
constexpr double kOnTheGrid = 1e-9;               // in unit coordinates

uint64_t Product(uint64_t a, uint64_t b) { return b != 0 && a > kTooMany / b ? kTooMany : a * b; }
uint64_t Sum(uint64_t a, uint64_t b) { return std::min(a + b, kTooMany); }

}  // namespace

Grid::Grid(const Flatten& flatten) : flatten_(flatten), loops_(static_cast<size_t>(flatten.dimension())) {
  std::vector<std::vector<int>> children(loops_.size());
  for (int i = 0; i < flatten.dimension(); ++i) {
    const int parent = flatten.space().parameters()[i].parent;
    (parent < 0 ? roots_ : children[parent]).push_back(i);
  }
  for (int i = flatten.dimension() - 1; i >= 0; --i) {  // parents come before their children
    Loop& loop = loops_[i];
    loop.runs = RunsOf(i, children[i]);
    for (Run& run : loop.runs) {
      run.points_per_level = PointsOf(run.children);
      run.first_point = loop.points;
      loop.points = Sum(loop.points, Product(run.points_per_level, static_cast<uint64_t>(run.levels)));
    }
  }
  points_ = PointsOf(roots_);
}

int64_t Grid::Levels(int parameter) const {
  const int64_t levels = flatten_.Levels(parameter);
  return levels > 0 ? levels : kPointsOfADouble;
}

double Grid::Coordinate(int parameter, int64_t level) const {
  if (flatten_.Levels(parameter) > 0) return flatten_.LevelCoordinate(parameter, level);
  return static_cast<double>(level) / (kPointsOfADouble - 1);
}

std::optional<int64_t> Grid::LevelOf(int parameter, double coordinate) const {
  if (coordinate < 0 || coordinate > 1) return std::nullopt;  // outside the bounds
  if (flatten_.Levels(parameter) > 0) return flatten_.LevelOf(parameter, coordinate);
  const auto level = std::llround(coordinate * (kPointsOfADouble - 1));
  if (std::abs(Coordinate(parameter, level) - coordinate) > kOnTheGrid) return std::nullopt;
  return level;
}

// Levels on which children depend have runs of their own, so that a parent may have more levels than fit into a list.
std::vector<Grid::Run> Grid::RunsOf(int parameter, const std::vector<int>& children) const {
  const auto& parameters = flatten_.space().parameters();
  std::vector<std::pair<int64_t, int>> activations;  // level, child
  for (const int child : children) {
    for (const ParameterValue& value : parameters[child].parent_values) {
      activations.emplace_back(flatten_.LevelOf(parameter, flatten_.CoordinateOf(parameter, value).value_or(0.5)),
                               child);
    }
  }
  std::sort(activations.begin(), activations.end());
  std::vector<Run> runs;
  int64_t next = 0;
  for (size_t i = 0; i < activations.size();) {
    const int64_t level = activations[i].first;
    if (next < level) runs.push_back({.first_level = next, .levels = level - next});
    Run run{.first_level = level};
    for (; i < activations.size() && activations[i].first == level; ++i) run.children.push_back(activations[i].second);
    runs.push_back(std::move(run));
    next = level + 1;
  }
  if (next < Levels(parameter)) runs.push_back({.first_level = next, .levels = Levels(parameter) - next});
  return runs;
}

uint64_t Grid::PointsOf(const std::vector<int>& siblings) const {
  uint64_t points = 1;
  for (const int sibling : siblings) points = Product(points, loops_[sibling].points);
  return points;
}

std::optional<uint64_t> Grid::size() const {
  if (points_ > kMaxPoints) return std::nullopt;
  return points_;
}

UnitPoint Grid::At(uint64_t index) const {
  UnitPoint unit(loops_.size());
  Decode(roots_, index, unit);
  flatten_.Snap(unit);  // inactive children
  return unit;
}

void Grid::Decode(const std::vector<int>& siblings, uint64_t index, UnitPoint& unit) const {
  for (auto sibling = siblings.rbegin(); sibling != siblings.rend(); ++sibling) {
    DecodeLoop(*sibling, index % loops_[*sibling].points, unit);
    index /= loops_[*sibling].points;
  }
}

void Grid::DecodeLoop(int parameter, uint64_t index, UnitPoint& unit) const {
  const std::vector<Run>& runs = loops_[parameter].runs;
  const auto after =
      std::upper_bound(runs.begin(), runs.end(), index, [](uint64_t i, const Run& run) { return i < run.first_point; });
  const Run& run = *std::prev(after);
  const uint64_t in_run = index - run.first_point;
  const auto level = run.first_level + static_cast<int64_t>(in_run / run.points_per_level);
  unit[parameter] = Coordinate(parameter, level);
  Decode(run.children, in_run % run.points_per_level, unit);
}

std::optional<uint64_t> Grid::IndexOf(const UnitPoint& unit) const { return Encode(roots_, unit); }

std::optional<uint64_t> Grid::Encode(const std::vector<int>& siblings, const UnitPoint& unit) const {
  uint64_t index = 0;
  for (const int sibling : siblings) {
    const std::optional<uint64_t> digit = EncodeLoop(sibling, unit);
    if (!digit.has_value()) return std::nullopt;
    index = index * loops_[sibling].points + *digit;
  }
  return index;
}

std::optional<uint64_t> Grid::EncodeLoop(int parameter, const UnitPoint& unit) const {
  const std::optional<int64_t> level = LevelOf(parameter, unit[parameter]);
  if (!level.has_value()) return std::nullopt;
  const std::vector<Run>& runs = loops_[parameter].runs;
  const auto after =
      std::upper_bound(runs.begin(), runs.end(), *level, [](int64_t l, const Run& run) { return l < run.first_level; });
  const Run& run = *std::prev(after);
  const std::optional<uint64_t> below = Encode(run.children, unit);
  if (!below.has_value()) return std::nullopt;
  return run.first_point + static_cast<uint64_t>(*level - run.first_level) * run.points_per_level + *below;
}

}  // namespace photinus
