#ifndef PHOTINUS_COMMON_SPACES_SPACE_H_
#define PHOTINUS_COMMON_SPACES_SPACE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace photinus::spaces {

// A parameter's value: a category, a real or discrete number, or an integer.
using Value = std::variant<std::string, double, std::int64_t>;

// The active parameters of one point of a space, by name. A parameter whose condition does not hold is absent.
using ParameterValues = std::map<std::string, Value>;

enum class ParameterType { kDouble, kInteger, kDiscrete, kCategorical };

enum class Scale { kLinear, kLog };

// Holds when the categorical parameter `parent` is active and has one of `values`.
struct Condition {
  std::string parent;
  std::vector<std::string> values;
};

// One parameter of a space. What a type does not need stays empty: min, max and scale belong to kDouble and kInteger
// (both bounds included), `numbers` (ascending) to kDiscrete, `categories` to kCategorical.
struct Parameter {
  std::string name;
  ParameterType type = ParameterType::kDouble;
  double min = 0;
  double max = 0;
  Scale scale = Scale::kLinear;
  std::vector<double> numbers;
  std::vector<std::string> categories;
  std::vector<std::uint32_t> weights;  // how often Sample draws each category, in proportion; empty: equally often
  Value default_value;
  std::optional<Condition> when;  // absent: always active
};

// A named search space. A parent stands before its children in `parameters`.
struct Space {
  std::string name;
  std::string description;
  std::vector<Parameter> parameters;
};

// Whether `parameter` takes part in the point `values`, in which its parent, if it has one, is already decided.
bool IsActive(const Parameter& parameter, const ParameterValues& values);

// The point of `space` whose every active parameter has its default value.
ParameterValues Defaults(const Space& space);

}  // namespace photinus::spaces

#endif  // PHOTINUS_COMMON_SPACES_SPACE_H_
