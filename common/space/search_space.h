// The search space as the code uses it: a validated, flat view of StudySpec's parameter tree.
#ifndef PHOTINUS_COMMON_SPACE_SEARCH_SPACE_H_
#define PHOTINUS_COMMON_SPACE_SEARCH_SPACE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/pb.h"

namespace photinus {

// Doubles, integers and discrete values are numbers; categories are strings.
using ParameterValue = std::variant<double, std::string>;
// One point: the active parameters and their values.
using Point = std::map<std::string, ParameterValue, std::less<>>;

struct Parameter {
  enum class Type { kDouble, kInteger, kDiscrete, kCategorical };
  enum class Scale { kLinear, kLog, kReverseLog };

  std::string id;
  Type type = Type::kDouble;
  Scale scale = Scale::kLinear;
  double min = 0, max = 0;              // kDouble, kInteger; for kDiscrete the first and last value
  std::vector<double> values;           // kDiscrete, ascending
  std::vector<std::string> categories;  // kCategorical
  std::optional<ParameterValue> default_value;
  int parent = -1;                            // index into SearchSpace::parameters(); -1: always active
  std::vector<ParameterValue> parent_values;  // active while the parent has one of these
};

class SearchSpace {
 public:
  // InvalidArgument (a FieldError such as "parameters[2].min") for whatever service.md calls a spec error: min > max,
  // NaN bounds, log scale with bounds <= 0, duplicate ids, more than 1,000 discrete values, values unsorted or closer
  // than 1e-10, child conditions outside the parent's domain, depth over 16, more than 1,000 parameters, defaults out
  // of range. Children of one parent that have one name and are equal but for disjoint conditions, as Vizier's clients
  // send them, are one parameter.
  static absl::StatusOr<SearchSpace> FromSpec(const pb::StudySpec& spec);

  // Parents before their children, otherwise in the spec's order.
  const std::vector<Parameter>& parameters() const { return *parameters_; }
  // -1 if there is none.
  int Find(std::string_view id) const;

  // Whether parameter `index` is active at `point` (all its ancestors are, with matching values).
  bool IsActive(int index, const Point& point) const;

  // InvalidArgument that names the parameter: missing although active, present although inactive, unknown, of the wrong
  // type, not one of the values, or outside the bounds.
  absl::Status Validate(const Point& point) const;
  // Only that each parameter is known and of the right type: history from elsewhere may be out of range.
  absl::Status ValidateHistory(const Point& point) const;

  // How many distinct points there are; nullopt for infinite or more than 2^53.
  std::optional<uint64_t> Cardinality() const;

 private:
  // Never changed, so that copies share it: every Flatten keeps a copy, and algorithms make one for each suggestion.
  std::shared_ptr<const std::vector<Parameter>> parameters_ = std::make_shared<const std::vector<Parameter>>();
};

// InvalidArgument if a value is neither a number nor a string, or a parameter stands twice.
absl::StatusOr<Point> PointFromTrial(const pb::Trial& trial);
void PointToTrial(const Point& point, pb::Trial& trial);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_SPACE_SEARCH_SPACE_H_
