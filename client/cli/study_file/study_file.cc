#include "client/cli/study_file/study_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/cli/at_field.h"
#include "client/cli/study_file/parameters.h"
#include "client/cli/study_file/yaml_reader.h"
#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "common/rpc/server_address.h"
#include "common/space/search_space.h"
#include "common/spaces/named_spaces.h"
#include "common/study_document/known_names.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/study_document.h"

namespace photinus {
namespace {

using Kind = YamlNode::Kind;
using Json = nlohmann::json;

constexpr size_t kMaxFileBytes = size_t{2} << 20;  // more than ParseYaml accepts
constexpr char kEndpointPath[] = "algorithm.pythia_endpoint";

const KeySet& FileKeys() {
  static const KeySet& keys = *new KeySet{
      {"study", "version", "seed", "algorithm", "noise", "space", "parameters", "metrics", "outcome_constraints",
       "early_stopping", "budget", "trial", "priority", "weight", "warm_start", "priors"},
      PlannedKeys(),
      {}};
  return keys;
}

const KeySet& MetricKeys() {
  static const KeySet& keys = *new KeySet{{"name", "goal", "expression"}, {}, {}};
  return keys;
}

void AddEntry(const char* ns, const char* key, std::string value, pb::StudySpec& spec) {
  pb::KeyValue& entry = *spec.add_metadata();
  entry.set_ns(ns);
  entry.set_key(key);
  entry.set_value(std::move(value));
}

absl::Status ReadEndpoint(const YamlNode& node, pb::StudySpec& spec) {
  ASSIGN_OR_RETURN(std::string endpoint, AsText(node, kEndpointPath));
  const absl::Status status = ServerAddress::Parse(endpoint).status();
  if (!status.ok()) return FieldError(kEndpointPath, std::string(status.message()));
  AddEntry(kEndpointNamespace, kEndpointKey, std::move(endpoint), spec);
  return absl::OkStatus();
}

// A name, or a map of a name and options, which go into the document, and the endpoint of a policy.
absl::Status ReadAlgorithm(const YamlNode& node, pb::StudySpec& spec, Json& document) {
  if (node.kind != Kind::kMap) {
    ASSIGN_OR_RETURN(*spec.mutable_algorithm(), AsText(node, "algorithm"));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(
      CheckKeys(node, "algorithm", KeySet{{"name", "switch_at", "reproducible", "pythia_endpoint"}, {}, {}}));
  ASSIGN_OR_RETURN(const YamlNode* name, Required(node, "algorithm", "name"));
  ASSIGN_OR_RETURN(*spec.mutable_algorithm(), AsText(*name, "algorithm.name"));
  for (const char* const option : {"switch_at", "reproducible"}) {
    const YamlNode* value = node.Find(option);
    if (value == nullptr) continue;
    ASSIGN_OR_RETURN(document["algorithm"][option], ToJson(*value, absl::StrCat("algorithm.", option)));
  }
  const YamlNode* endpoint = node.Find("pythia_endpoint");
  return endpoint == nullptr ? absl::OkStatus() : ReadEndpoint(*endpoint, spec);
}

absl::StatusOr<pb::StudySpec::ObservationNoise> ReadNoise(const YamlNode& node) {
  ASSIGN_OR_RETURN(const std::string noise, AsText(node, "noise"));
  if (noise == "low") return pb::StudySpec::LOW;
  if (noise == "high") return pb::StudySpec::HIGH;
  return FieldError("noise", UnknownWordMessage("noise", noise, {"low", "high"}));
}

// One metric into the spec; those with an expression also into the document.
absl::Status ReadMetric(const YamlNode& node, const std::string& path, pb::StudySpec& spec, Json& derived) {
  RETURN_IF_ERROR(CheckKeys(node, path, MetricKeys()));
  ASSIGN_OR_RETURN(const YamlNode* name_node, Required(node, path, "name"));
  ASSIGN_OR_RETURN(const std::string name, AsText(*name_node, path + ".name"));
  ASSIGN_OR_RETURN(const YamlNode* goal_node, Required(node, path, "goal"));
  ASSIGN_OR_RETURN(const std::string goal, AsText(*goal_node, path + ".goal"));
  RETURN_IF_ERROR(CheckGoal(goal, path + ".goal"));
  for (const auto& metric : spec.metrics()) {
    if (metric.metric_id() == name) return FieldError(path + ".name", absl::StrCat("a second metric ", Quoted(name)));
  }
  pb::StudySpec::MetricSpec* metric = spec.add_metrics();
  metric->set_metric_id(name);
  metric->set_goal(goal == "maximize" ? pb::StudySpec::MetricSpec::MAXIMIZE : pb::StudySpec::MetricSpec::MINIMIZE);
  if (const YamlNode* expression = node.Find("expression")) {
    ASSIGN_OR_RETURN(const std::string text, AsText(*expression, path + ".expression"));
    derived.push_back({{"name", name}, {"goal", goal}, {"expression", text}});
  }
  return absl::OkStatus();
}

// Numbers in a command line are text: `argv: [train, --epochs, 3]`.
void ArgumentsToText(const YamlNode& trial, Json& json) {
  const YamlNode* argv = trial.Find("argv");
  if (argv == nullptr || argv->kind != Kind::kList) return;
  for (size_t i = 0; i < argv->items.size(); ++i) {
    const YamlNode& item = argv->items[i];
    if (item.IsNumber() || item.kind == Kind::kBool) json["argv"][i] = item.text;
  }
}

}  // namespace

absl::StatusOr<StudyFile> StudyFile::Parse(std::string_view file_name, std::string_view text) {
  StudyFile file;
  file.file_name_ = std::string(file_name);
  auto root = ParseYaml(text);
  if (!root.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(file.file_name_, ":", root.status().message()));
  }
  file.root_ = *std::move(root);
  if (absl::Status status = file.Read(); !status.ok()) return file.Locate(status);
  return file;
}

absl::StatusOr<StudyFile> StudyFile::Load(const std::string& path) {
  errno = 0;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  std::string text;
  if (file != nullptr) {
    char buffer[64 * 1024];
    for (size_t got; text.size() <= kMaxFileBytes && (got = std::fread(buffer, 1, sizeof(buffer), file)) > 0;) {
      text.append(buffer, got);
    }
  }
  const int error = errno;
  if (file != nullptr) std::fclose(file);
  if (error != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", path, ": ", std::generic_category().message(error)));
  }
  return Parse(path, text);
}

absl::Status StudyFile::Read() {
  if (root_.kind != Kind::kMap) return FieldError("", "a study file is a map of keys, such as `study: NAME`");
  RETURN_IF_ERROR(CheckKeys(root_, "", FileKeys()));
  if (const YamlNode* study = root_.Find("study")) {
    ASSIGN_OR_RETURN(display_name_, AsText(*study, "study"));
    RETURN_IF_ERROR(ValidateId("study", display_name_));
  }
  if (const YamlNode* noise = root_.Find("noise")) {
    ASSIGN_OR_RETURN(const auto level, ReadNoise(*noise));
    spec_.set_observation_noise(level);
  }
  Json document = {{"version", 1}};
  if (const YamlNode* algorithm = root_.Find("algorithm")) {
    RETURN_IF_ERROR(ReadAlgorithm(*algorithm, spec_, document));
  }
  for (const char* key : {"version", "seed", "space", "outcome_constraints", "early_stopping", "budget", "trial",
                          "priority", "weight", "warm_start", "priors"}) {
    const YamlNode* node = root_.Find(key);
    if (node == nullptr) continue;
    ASSIGN_OR_RETURN(document[key], ToJson(*node, key));
    if (std::string_view(key) == "trial") ArgumentsToText(*node, document[key]);
  }
  RETURN_IF_ERROR(ReadParameters());
  RETURN_IF_ERROR(ReadMetrics(document));
  AddEntry(kDocumentNamespace, kDocumentKey, document.dump(), spec_);
  return CheckDocument();
}

absl::Status StudyFile::ReadParameters() {
  const YamlNode* space = root_.Find("space");
  const YamlNode* parameters = root_.Find("parameters");
  if (space == nullptr && parameters == nullptr) {
    return FieldError("parameters", "is required unless `space` names a search space");
  }
  ParameterTree tree(spec_);
  if (space != nullptr) {
    ASSIGN_OR_RETURN(const std::string name, AsText(*space, "space"));
    RETURN_IF_ERROR(CheckSpaceName(name, "space"));
    tree.AddSpace(*spaces::FindSpace(name));
  }
  if (parameters != nullptr) RETURN_IF_ERROR(tree.AddList(*parameters, "parameters"));
  parameter_paths_ = tree.paths();
  const absl::Status status = SearchSpace::FromSpec(spec_).status();
  return status.ok() ? status : AtField(FilePathOf(ErrorField(status), spec_, parameter_paths_), status);
}

absl::Status StudyFile::ReadMetrics(Json& document) {
  ASSIGN_OR_RETURN(const YamlNode* metrics, Required(root_, "", "metrics"));
  if (metrics->kind != Kind::kList || metrics->items.empty()) {
    return FieldError("metrics", "must be a list such as [{name: accuracy, goal: maximize}]");
  }
  Json derived = Json::array();
  for (size_t i = 0; i < metrics->items.size(); ++i) {
    const size_t before = derived.size();
    RETURN_IF_ERROR(ReadMetric(metrics->items[i], absl::StrCat("metrics[", i, "]"), spec_, derived));
    if (derived.size() > before) derived_.push_back(static_cast<int>(i));
  }
  if (!derived.empty()) document["metrics"] = std::move(derived);
  return absl::OkStatus();
}

absl::Status StudyFile::CheckDocument() const {
  const absl::Status status = StudyDocumentOf(spec_).status();
  const std::string field = ErrorField(status);
  constexpr std::string_view kPrefix = "metrics[";
  const size_t close = field.find(']');
  size_t index = 0;
  if (field.rfind(kPrefix, 0) != 0 || close == std::string::npos ||
      !absl::SimpleAtoi(field.substr(kPrefix.size(), close - kPrefix.size()), &index) || index >= derived_.size()) {
    return status;
  }
  return AtField(absl::StrCat(kPrefix.data(), derived_[index], field.substr(close)), status);
}

absl::Status StudyFile::Locate(const absl::Status& status) const {
  return absl::InvalidArgumentError(
      absl::StrCat(file_name_, ":", LineOf(root_, ErrorField(status)), ": ", status.message()));
}

absl::Status StudyFile::LocateServerError(const absl::Status& status) const {
  std::string field = ErrorField(status);
  for (const std::string_view prefix : {"study.", "study_spec."}) {
    if (field.rfind(prefix, 0) == 0) field.erase(0, prefix.size());
  }
  field = FilePathOf(field, spec_, parameter_paths_);
  const auto& metadata = spec_.metadata();
  const bool elsewhere = std::any_of(metadata.begin(), metadata.end(), &IsEndpoint);
  if (elsewhere && field == "metadata") field = kEndpointPath;  // the study document was checked here
  if (field.empty() || root_.Find(field.substr(0, field.find_first_of(".["))) == nullptr) return status;
  return Locate(AtField(field, status));
}

}  // namespace photinus
