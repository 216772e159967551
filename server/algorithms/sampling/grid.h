// A regular grid over a search space, by number.
#ifndef PHOTINUS_SERVER_ALGORITHMS_SAMPLING_GRID_H_
#define PHOTINUS_SERVER_ALGORITHMS_SAMPLING_GRID_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "common/space/flatten.h"

namespace photinus {

// The points of a grid are numbered as nested loops would visit them: the first parameter is the outermost loop, a
// conditional child runs inside the values of its parent that activate it. Inactive children have no loop, so no point
// stands twice. Integers, discrete values and categories take all their values; doubles kPointsOfADouble, evenly
// spaced on their scale with both bounds. No list is kept: a number is decoded by mixed radix.
class Grid {
 public:
  static constexpr int kPointsOfADouble = 10;
  static constexpr uint64_t kMaxPoints = uint64_t{1} << 53;

  // The flattened space is borrowed.
  explicit Grid(const Flatten& flatten);

  // The number of points; nullopt for more than kMaxPoints: then the others must not be called.
  std::optional<uint64_t> size() const;
  // Point number `index` < size(), snapped.
  UnitPoint At(uint64_t index) const;
  // The number of a point as Flatten::ToUnit gives it; nullopt if it is not on the grid.
  std::optional<uint64_t> IndexOf(const UnitPoint& unit) const;

 private:
  // Consecutive levels of a parameter that activate the same children.
  struct Run {
    int64_t first_level = 0;
    int64_t levels = 1;
    std::vector<int> children;
    uint64_t points_per_level = 1;
    uint64_t first_point = 0;  // among those of the parameter
  };
  // A parameter with its descendants.
  struct Loop {
    std::vector<Run> runs;
    uint64_t points = 0;
  };

  int64_t Levels(int parameter) const;
  double Coordinate(int parameter, int64_t level) const;
  std::optional<int64_t> LevelOf(int parameter, double coordinate) const;
  std::vector<Run> RunsOf(int parameter, const std::vector<int>& children) const;
  uint64_t PointsOf(const std::vector<int>& siblings) const;
  void Decode(const std::vector<int>& siblings, uint64_t index, UnitPoint& unit) const;
  void DecodeLoop(int parameter, uint64_t index, UnitPoint& unit) const;
  std::optional<uint64_t> Encode(const std::vector<int>& siblings, const UnitPoint& unit) const;
  std::optional<uint64_t> EncodeLoop(int parameter, const UnitPoint& unit) const;

  const Flatten& flatten_;
  std::vector<int> roots_;
  std::vector<Loop> loops_;  // per parameter
  uint64_t points_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_SAMPLING_GRID_H_
