// Which points of a space have been suggested or evaluated already.
#ifndef PHOTINUS_SERVER_ALGORITHMS_SAMPLING_VISITED_POINTS_H_
#define PHOTINUS_SERVER_ALGORITHMS_SAMPLING_VISITED_POINTS_H_

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/base/random.h"
#include "common/space/flatten.h"

namespace photinus {

// A hash: equal for points whose doubles are equal within 1e-9 of their range, and for others with a chance of 2^-64.
uint64_t PointKey(const Flatten& flatten, const UnitPoint& unit);

// A multiset of points; doubles count as equal within 1e-9 of their range. It knows points by 64-bit hashes, so that
// among n points another one counts as visited with a probability of n / 2^64.
class VisitedPoints {
 public:
  // The flattened space is borrowed, and so are the sets in `below`, whose points count as being in this one.
  explicit VisitedPoints(const Flatten& flatten, std::vector<const VisitedPoints*> below = {})
      : flatten_(flatten), below_(std::move(below)) {}

  // Points outside the bounds are ignored: no suggestion can repeat them.
  void Add(const UnitPoint& unit);
  // Undoes one Add.
  void Remove(const UnitPoint& unit);
  bool Contains(const UnitPoint& unit) const { return ContainsKey(PointKey(flatten_, unit)); }
  // The same by the point's key in this space.
  bool ContainsKey(uint64_t key) const;
  // Different points, without those below.
  size_t size() const { return counts_.size(); }

  // As DrawOther below.
  std::optional<UnitPoint> DrawOther(Random& random) const;

  // A point that `propose` makes; where its proposals are in the set again and again, DrawOther's.
  struct Drawn {
    UnitPoint unit;
    bool proposed = true;
  };
  std::optional<Drawn> DrawProposed(absl::FunctionRef<UnitPoint()> propose, Random& random) const;

 private:
  const Flatten& flatten_;
  std::vector<const VisitedPoints*> below_;
  std::unordered_map<uint64_t, uint32_t> counts_;
};

// A snapped point that is not `visited`, as uniform as is cheap: random draws, then a scan that is exact but for
// doubles, which it draws. nullopt if every point of a finite space is visited; in others the last resort is a repeat.
std::optional<UnitPoint> DrawOther(const Flatten& flatten, Random& random,
                                   absl::FunctionRef<bool(const UnitPoint&)> visited);

// All points of a space of at most `limit` points, snapped, in a fixed order; nullopt if there are more.
std::optional<std::vector<UnitPoint>> EnumeratePoints(const Flatten& flatten, size_t limit);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_SAMPLING_VISITED_POINTS_H_
