// One view of every search space as a unit cube, shared by all algorithms.
//
// Two encodings of a point:
//   unit coordinates: one per parameter in [0, 1], for sampling and for moving about. A uniform draw of the cube is a
//     uniform draw of the scaled space. Doubles are scaled by LINEAR, LOG or REVERSE_LOG; integers are cell centres of
//     the scaled range; discrete values and categories are centres of equally wide cells; inactive children are 0.5.
//   features: what a model measures distances in. Scalars as above, except that discrete values keep their spacing;
//     categories are corners of a simplex, so that two different ones are at distance 1; an inactive child is in the
//     middle, and each conditional group (children with one condition) adds a column that is 1 while they are active.
#ifndef PHOTINUS_COMMON_SPACE_FLATTEN_H_
#define PHOTINUS_COMMON_SPACE_FLATTEN_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "common/space/search_space.h"

namespace photinus {

using UnitPoint = std::vector<double>;

// The largest difference in any coordinate.
double LargestDifference(const UnitPoint& a, const UnitPoint& b);

// Immutable, hence thread-safe. Cheap to make.
class Flatten {
 public:
  // A run of feature columns that belong together and share one lengthscale.
  struct FeatureGroup {
    int parameter = 0;  // whose it is; for an activity column one of the children
    int first = 0;      // column
    int size = 1;       // columns
    bool categorical = false;
    bool activity = false;
  };

  explicit Flatten(const SearchSpace& space);

  const SearchSpace& space() const { return space_; }
  // The number of unit coordinates: one per parameter, in the order of space().parameters().
  int dimension() const { return static_cast<int>(space_.parameters().size()); }
  // How many values a parameter can take; 0 for a double whose range is not a single point.
  int64_t Levels(int parameter) const { return levels_[parameter]; }

  // nullopt if an active parameter is missing or a value cannot be placed (an unknown category, zero on a log scale).
  // Numbers outside the bounds, as in history from elsewhere, land outside [0, 1], at most by 0.5; a discrete value
  // between two others takes the nearer one's cell.
  std::optional<UnitPoint> ToUnit(const Point& point) const;
  // Clamps and rounds to a valid point. ToPoint(*ToUnit(p)) equals p up to rounding of doubles for every valid p.
  Point ToPoint(const UnitPoint& unit) const;
  // Rounds in place to the coordinates of the nearest valid point: ToUnit(ToPoint(unit)) without the detour. Gives
  // which parameters are active there.
  std::vector<bool> Snap(UnitPoint& unit) const;
  // The coordinate of one parameter's value, as ToUnit gives it.
  std::optional<double> CoordinateOf(int parameter, const ParameterValue& value) const;
  // The coordinate of a parameter's level 0..Levels-1.
  double LevelCoordinate(int parameter, int64_t level) const;
  // The nearest level of a coordinate; Levels(parameter) > 0.
  int64_t LevelOf(int parameter, double coordinate) const;
  // Which parameters are active at a snapped point.
  std::vector<bool> Active(const UnitPoint& unit) const;

  const std::vector<FeatureGroup>& groups() const { return groups_; }
  int feature_dimension() const { return feature_dimension_; }
  // Writes feature_dimension() numbers for a snapped point (or ToUnit's answer, which may lie outside the bounds).
  void ToFeatures(const UnitPoint& unit, double* features) const;
  // d feature / d unit coordinate of a double parameter is 1, in this column; -1 for all others.
  int ScalarColumn(int parameter) const;

 private:
  // By parameter; null where the point has none.
  std::vector<const ParameterValue*> Values(const Point& point) const;
  bool ActiveUnder(int parameter, const UnitPoint& unit, const std::vector<bool>& active) const;
  ParameterValue Value(int parameter, double coordinate) const;
  double ScalarFeature(int parameter, double coordinate) const;
  void AddGroups();

  SearchSpace space_;
  std::vector<int64_t> levels_;
  std::vector<int> by_id_;                           // parameters in ascending order of their ids
  bool conditional_ = false;                         // some parameter is not always active
  std::vector<std::vector<int64_t>> parent_levels_;  // per parameter: the parent's levels that activate it, ascending
  std::vector<int> activity_group_;                  // per parameter: its activity column's group, -1 for roots
  std::vector<int> own_group_;                       // per parameter
  std::vector<FeatureGroup> groups_;
  int feature_dimension_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_SPACE_FLATTEN_H_
