#include "common/study_document/named_space.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

using pb::StudySpec;
using ParameterSpec = pb::StudySpec::ParameterSpec;

// Parameter trees deeper than any accepted one end here; the search space room refuses them.
constexpr int kMaxDepth = 32;

double AsNumber(const spaces::Value& value) {
  if (const double* number = std::get_if<double>(&value)) return *number;
  return static_cast<double>(std::get<std::int64_t>(value));
}

ParameterSpec ToSpec(const spaces::Parameter& parameter) {
  ParameterSpec spec;
  spec.set_parameter_id(parameter.name);
  switch (parameter.type) {
    case spaces::ParameterType::kDouble:
      spec.mutable_double_value_spec()->set_min_value(parameter.min);
      spec.mutable_double_value_spec()->set_max_value(parameter.max);
      spec.mutable_double_value_spec()->mutable_default_value()->set_value(AsNumber(parameter.default_value));
      break;
    case spaces::ParameterType::kInteger:
      spec.mutable_integer_value_spec()->set_min_value(static_cast<int64_t>(parameter.min));
      spec.mutable_integer_value_spec()->set_max_value(static_cast<int64_t>(parameter.max));
      spec.mutable_integer_value_spec()->mutable_default_value()->set_value(
          static_cast<int64_t>(AsNumber(parameter.default_value)));
      break;
    case spaces::ParameterType::kDiscrete:
      for (double number : parameter.numbers) spec.mutable_discrete_value_spec()->add_values(number);
      spec.mutable_discrete_value_spec()->mutable_default_value()->set_value(AsNumber(parameter.default_value));
      break;
    case spaces::ParameterType::kCategorical:
      for (const std::string& name : parameter.categories) spec.mutable_categorical_value_spec()->add_values(name);
      spec.mutable_categorical_value_spec()->mutable_default_value()->set_value(
          std::get<std::string>(parameter.default_value));
      break;
  }
  if (parameter.scale == spaces::Scale::kLog) spec.set_scale_type(ParameterSpec::UNIT_LOG_SCALE);
  return spec;
}

// A parameter of the spec's tree, with the condition under which it is active.
struct Placed {
  const ParameterSpec* spec = nullptr;
  const ParameterSpec* parent = nullptr;
  std::vector<std::string> when;  // categorical conditions only
};

void Collect(const ParameterSpec& spec, const ParameterSpec* parent, std::vector<std::string> when, int depth,
             std::map<std::string, Placed>& placed) {
  if (depth > kMaxDepth) return;
  // A child that stands under several values of its parent is one parameter (SearchSpace::FromSpec).
  if (const auto before = placed.find(spec.parameter_id()); before != placed.end() && before->second.parent == parent) {
    when.insert(when.end(), before->second.when.begin(), before->second.when.end());
  }
  placed[spec.parameter_id()] = {&spec, parent, std::move(when)};
  for (const auto& child : spec.conditional_parameter_specs()) {
    const auto& values = child.parent_categorical_values().values();
    Collect(child.parameter_spec(), &spec, {values.begin(), values.end()}, depth + 1, placed);
  }
}

std::string TypeName(spaces::ParameterType type) {
  switch (type) {
    case spaces::ParameterType::kDouble:
      return "double";
    case spaces::ParameterType::kInteger:
      return "integer";
    case spaces::ParameterType::kDiscrete:
      return "discrete";
    case spaces::ParameterType::kCategorical:
      return "categorical";
  }
  return "";
}

template <typename Values, typename Allowed>
bool AllIn(const Values& values, const Allowed& allowed) {
  return std::all_of(values.begin(), values.end(), [&](const auto& value) {
    return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
  });
}

// What is wrong with the domain of `spec` as an instance of `parameter`; empty if nothing is.
std::string DomainFault(const ParameterSpec& spec, const spaces::Parameter& parameter) {
  const std::string not_type = absl::StrCat("must be of type ", TypeName(parameter.type));
  const std::string bounds = absl::StrCat("must lie within ", parameter.min, " .. ", parameter.max);
  switch (parameter.type) {
    case spaces::ParameterType::kDouble: {
      if (!spec.has_double_value_spec()) return not_type;
      const auto& values = spec.double_value_spec();
      return values.min_value() >= parameter.min && values.max_value() <= parameter.max ? "" : bounds;
    }
    case spaces::ParameterType::kInteger: {
      if (!spec.has_integer_value_spec()) return not_type;
      const auto& values = spec.integer_value_spec();
      const bool inside = static_cast<double>(values.min_value()) >= parameter.min &&
                          static_cast<double>(values.max_value()) <= parameter.max;
      return inside ? "" : bounds;
    }
    case spaces::ParameterType::kDiscrete:
      if (!spec.has_discrete_value_spec()) return not_type;
      return AllIn(spec.discrete_value_spec().values(), parameter.numbers) ? "" : "has values that the space lacks";
    case spaces::ParameterType::kCategorical:
      if (!spec.has_categorical_value_spec()) return not_type;
      return AllIn(spec.categorical_value_spec().values(), parameter.categories) ? ""
                                                                                 : "has values that the space lacks";
  }
  return "";
}

// What is wrong with when the parameter is active; empty if nothing is.
std::string ConditionFault(const Placed& placed, const spaces::Parameter& parameter) {
  if (!parameter.when.has_value()) {
    return placed.parent == nullptr ? "" : "must be active always, not under a condition";
  }
  if (placed.parent == nullptr || placed.parent->parameter_id() != parameter.when->parent) {
    return absl::StrCat("must be conditional on ", parameter.when->parent);
  }
  // A category that the spec left out of the parent needs no condition.
  std::set<std::string> expected;
  const auto& offered = placed.parent->categorical_value_spec().values();
  for (const std::string& value : parameter.when->values) {
    if (std::find(offered.begin(), offered.end(), value) != offered.end()) expected.insert(value);
  }
  const std::set<std::string> actual(placed.when.begin(), placed.when.end());
  return actual == expected ? "" : absl::StrCat("is conditional on other values of ", parameter.when->parent);
}

}  // namespace

void AppendSpace(const spaces::Space& space, pb::StudySpec& spec) {
  std::map<std::string, ParameterSpec*> added;  // elements of repeated message fields do not move
  for (const spaces::Parameter& parameter : space.parameters) {
    ParameterSpec* place = nullptr;
    if (parameter.when.has_value()) {
      auto* conditional = added.at(parameter.when->parent)->add_conditional_parameter_specs();
      for (const std::string& value : parameter.when->values) {
        conditional->mutable_parent_categorical_values()->add_values(value);
      }
      place = conditional->mutable_parameter_spec();
    } else {
      place = spec.add_parameters();
    }
    *place = ToSpec(parameter);
    added[parameter.name] = place;
  }
}

absl::Status CheckAgainstSpace(const pb::StudySpec& spec, const spaces::Space& space) {
  std::map<std::string, Placed> placed;
  for (const ParameterSpec& parameter : spec.parameters()) Collect(parameter, nullptr, {}, 0, placed);
  for (const spaces::Parameter& parameter : space.parameters) {
    const auto it = placed.find(parameter.name);
    const std::string which = absl::StrCat(space.name, ": parameter '", parameter.name, "' ");
    if (it == placed.end()) return FieldError("space", absl::StrCat(which, "is missing from the study's parameters"));
    std::string fault = DomainFault(*it->second.spec, parameter);
    if (fault.empty()) fault = ConditionFault(it->second, parameter);
    if (!fault.empty()) return FieldError("space", absl::StrCat(which, fault));
  }
  return absl::OkStatus();
}

}  // namespace photinus
