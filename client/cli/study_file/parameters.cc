#include "client/cli/study_file/parameters.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/cli/study_file/yaml_reader.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/study_document/named_space.h"

namespace photinus {
namespace {

using Kind = YamlNode::Kind;
using ParameterSpec = pb::StudySpec::ParameterSpec;

const KeySet& ParameterKeys() {
  static const KeySet& keys = *new KeySet{{"name", "type", "min", "max", "values", "scale", "default", "when"}, {}, {}};
  return keys;
}

// A key that this type has no use for.
absl::Status Refuse(const YamlNode& node, std::string_view path, std::initializer_list<const char*> keys,
                    std::string_view type) {
  for (const char* key : keys) {
    if (node.Find(key) == nullptr) continue;
    return FieldError(FieldPath(path, key),
                      absl::StrCat("a ", std::string(type), " parameter has no ", key, "; remove it"));
  }
  return absl::OkStatus();
}

absl::StatusOr<const YamlNode*> RequiredList(const YamlNode& node, std::string_view path, std::string_view key) {
  ASSIGN_OR_RETURN(const YamlNode* list, Required(node, path, key));
  const std::string field = FieldPath(path, key);
  if (list->kind != Kind::kList) return FieldError(field, absl::StrCat("must be a list, not ", list->TypeName()));
  return list;
}

std::string Item(std::string_view path, size_t index) { return absl::StrCat(std::string(path), "[", index, "]"); }

absl::Status ReadDouble(const YamlNode& node, std::string_view path, ParameterSpec& spec) {
  RETURN_IF_ERROR(Refuse(node, path, {"values"}, "double"));
  ASSIGN_OR_RETURN(const YamlNode* min_node, Required(node, path, "min"));
  ASSIGN_OR_RETURN(const YamlNode* max_node, Required(node, path, "max"));
  ASSIGN_OR_RETURN(const double min, AsDouble(*min_node, FieldPath(path, "min")));
  ASSIGN_OR_RETURN(const double max, AsDouble(*max_node, FieldPath(path, "max")));
  auto& values = *spec.mutable_double_value_spec();
  values.set_min_value(min);
  values.set_max_value(max);
  if (const YamlNode* chosen = node.Find("default")) {
    ASSIGN_OR_RETURN(const double value, AsDouble(*chosen, FieldPath(path, "default")));
    values.mutable_default_value()->set_value(value);
  }
  return absl::OkStatus();
}

absl::Status ReadInteger(const YamlNode& node, std::string_view path, ParameterSpec& spec) {
  RETURN_IF_ERROR(Refuse(node, path, {"values"}, "n integer"));
  ASSIGN_OR_RETURN(const YamlNode* min_node, Required(node, path, "min"));
  ASSIGN_OR_RETURN(const YamlNode* max_node, Required(node, path, "max"));
  ASSIGN_OR_RETURN(const int64_t min, AsInteger(*min_node, FieldPath(path, "min")));
  ASSIGN_OR_RETURN(const int64_t max, AsInteger(*max_node, FieldPath(path, "max")));
  auto& values = *spec.mutable_integer_value_spec();
  values.set_min_value(min);
  values.set_max_value(max);
  if (const YamlNode* chosen = node.Find("default")) {
    ASSIGN_OR_RETURN(const int64_t value, AsInteger(*chosen, FieldPath(path, "default")));
    values.mutable_default_value()->set_value(value);
  }
  return absl::OkStatus();
}

absl::Status ReadDiscrete(const YamlNode& node, std::string_view path, ParameterSpec& spec) {
  RETURN_IF_ERROR(Refuse(node, path, {"min", "max"}, "discrete"));
  ASSIGN_OR_RETURN(const YamlNode* list, RequiredList(node, path, "values"));
  const std::string field = FieldPath(path, "values");
  auto& values = *spec.mutable_discrete_value_spec();
  for (size_t i = 0; i < list->items.size(); ++i) {
    ASSIGN_OR_RETURN(const double value, AsDouble(list->items[i], Item(field, i)));
    values.add_values(value);
  }
  if (const YamlNode* chosen = node.Find("default")) {
    ASSIGN_OR_RETURN(const double value, AsDouble(*chosen, FieldPath(path, "default")));
    values.mutable_default_value()->set_value(value);
  }
  return absl::OkStatus();
}

absl::Status ReadCategorical(const YamlNode& node, std::string_view path, ParameterSpec& spec) {
  RETURN_IF_ERROR(Refuse(node, path, {"min", "max", "scale"}, "categorical"));
  ASSIGN_OR_RETURN(const YamlNode* list, RequiredList(node, path, "values"));
  const std::string field = FieldPath(path, "values");
  auto& values = *spec.mutable_categorical_value_spec();
  for (size_t i = 0; i < list->items.size(); ++i) {
    ASSIGN_OR_RETURN(*values.add_values(), AsText(list->items[i], Item(field, i)));
  }
  if (const YamlNode* chosen = node.Find("default")) {
    ASSIGN_OR_RETURN(*values.mutable_default_value()->mutable_value(), AsText(*chosen, FieldPath(path, "default")));
  }
  return absl::OkStatus();
}

absl::Status ReadScale(const YamlNode& node, std::string_view path, ParameterSpec& spec) {
  const YamlNode* scale = node.Find("scale");
  if (scale == nullptr) return absl::OkStatus();
  const std::string field = FieldPath(path, "scale");
  ASSIGN_OR_RETURN(const std::string name, AsText(*scale, field));
  if (name == "linear") {
    spec.set_scale_type(ParameterSpec::UNIT_LINEAR_SCALE);
  } else if (name == "log") {
    spec.set_scale_type(ParameterSpec::UNIT_LOG_SCALE);
  } else if (name == "reverse_log") {
    spec.set_scale_type(ParameterSpec::UNIT_REVERSE_LOG_SCALE);
  } else {
    return FieldError(field, UnknownWordMessage("scale", name, {"linear", "log", "reverse_log"}));
  }
  return absl::OkStatus();
}

absl::Status ReadDomain(const YamlNode& node, std::string_view path, ParameterSpec& spec) {
  ASSIGN_OR_RETURN(const YamlNode* type_node, Required(node, path, "type"));
  const std::string field = FieldPath(path, "type");
  ASSIGN_OR_RETURN(const std::string type, AsText(*type_node, field));
  if (type == "double") {
    RETURN_IF_ERROR(ReadDouble(node, path, spec));
  } else if (type == "integer") {
    RETURN_IF_ERROR(ReadInteger(node, path, spec));
  } else if (type == "discrete") {
    RETURN_IF_ERROR(ReadDiscrete(node, path, spec));
  } else if (type == "categorical") {
    RETURN_IF_ERROR(ReadCategorical(node, path, spec));
  } else {
    return FieldError(field, UnknownWordMessage("type", type, {"double", "integer", "discrete", "categorical"}));
  }
  return ReadScale(node, path, spec);
}

// Adds one value of a condition on `parent`.
absl::Status AddCondition(const ParameterSpec& parent, const YamlNode& value, std::string_view path,
                          ParameterSpec::ConditionalParameterSpec& condition) {
  if (parent.has_categorical_value_spec()) {
    ASSIGN_OR_RETURN(*condition.mutable_parent_categorical_values()->add_values(), AsText(value, path));
  } else if (parent.has_integer_value_spec()) {
    ASSIGN_OR_RETURN(const int64_t number, AsInteger(value, path));
    condition.mutable_parent_int_values()->add_values(number);
  } else {
    ASSIGN_OR_RETURN(const double number, AsDouble(value, path));
    condition.mutable_parent_discrete_values()->add_values(number);
  }
  return absl::OkStatus();
}

// Takes "NAME[index]" and a dot from the front of `path`; -1 if something else stands there.
int TakeElement(std::string_view name, std::string_view& path) {
  int index = -1;
  const size_t close = path.find(']');
  if (path.substr(0, name.size()) != name || path.substr(name.size(), 1) != "[" || close == path.npos ||
      !absl::SimpleAtoi(std::string(path.substr(name.size() + 1, close - name.size() - 1)), &index)) {
    return -1;
  }
  path.remove_prefix(std::min(path.size(), close + 2));
  return index;
}

}  // namespace

void ParameterTree::AddSpace(const spaces::Space& space) {
  AppendSpace(space, spec_);
  space_ = space.name;
  for (ParameterSpec& parameter : *spec_.mutable_parameters()) Collect(parameter);
}

void ParameterTree::Collect(ParameterSpec& parameter) {
  known_[parameter.parameter_id()] = &parameter;
  for (auto& child : *parameter.mutable_conditional_parameter_specs()) Collect(*child.mutable_parameter_spec());
}

absl::Status ParameterTree::AddList(const YamlNode& list, std::string_view path) {
  if (list.kind != Kind::kList) {
    return FieldError(path, absl::StrCat("must be a list of parameters, not ", list.TypeName()));
  }
  for (size_t i = 0; i < list.items.size(); ++i) RETURN_IF_ERROR(Add(list.items[i], Item(path, i)));
  return absl::OkStatus();
}

absl::Status ParameterTree::Add(const YamlNode& node, std::string_view path) {
  RETURN_IF_ERROR(CheckKeys(node, path, ParameterKeys()));
  ASSIGN_OR_RETURN(const YamlNode* name_node, Required(node, path, "name"));
  const std::string field = FieldPath(path, "name");
  ASSIGN_OR_RETURN(const std::string name, AsText(*name_node, field));
  if (known_.count(name) > 0) {
    const std::string where = space_.empty() ? "" : absl::StrCat(" (the space ", space_, " may bring it)");
    return FieldError(field, absl::StrCat("a second parameter ", Quoted(name), where));
  }
  ParameterSpec parameter;
  parameter.set_parameter_id(name);
  RETURN_IF_ERROR(ReadDomain(node, path, parameter));
  ASSIGN_OR_RETURN(ParameterSpec * place, Place(node.Find("when"), FieldPath(path, "when")));
  *place = std::move(parameter);
  known_[name] = place;
  paths_[name] = std::string(path);
  return absl::OkStatus();
}

absl::StatusOr<ParameterSpec*> ParameterTree::Place(const YamlNode* when, std::string_view path) {
  if (when == nullptr) return spec_.add_parameters();
  if (when->kind != Kind::kMap || when->entries.size() != 1) {
    return FieldError(path, "must name one parent and its values, such as {parent: [a, b]}");
  }
  const YamlEntry& entry = when->entries[0];
  const std::string field = FieldPath(path, entry.key);
  const auto parent = known_.find(entry.key);
  if (parent == known_.end()) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : known_) names.push_back(name);
    return FieldError(field,
                      absl::StrCat("no parameter ", Quoted(entry.key), " stands above", DidYouMean(entry.key, names)));
  }
  const bool is_list = entry.value.kind == Kind::kList;
  ParameterSpec::ConditionalParameterSpec condition;
  if (is_list) {
    for (size_t i = 0; i < entry.value.items.size(); ++i) {
      RETURN_IF_ERROR(AddCondition(*parent->second, entry.value.items[i], Item(field, i), condition));
    }
  } else {
    RETURN_IF_ERROR(AddCondition(*parent->second, entry.value, field, condition));
  }
  auto* placed = parent->second->add_conditional_parameter_specs();
  *placed = std::move(condition);
  return placed->mutable_parameter_spec();
}

std::string FilePathOf(std::string_view field, const pb::StudySpec& spec, const ParameterPaths& paths) {
  const ParameterSpec* parameter = nullptr;
  std::string_view rest = field;
  if (const int index = TakeElement("parameters", rest); index >= 0 && index < spec.parameters_size()) {
    parameter = &spec.parameters(index);
  }
  while (parameter != nullptr) {
    const int index = TakeElement("conditional_parameter_specs", rest);
    if (index < 0 || index >= parameter->conditional_parameter_specs_size()) break;
    parameter = &parameter->conditional_parameter_specs(index).parameter_spec();
  }
  if (parameter == nullptr) return std::string(field);
  const auto path = paths.find(parameter->parameter_id());
  if (path == paths.end()) return "space";
  return rest.empty() ? path->second : FieldPath(path->second, rest);
}

}  // namespace photinus
