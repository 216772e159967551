#include "common/space/search_space.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/message_differencer.h"

namespace photinus {
namespace {

using Spec = pb::StudySpec::ParameterSpec;
using Condition = Spec::ConditionalParameterSpec;

constexpr int kMaxDepth = 16;
constexpr int kMaxParameters = 1000;
constexpr int kMaxValues = 1000;
constexpr size_t kMaxIdBytes = 256;
constexpr double kMinDiscreteGap = 1e-10;
constexpr int64_t kMaxExactInteger = int64_t{1} << 53;  // a trial carries integers as doubles

// Categories are strings, everything else is a number.
bool HoldsString(const Parameter& parameter) { return parameter.type == Parameter::Type::kCategorical; }

bool NearlyEqual(double a, double b) { return std::abs(a - b) < 0.5 * kMinDiscreteGap + 1e-12 * std::abs(b); }

// Whether `value` is one of `values`; numbers within rounding.
bool IsOneOf(const ParameterValue& value, const std::vector<ParameterValue>& values) {
  return std::any_of(values.begin(), values.end(), [&](const ParameterValue& candidate) {
    if (candidate.index() != value.index()) return false;
    if (const auto* number = std::get_if<double>(&value)) return NearlyEqual(*number, std::get<double>(candidate));
    return candidate == value;
  });
}

// The message of what is wrong with `value` for this parameter, "" if nothing is.
std::string WhatIsWrong(const Parameter& parameter, const ParameterValue& value) {
  if (std::holds_alternative<std::string>(value) != HoldsString(parameter)) {
    return HoldsString(parameter) ? "takes a string, not a number" : "takes a number, not a string";
  }
  if (HoldsString(parameter)) {
    const std::string& text = std::get<std::string>(value);
    const auto& known = parameter.categories;
    if (std::find(known.begin(), known.end(), text) != known.end()) return "";
    return absl::StrCat(Quoted(text), " is not one of its ", known.size(), " values", DidYouMean(text, known));
  }
  const double number = std::get<double>(value);
  if (parameter.type == Parameter::Type::kDiscrete) {
    const auto& known = parameter.values;
    const bool found = std::any_of(known.begin(), known.end(), [&](double v) { return NearlyEqual(number, v); });
    return found ? "" : absl::StrCat(number, " is not one of its ", known.size(), " values");
  }
  if (!(number >= parameter.min && number <= parameter.max)) {
    return absl::StrCat(number, " is outside [", parameter.min, ", ", parameter.max, "]");
  }
  if (parameter.type == Parameter::Type::kInteger && number != std::floor(number)) {
    return absl::StrCat(number, " is not an integer");
  }
  return "";
}

// Reads the tree of one StudySpec into the flat list, parents first.
class SpecReader {
 public:
  absl::Status Read(const Spec& spec, int parent, std::vector<ParameterValue> parent_values, int depth) {
    if (depth > kMaxDepth) {
      return FieldError("", absl::StrCat("parameters are nested more than ", kMaxDepth, " deep"));
    }
    if (parameters_.size() >= kMaxParameters) {
      return FieldError("", absl::StrCat("there are more than ", kMaxParameters, " parameters"));
    }
    RETURN_IF_ERROR(ReadId(spec));
    Parameter parameter;
    parameter.id = spec.parameter_id();
    parameter.parent = parent;
    parameter.parent_values = std::move(parent_values);
    RETURN_IF_ERROR(ReadDomain(spec, parameter));
    RETURN_IF_ERROR(ReadScale(spec, parameter));
    RETURN_IF_ERROR(CheckDefault(parameter));
    parameters_.push_back(std::move(parameter));
    return ReadChildren(spec, static_cast<int>(parameters_.size()) - 1, depth);
  }

  std::vector<Parameter> Take() { return std::move(parameters_); }

 private:
  absl::Status ReadId(const Spec& spec) {
    const std::string& id = spec.parameter_id();
    if (id.empty()) return FieldError("name", "is missing: every parameter needs a name");
    if (id.size() > kMaxIdBytes) return FieldError("name", absl::StrCat("is longer than ", kMaxIdBytes, " bytes"));
    const bool control = std::any_of(id.begin(), id.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (control) return FieldError("name", "contains a control character");
    if (!ids_.insert(id).second) {
      return FieldError("name", absl::StrCat(Quoted(id), " stands twice; names are unique in the whole space"));
    }
    return absl::OkStatus();
  }

  static absl::Status ReadDomain(const Spec& spec, Parameter& parameter) {
    switch (spec.parameter_value_spec_case()) {
      case Spec::kDoubleValueSpec:
        return ReadDouble(spec.double_value_spec(), parameter);
      case Spec::kIntegerValueSpec:
        return ReadInteger(spec.integer_value_spec(), parameter);
      case Spec::kDiscreteValueSpec:
        return ReadDiscrete(spec.discrete_value_spec(), parameter);
      case Spec::kCategoricalValueSpec:
        return ReadCategorical(spec.categorical_value_spec(), parameter);
      default:
        return FieldError("type", absl::StrCat(Quoted(spec.parameter_id()),
                                               " has no domain: give a double, integer, discrete or categorical one"));
    }
  }

  static absl::Status ReadDouble(const Spec::DoubleValueSpec& domain, Parameter& parameter) {
    parameter.type = Parameter::Type::kDouble;
    parameter.min = domain.min_value();
    parameter.max = domain.max_value();
    if (domain.has_default_value()) parameter.default_value = domain.default_value().value();
    return CheckBounds(parameter);
  }

  static absl::Status ReadInteger(const Spec::IntegerValueSpec& domain, Parameter& parameter) {
    parameter.type = Parameter::Type::kInteger;
    parameter.min = static_cast<double>(domain.min_value());
    parameter.max = static_cast<double>(domain.max_value());
    for (const auto& [field, bound] : {std::pair("min", domain.min_value()), std::pair("max", domain.max_value())}) {
      if (bound >= -kMaxExactInteger && bound <= kMaxExactInteger) continue;
      return FieldError(field, absl::StrCat("of ", Quoted(parameter.id), " is beyond 2^53, where integers in trials ",
                                            "are no longer exact"));
    }
    if (domain.has_default_value()) parameter.default_value = static_cast<double>(domain.default_value().value());
    return CheckBounds(parameter);
  }

  static absl::Status CheckBounds(const Parameter& parameter) {
    if (!std::isfinite(parameter.min)) return FieldError("min", absl::StrCat(Quoted(parameter.id), " needs a number"));
    if (!std::isfinite(parameter.max)) return FieldError("max", absl::StrCat(Quoted(parameter.id), " needs a number"));
    if (parameter.min > parameter.max) {
      return FieldError("min", absl::StrCat(parameter.min, " of ", Quoted(parameter.id), " is above its max ",
                                            parameter.max, "; exchange them"));
    }
    return absl::OkStatus();
  }

  static absl::Status ReadDiscrete(const Spec::DiscreteValueSpec& domain, Parameter& parameter) {
    parameter.type = Parameter::Type::kDiscrete;
    RETURN_IF_ERROR(CheckValueCount(domain.values_size(), parameter));
    parameter.values.assign(domain.values().begin(), domain.values().end());
    for (size_t i = 0; i < parameter.values.size(); ++i) {
      const std::string field = absl::StrCat("values[", i, "]");
      if (!std::isfinite(parameter.values[i])) {
        return FieldError(field, absl::StrCat("of ", Quoted(parameter.id), " is not a finite number"));
      }
      if (i == 0) continue;
      const double gap = parameter.values[i] - parameter.values[i - 1];
      if (gap < 0) return FieldError(field, absl::StrCat("of ", Quoted(parameter.id), " is out of order; sort them"));
      if (gap < kMinDiscreteGap) {
        return FieldError(field, absl::StrCat("of ", Quoted(parameter.id), " is the same as the value before it, or ",
                                              "closer than ", kMinDiscreteGap));
      }
    }
    parameter.min = parameter.values.front();
    parameter.max = parameter.values.back();
    if (domain.has_default_value()) parameter.default_value = domain.default_value().value();
    return absl::OkStatus();
  }

  static absl::Status ReadCategorical(const Spec::CategoricalValueSpec& domain, Parameter& parameter) {
    parameter.type = Parameter::Type::kCategorical;
    RETURN_IF_ERROR(CheckValueCount(domain.values_size(), parameter));
    parameter.categories.assign(domain.values().begin(), domain.values().end());
    std::set<std::string_view> seen;
    for (size_t i = 0; i < parameter.categories.size(); ++i) {
      if (seen.insert(parameter.categories[i]).second) continue;
      return FieldError(absl::StrCat("values[", i, "]"),
                        absl::StrCat(Quoted(parameter.categories[i]), " stands twice in ", Quoted(parameter.id)));
    }
    if (domain.has_default_value()) parameter.default_value = domain.default_value().value();
    return absl::OkStatus();
  }

  static absl::Status CheckValueCount(int count, const Parameter& parameter) {
    if (count == 0) return FieldError("values", absl::StrCat("of ", Quoted(parameter.id), " are missing"));
    if (count > kMaxValues) {
      return FieldError("values", absl::StrCat(Quoted(parameter.id), " has ", count, " values; at most ", kMaxValues,
                                               " are allowed: use an integer or double parameter"));
    }
    return absl::OkStatus();
  }

  static absl::Status ReadScale(const Spec& spec, Parameter& parameter) {
    switch (spec.scale_type()) {
      case Spec::UNIT_LOG_SCALE:
        parameter.scale = Parameter::Scale::kLog;
        break;
      case Spec::UNIT_REVERSE_LOG_SCALE:
        parameter.scale = Parameter::Scale::kReverseLog;
        break;
      case Spec::SCALE_TYPE_UNSPECIFIED:
      case Spec::UNIT_LINEAR_SCALE:
        return absl::OkStatus();
      default:
        return FieldError(
            "scale", absl::StrCat(Quoted(parameter.id), " has an unknown scale; use linear, log or ", "reverse_log"));
    }
    if (HoldsString(parameter)) {
      parameter.scale = Parameter::Scale::kLinear;  // stock clients send a scale for categories, too; it has no meaning
    } else if (parameter.min <= 0) {
      return FieldError("scale", absl::StrCat(Quoted(parameter.id), " has a logarithmic scale but a min of ",
                                              parameter.min, "; it must be above 0"));
    }
    return absl::OkStatus();
  }

  static absl::Status CheckDefault(const Parameter& parameter) {
    if (!parameter.default_value.has_value()) return absl::OkStatus();
    const std::string fault = WhatIsWrong(parameter, *parameter.default_value);
    return fault.empty() ? absl::OkStatus() : FieldError("default", absl::StrCat(Quoted(parameter.id), ": ", fault));
  }

  // Where a child was read first.
  struct Sibling {
    const Spec* spec;
    size_t index;
  };

  absl::Status ReadChildren(const Spec& spec, int parent, int depth) {
    std::map<std::string_view, Sibling> siblings;
    for (int i = 0; i < spec.conditional_parameter_specs_size(); ++i) {
      const Condition& condition = spec.conditional_parameter_specs(i);
      const Spec& child = condition.parameter_spec();
      const std::string field = absl::StrCat("conditional_parameter_specs[", i, "]");
      auto values = ReadCondition(condition, parameters_[parent]);
      if (!values.ok()) return InField(field, values.status());
      const auto [first, is_new] = siblings.try_emplace(child.parameter_id(), Sibling{&child, parameters_.size()});
      const absl::Status status =
          is_new ? Read(child, parent, *std::move(values), depth + 1) : Merge(child, *std::move(values), first->second);
      if (!status.ok()) return InField(field, status);
    }
    return absl::OkStatus();
  }

  // Vizier's clients repeat a child once for each value of its parent: equal ones are one parameter, active under all
  // their values.
  absl::Status Merge(const Spec& spec, std::vector<ParameterValue> values, const Sibling& first) {
    Parameter& parameter = parameters_[first.index];
    const std::string parent = Quoted(parameters_[parameter.parent].id);
    if (!google::protobuf::util::MessageDifferencer::Equals(spec, *first.spec)) {
      return FieldError("name", absl::StrCat(Quoted(parameter.id), " stands twice under ", parent,
                                             ", with different domains or children; give them different names"));
    }
    for (const ParameterValue& value : values) {
      if (!IsOneOf(value, parameter.parent_values)) continue;
      return FieldError("when", absl::StrCat(Quoted(parameter.id), " stands twice under one value of ", parent,
                                             "; give each value once"));
    }
    parameter.parent_values.insert(parameter.parent_values.end(), values.begin(), values.end());
    return absl::OkStatus();
  }

  static absl::StatusOr<std::vector<ParameterValue>> ReadCondition(const Condition& child, const Parameter& parent) {
    using Type = Parameter::Type;
    std::vector<ParameterValue> values;
    std::optional<Type> type;
    switch (child.parent_value_condition_case()) {
      case Condition::kParentDiscreteValues:
        type = Type::kDiscrete;
        for (const double v : child.parent_discrete_values().values()) values.emplace_back(v);
        break;
      case Condition::kParentIntValues:
        type = Type::kInteger;
        for (const int64_t v : child.parent_int_values().values()) values.emplace_back(static_cast<double>(v));
        break;
      case Condition::kParentCategoricalValues:
        type = Type::kCategorical;
        for (const std::string& v : child.parent_categorical_values().values()) values.emplace_back(v);
        break;
      default:
        break;
    }
    const std::string id = Quoted(child.parameter_spec().parameter_id());
    if (parent.type == Type::kDouble) {
      return FieldError("when", absl::StrCat(id, " depends on ", Quoted(parent.id), ", a double; parents are integer, ",
                                             "discrete or categorical"));
    }
    if (values.empty()) {
      return FieldError("when", absl::StrCat(id, " names no value of ", Quoted(parent.id), " that makes it active"));
    }
    if (type != parent.type) {
      return FieldError("when", absl::StrCat("the condition of ", id, " is not of the type of ", Quoted(parent.id)));
    }
    for (const ParameterValue& value : values) {
      const std::string fault = WhatIsWrong(parent, value);
      if (!fault.empty()) {
        return FieldError("when", absl::StrCat(id, " depends on ", Quoted(parent.id), ", where ", fault));
      }
    }
    return values;
  }

  std::vector<Parameter> parameters_;
  std::set<std::string> ids_;
};

// Counts points; a count above 2^53 is inexact but stays above it.
class PointCounter {
 public:
  explicit PointCounter(const std::vector<Parameter>& parameters)
      : parameters_(parameters), children_(parameters.size()), counts_(parameters.size(), 1) {
    double total = 1;
    for (size_t i = 0; i < parameters.size(); ++i) {
      if (parameters[i].parent >= 0) children_[parameters[i].parent].push_back(i);
    }
    for (size_t i = parameters.size(); i-- > 0;) {  // children stand after their parents
      counts_[i] = Count(i);
      if (parameters[i].parent < 0) total *= counts_[i];
    }
    total_ = total;
  }

  double total() const { return total_; }

 private:
  // Points of parameter `index` with its descendants, whose counts are known.
  double Count(size_t index) const {
    const Parameter& p = parameters_[index];
    if (p.type == Parameter::Type::kDouble) return p.min == p.max ? 1 : INFINITY;
    std::set<ParameterValue> conditioned;  // values that some child depends on
    for (const size_t child : children_[index]) {
      conditioned.insert(parameters_[child].parent_values.begin(), parameters_[child].parent_values.end());
    }
    double count = static_cast<double>(p.values.size() + p.categories.size());
    if (p.type == Parameter::Type::kInteger) count = p.max - p.min + 1;
    for (const ParameterValue& value : conditioned) {
      double under_value = 1;
      for (const size_t child : children_[index]) {
        if (IsOneOf(value, parameters_[child].parent_values)) under_value *= counts_[child];
      }
      count += under_value - 1;
    }
    return count;
  }

  const std::vector<Parameter>& parameters_;
  std::vector<std::vector<size_t>> children_;
  std::vector<double> counts_;
  double total_ = 1;
};

}  // namespace

absl::StatusOr<SearchSpace> SearchSpace::FromSpec(const pb::StudySpec& spec) {
  SpecReader reader;
  for (int i = 0; i < spec.parameters_size(); ++i) {
    const absl::Status status = reader.Read(spec.parameters(i), -1, {}, 1);
    if (!status.ok()) return InField(absl::StrCat("parameters[", i, "]"), status);
  }
  SearchSpace space;
  space.parameters_ = std::make_shared<const std::vector<Parameter>>(reader.Take());
  return space;
}

int SearchSpace::Find(std::string_view id) const {
  const auto found =
      std::find_if(parameters().begin(), parameters().end(), [&](const Parameter& p) { return p.id == id; });
  return found == parameters().end() ? -1 : static_cast<int>(found - parameters().begin());
}

bool SearchSpace::IsActive(int index, const Point& point) const {
  for (int i = index; parameters()[i].parent >= 0; i = parameters()[i].parent) {
    const auto parent = point.find(parameters()[parameters()[i].parent].id);
    if (parent == point.end() || !IsOneOf(parent->second, parameters()[i].parent_values)) return false;
  }
  return true;
}

absl::Status SearchSpace::ValidateHistory(const Point& point) const {
  std::vector<std::string> known;
  for (const auto& [id, value] : point) {
    const int index = Find(id);
    if (index >= 0 && std::holds_alternative<std::string>(value) == HoldsString(parameters()[index])) continue;
    if (index >= 0)
      return FieldError("parameters", absl::StrCat(Quoted(id), " ", WhatIsWrong(parameters()[index], value)));
    for (const Parameter& p : parameters()) known.push_back(p.id);
    return FieldError("parameters", absl::StrCat("the study has no parameter ", Quoted(id), DidYouMean(id, known)));
  }
  return absl::OkStatus();
}

absl::Status SearchSpace::Validate(const Point& point) const {
  RETURN_IF_ERROR(ValidateHistory(point));
  for (size_t i = 0; i < parameters().size(); ++i) {
    const Parameter& p = parameters()[i];
    const auto found = point.find(p.id);
    const bool active = IsActive(static_cast<int>(i), point);
    if (active && found == point.end()) return FieldError("parameters", absl::StrCat(Quoted(p.id), " is missing"));
    if (!active && found != point.end()) {
      return FieldError("parameters", absl::StrCat(Quoted(p.id), " is present, but inactive under the value of ",
                                                   Quoted(parameters()[p.parent].id), "; leave it out"));
    }
    if (!active) continue;
    const std::string fault = WhatIsWrong(p, found->second);
    if (!fault.empty()) return FieldError("parameters", absl::StrCat(Quoted(p.id), ": ", fault));
  }
  return absl::OkStatus();
}

std::optional<uint64_t> SearchSpace::Cardinality() const {
  const double count = PointCounter(parameters()).total();
  if (!(count <= kMaxExactInteger)) return std::nullopt;
  return static_cast<uint64_t>(count);
}

absl::StatusOr<Point> PointFromTrial(const pb::Trial& trial) {
  Point point;
  for (int i = 0; i < trial.parameters_size(); ++i) {
    const pb::Trial::Parameter& parameter = trial.parameters(i);
    const std::string field = absl::StrCat("parameters[", i, "]");
    ParameterValue value;
    if (parameter.value().has_number_value()) {
      value = parameter.value().number_value();
    } else if (parameter.value().has_string_value()) {
      value = parameter.value().string_value();
    } else {
      return FieldError(field, absl::StrCat(Quoted(parameter.parameter_id()), " is neither a number nor a string"));
    }
    if (!point.emplace(parameter.parameter_id(), std::move(value)).second) {
      return FieldError(field, absl::StrCat(Quoted(parameter.parameter_id()), " stands twice"));
    }
  }
  return point;
}

void PointToTrial(const Point& point, pb::Trial& trial) {
  trial.clear_parameters();
  for (const auto& [id, value] : point) {
    pb::Trial::Parameter& parameter = *trial.add_parameters();
    parameter.set_parameter_id(id);
    if (const auto* number = std::get_if<double>(&value)) {
      parameter.mutable_value()->set_number_value(*number);
    } else {
      parameter.mutable_value()->set_string_value(std::get<std::string>(value));
    }
  }
}

}  // namespace photinus
