#include "worker/agent/trial_request.h"

#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/study_document/placeholders.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/trial_role.h"
#include "worker/agent/space_input.h"

namespace photinus {
namespace {

using Json = nlohmann::ordered_json;

// Searches train for 3/4 of the schedule [energy-efficient audio models, section 5]; retests for the whole.
constexpr double kLonger = 4.0 / 3;
constexpr double kLargestExact = 9007199254740992.0;  // 2^53

void CollectIds(const pb::StudySpec::ParameterSpec& spec, std::set<std::string>& ids) {
  ids.insert(spec.parameter_id());
  for (const auto& child : spec.conditional_parameter_specs()) CollectIds(child.parameter_spec(), ids);
}

bool IsWhole(double value) { return std::trunc(value) == value && std::fabs(value) <= kLargestExact; }

absl::Status NoValue(const pb::Trial::Parameter& parameter) {
  return absl::InvalidArgumentError(
      absl::StrCat("parameter '", parameter.parameter_id(), "' has neither a number nor a string as its value"));
}

absl::StatusOr<Json> JsonValue(const pb::Trial::Parameter& parameter) {
  if (parameter.value().has_string_value()) return Json(parameter.value().string_value());
  if (!parameter.value().has_number_value()) return NoValue(parameter);
  const double value = parameter.value().number_value();
  return IsWhole(value) ? Json(static_cast<int64_t>(value)) : Json(value);
}

absl::StatusOr<std::string> TextValue(const pb::Trial::Parameter& parameter) {
  if (parameter.value().has_string_value()) return parameter.value().string_value();
  if (!parameter.value().has_number_value()) return NoValue(parameter);
  const double value = parameter.value().number_value();
  if (IsWhole(value)) return absl::StrCat(static_cast<int64_t>(value));
  char text[32];
  const std::to_chars_result end = std::to_chars(text, text + sizeof(text), value);
  return std::string(text, end.ptr);
}

absl::StatusOr<Json> Architecture(const pb::Trial& trial) {
  for (const pb::KeyValue& entry : trial.metadata()) {
    if (!IsOwnNamespace(entry.ns()) || entry.key() != kArchitectureKey) continue;
    Json architecture = Json::parse(entry.value(), nullptr, /*allow_exceptions=*/false);
    if (!architecture.is_object()) return absl::InvalidArgumentError("the trial's architecture is not a JSON object");
    return architecture;
  }
  return Json();
}

absl::StatusOr<std::string> ExpandArgument(const std::string& argument, const std::set<std::string>& ids,
                                           const std::map<std::string, std::string>& values) {
  std::string expanded;
  size_t done = 0;
  for (const std::string& name : Placeholders(argument)) {
    const std::string placeholder = "{" + name + "}";
    const size_t begin = argument.find(placeholder, done);
    expanded.append(argument, done, begin - done);
    done = begin + placeholder.size();
    if (ids.count(name) == 0) {
      return FieldError("trial.argv", placeholder + " is no parameter of the study" + DidYouMean(name, ids));
    }
    if (const auto value = values.find(name); value != values.end()) expanded += value->second;
  }
  return expanded + argument.substr(done);
}

}  // namespace

absl::StatusOr<std::string> TrialRequestLine(const Assignment& assignment, const TrialPlace& place) {
  const TrialSettings& settings = *assignment.document.trial;
  Json request;
  request["trial"] = assignment.name.ToString();
  request["attempt"] = assignment.attempt;
  Json& parameters = request["parameters"] = Json::object();
  for (const auto& parameter : assignment.trial.parameters()) {
    ASSIGN_OR_RETURN(parameters[parameter.parameter_id()], JsonValue(parameter));
  }
  if (!settings.task.empty()) request["task"] = settings.task;
  if (!settings.folder.empty()) request["folder"] = settings.folder;
  if (!settings.features.empty()) request["features"] = settings.features;
  for (const auto& [name, value] : settings.augmentation) request["augmentation"][name] = value;
  if (!assignment.document.space.empty()) request["space"] = assignment.document.space;
  const std::string role = RoleOf(assignment.trial);
  if (!role.empty()) request["role"] = role;
  if (settings.epochs > 0)
    request["epochs"] = role.empty() ? Json(settings.epochs) : Json(kLonger * static_cast<double>(settings.epochs));
  if (settings.evaluations > 0) request["evaluations"] = settings.evaluations;
  request["seed"] = assignment.Seed();
  request["device"] = place.device;
  request["threads"] = place.threads;
  if (!place.energy.empty()) request["energy"] = place.energy;
  if (!place.monitor.empty()) request["monitor"] = place.monitor;
  request["data_dir"] = place.data_dir;
  request["work_dir"] = place.work_dir;
  if (!place.checkpoint_dir.empty()) request["checkpoint_dir"] = place.checkpoint_dir;
  ASSIGN_OR_RETURN(Json architecture, Architecture(assignment.trial));
  // A baseline is to be compared on the same data.
  if (role == kBaselineRole) {
    const auto input = InputOfSpace(assignment.document.space);
    if (input.has_value()) request["input"] = {{"height", input->height}, {"width", input->width}};
  }
  if (!architecture.is_null()) request["architecture"] = std::move(architecture);
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<std::vector<std::string>> ExpandArgv(const std::vector<std::string>& argv, const pb::Trial& trial,
                                                    const pb::StudySpec& spec) {
  std::set<std::string> ids;
  for (const auto& parameter : spec.parameters()) CollectIds(parameter, ids);
  std::map<std::string, std::string> values;
  for (const auto& parameter : trial.parameters()) {
    ASSIGN_OR_RETURN(values[parameter.parameter_id()], TextValue(parameter));
  }
  std::vector<std::string> expanded;
  expanded.reserve(argv.size());
  for (const std::string& argument : argv) {
    ASSIGN_OR_RETURN(std::string text, ExpandArgument(argument, ids, values));
    expanded.push_back(std::move(text));
  }
  return expanded;
}

}  // namespace photinus
