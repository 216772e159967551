// Which points of a space have been suggested or evaluated already.
#ifndef PHOTINUS_SERVER_ALGORITHMS_SAMPLING_VISITED_POINTS_H_
#define PHOTINUS_SERVER_ALGORITHMS_SAMPLING_VISITED_POINTS_H_

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/base/random.h"
#include "common/space/flatten.h"

namespace photinus {

// A set of points; doubles count as equal within 1e-9 of their range.
class VisitedPoints {
 public:
  // The flattened space is borrowed.
  explicit VisitedPoints(const Flatten& flatten) : flatten_(flatten) {}

  // Points outside the bounds are ignored: no suggestion can repeat them.
  void Add(const UnitPoint& unit);
  bool Contains(const UnitPoint& unit) const;
  size_t size() const { return keys_.size(); }

  // As DrawOther below.
  std::optional<UnitPoint> DrawOther(Random& random) const;

  // A point that `propose` makes; where its proposals are in the set again and again, DrawOther's.
  struct Drawn {
    UnitPoint unit;
    bool proposed = true;
  };
  std::optional<Drawn> DrawProposed(absl::FunctionRef<UnitPoint()> propose, Random& random) const;

 private:
  using Key = std::vector<int64_t>;

  const Flatten& flatten_;
  std::set<Key> keys_;
};

// A number that is equal for points that VisitedPoints takes as equal, and differs, but for a chance of 2^-64, for
// others.
uint64_t PointKey(const Flatten& flatten, const UnitPoint& unit);

// A snapped point that is not `visited`, as uniform as is cheap: random draws, then, in a finite space, an exact scan.
// nullopt if every point of the space is visited.
std::optional<UnitPoint> DrawOther(const Flatten& flatten, Random& random,
                                   absl::FunctionRef<bool(const UnitPoint&)> visited);

// All points of a space of at most `limit` points, snapped, in a fixed order; nullopt if there are more.
std::optional<std::vector<UnitPoint>> EnumeratePoints(const Flatten& flatten, size_t limit);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_SAMPLING_VISITED_POINTS_H_
