// How a firefly sees a search space: a cube of unit coordinates, each of one kind.
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_LAYOUT_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_LAYOUT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/base/random.h"
#include "common/space/flatten.h"

namespace photinus::firefly {

// Where a coordinate belongs to a conditional parameter that is not active, it is this, which equals nothing.
inline constexpr double kInactive = std::numeric_limits<double>::quiet_NaN();

enum class Kind : uint8_t {
  kDouble,
  kOrdinal,      // integers and discrete values
  kCategorical,  // equal or different
  kFixed,        // a single value
};
inline constexpr int kMovingKinds = 3;  // all but kFixed

struct Layout {
  explicit Layout(const Flatten& flatten);
  // A cube of doubles.
  explicit Layout(int dimension);

  int dimension() const { return static_cast<int>(kinds.size()); }

  std::vector<Kind> kinds;                                    // by unit coordinate
  std::array<std::vector<size_t>, kMovingKinds> coordinates;  // by kind, ascending
  std::vector<int64_t> levels;                                // how many values; 0 for a double
  bool only_categorical = false;
  bool only_doubles = false;  // but for single values

 private:
  void Add(Kind kind, int64_t level_count);
};

// Whether two snapped points are the same, up to rounding of doubles.
bool SamePoint(const UnitPoint& a, const UnitPoint& b);

// The nearest valid point, in place: coordinates are snapped, those of parameters that have become active without a
// value get a random one, and those that are not active become kInactive.
void Settle(const Flatten& flatten, Random& random, UnitPoint& unit);

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_LAYOUT_H_
