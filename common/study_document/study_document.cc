#include "common/study_document/study_document.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "common/expression/expression.h"
#include "common/study_document/known_names.h"
#include "common/study_document/strict_json.h"

namespace photinus {
namespace {

using Json = nlohmann::json;

constexpr int64_t kMaxTrials = 1'000'000;  // a study's own limit
constexpr int64_t kMaxParallel = 10'000;
constexpr int64_t kMaxEpochs = 100'000;
constexpr int64_t kMinEvaluations = 12;  // fewer points are no learning curve
constexpr int64_t kMaxEvaluations = 10'000;
constexpr size_t kMaxDerivedMetrics = 64;
constexpr size_t kMaxOutcomeConstraints = 16;
constexpr size_t kMaxArguments = 1'000;
constexpr int64_t kMaxPriority = 1'000;
constexpr double kMinWeight = 1e-3;
constexpr double kMaxWeight = 1e3;
constexpr double kMinEta = 1.1;
constexpr double kMaxEta = 1000;
constexpr double kMaxNumber = std::numeric_limits<double>::max();
constexpr double kMinDelta = 1e-6;
constexpr double kMaxDelta = 0.5;
constexpr int64_t kMaxChecks = 100;
constexpr int64_t kMaxTop = 1000;
constexpr int64_t kMaxPatience = 1'000'000;
constexpr int64_t kMaxAttempts = 100;
constexpr int64_t kMaxSwitchAt = 1'000'000;  // as many trials as a budget may have

const KeySet& DocumentKeys() {
  static const KeySet& keys =
      *new KeySet{{"version", "seed", "space", "metrics", "outcome_constraints", "early_stopping", "budget", "trial",
                   "priority", "weight", "algorithm", "warm_start", "priors"},
                  PlannedKeys(),
                  {"study", "parameters", "noise"}};
  return keys;
}

const KeySet& EarlyStoppingKeys() {
  static const KeySet& keys = *new KeySet{{"rule", "curve", "goal", "horizon", "min_steps", "eta", "inner", "patience",
                                           "min_delta", "delta", "checks", "exempt", "top", "scale"},
                                          {},
                                          {}};
  return keys;
}

const KeySet& BudgetKeys() {
  static const KeySet& keys = *new KeySet{{"trials", "parallel"}, {"duration", "no_improvement", "max_failed"}, {}};
  return keys;
}

const KeySet& MetricKeys() {
  static const KeySet& keys = *new KeySet{{"name", "goal", "expression"}, {}, {}};
  return keys;
}

const KeySet& TrialKeys() {
  static const KeySet& keys = *new KeySet{
      {"executor", "argv", "task", "folder", "features", "augmentation", "epochs", "evaluations", "max_attempts"},
      {"stages"},
      {}};
  return keys;
}

// What may be done to training examples; the worker reads the same names (worker/trial/request.cc).
struct AugmentationRange {
  std::string_view name;
  double min, max;
  bool whole;
};
constexpr AugmentationRange kAugmentations[] = {
    {"time_shift", 0, 100, true},    {"frequency_shift", 0, 20, true}, {"time_mask", 0, 196, true},
    {"frequency_mask", 0, 40, true}, {"time_masks", 0, 20, true},      {"frequency_masks", 0, 20, true},
    {"noise", 0, 1, false},          {"min_snr_db", -60, 60, false},   {"max_snr_db", -60, 60, false},
};
constexpr double kDefaultMinSnr = 10;  // as in worker/data/augmentation.h
constexpr double kDefaultMaxSnr = 20;

const KeySet& AugmentationKeys() {
  static const KeySet& keys = *[] {
    auto* set = new KeySet;
    for (const AugmentationRange& range : kAugmentations) set->known.push_back(range.name);
    return set;
  }();
  return keys;
}

const KeySet& AlgorithmKeys() {
  static const KeySet& keys = *new KeySet{{"switch_at", "reproducible"}, {}, {"name"}};
  return keys;
}

// InvalidArgument unless the text is an expression that gives a number when every metric is one.
absl::Status CheckExpression(std::string_view text) {
  ASSIGN_OR_RETURN(const Expression expression, Expression::Parse(text));
  if (!expression.aggregates().empty()) {
    return FieldError("", absl::StrCat(expression.aggregates()[0], " over all trials is not supported yet"));
  }
  return expression.EvaluateNumber([](std::string_view) { return Expression::Value(1.0); }).status();
}

// Whether the object's `goal` is to maximize.
absl::StatusOr<bool> ReadGoal(const ObjectReader& reader) {
  std::string goal;
  RETURN_IF_ERROR(reader.ReadText("goal", &goal));
  RETURN_IF_ERROR(CheckGoal(goal, reader.PathOf("goal")));
  return goal == "maximize";
}

absl::StatusOr<DerivedMetric> ReadMetric(const Json& value, std::string_view path) {
  ASSIGN_OR_RETURN(const ObjectReader reader, ObjectReader::Open(value, path, MetricKeys()));
  for (const char* key : {"name", "goal", "expression"}) RETURN_IF_ERROR(reader.Require(key));
  DerivedMetric metric;
  RETURN_IF_ERROR(reader.ReadText("name", &metric.name));
  ASSIGN_OR_RETURN(metric.maximize, ReadGoal(reader));
  RETURN_IF_ERROR(reader.ReadText("expression", &metric.expression));
  RETURN_IF_ERROR(InField(reader.PathOf("expression"), CheckExpression(metric.expression)));
  return metric;
}

absl::Status ReadMetrics(const Json& list, StudyDocument& document) {
  if (!list.is_array()) return FieldError("metrics", absl::StrCat("must be a list, not ", TypeName(list)));
  if (list.size() > kMaxDerivedMetrics) {
    return FieldError("metrics", absl::StrCat("at most ", kMaxDerivedMetrics, " metrics are allowed"));
  }
  std::set<std::string> names;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string path = absl::StrCat("metrics[", i, "]");
    ASSIGN_OR_RETURN(DerivedMetric metric, ReadMetric(list[i], path));
    if (!names.insert(metric.name).second) {
      return FieldError(path + ".name", absl::StrCat("a second metric ", Quoted(metric.name)));
    }
    document.derived.push_back(std::move(metric));
  }
  return absl::OkStatus();
}

absl::Status ReadOutcomeConstraints(const Json& list, StudyDocument& document) {
  if (!list.is_array()) {
    return FieldError("outcome_constraints",
                      absl::StrCat("must be a list of texts such as size_kb <= 64, not ", TypeName(list)));
  }
  if (list.size() > kMaxOutcomeConstraints) {
    return FieldError("outcome_constraints", absl::StrCat("at most ", kMaxOutcomeConstraints, " are allowed"));
  }
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string path = absl::StrCat("outcome_constraints[", i, "]");
    RETURN_IF_ERROR(CheckText(list[i], path));
    auto constraint = ParseOutcomeConstraint(list[i].get<std::string>());
    if (!constraint.ok()) return InField(path, constraint.status());
    document.outcome_constraints.push_back(*std::move(constraint));
  }
  return absl::OkStatus();
}

absl::Status ReadCount(const ObjectReader& reader, const char* key, int64_t min, int64_t max,
                       std::optional<int64_t>& count) {
  if (!reader.Has(key)) return absl::OkStatus();
  count = min;
  return reader.ReadInteger(key, min, max, &*count);
}

absl::Status ReadStoppingOptions(const ObjectReader& reader, EarlyStoppingSettings& settings) {
  RETURN_IF_ERROR(reader.ReadNumber("min_steps", 0, kMaxNumber, &settings.min_steps));
  RETURN_IF_ERROR(reader.ReadNumber("eta", kMinEta, kMaxEta, &settings.eta));
  RETURN_IF_ERROR(reader.ReadText("inner", &settings.inner));
  RETURN_IF_ERROR(ReadCount(reader, "patience", 0, kMaxPatience, settings.patience));
  RETURN_IF_ERROR(reader.ReadNumber("min_delta", 0, kMaxNumber, &settings.min_delta));
  RETURN_IF_ERROR(reader.ReadNumber("delta", kMinDelta, kMaxDelta, &settings.delta));
  RETURN_IF_ERROR(ReadCount(reader, "checks", 1, kMaxChecks, settings.checks));
  RETURN_IF_ERROR(reader.ReadNumber("exempt", 0, 1, &settings.exempt));
  RETURN_IF_ERROR(ReadCount(reader, "top", 1, kMaxTop, settings.top));
  RETURN_IF_ERROR(reader.ReadText("scale", &settings.scale));
  const std::vector<std::string_view> scales = {"linear", "log", "logit"};
  if (settings.scale.empty() || std::find(scales.begin(), scales.end(), settings.scale) != scales.end()) {
    return absl::OkStatus();
  }
  return FieldError(reader.PathOf("scale"), UnknownWordMessage("scale", settings.scale, scales));
}

absl::StatusOr<EarlyStoppingSettings> ReadEarlyStopping(const Json& value) {
  ASSIGN_OR_RETURN(const ObjectReader reader, ObjectReader::Open(value, "early_stopping", EarlyStoppingKeys()));
  EarlyStoppingSettings settings;
  RETURN_IF_ERROR(reader.Require("rule"));
  RETURN_IF_ERROR(reader.ReadText("rule", &settings.rule));
  RETURN_IF_ERROR(reader.ReadText("curve", &settings.curve));
  if (reader.Has("goal")) {
    ASSIGN_OR_RETURN(settings.maximize, ReadGoal(reader));
  }
  RETURN_IF_ERROR(reader.ReadPositive("horizon", &settings.horizon));
  RETURN_IF_ERROR(ReadStoppingOptions(reader, settings));
  return settings;
}

absl::StatusOr<BudgetSettings> ReadBudget(const Json& value) {
  ASSIGN_OR_RETURN(const ObjectReader reader, ObjectReader::Open(value, "budget", BudgetKeys()));
  BudgetSettings settings;
  RETURN_IF_ERROR(reader.ReadInteger("trials", 1, kMaxTrials, &settings.trials));
  RETURN_IF_ERROR(reader.ReadInteger("parallel", 1, kMaxParallel, &settings.parallel));
  return settings;
}

absl::StatusOr<AlgorithmSettings> ReadAlgorithm(const Json& value) {
  if (value.is_string()) {
    return FieldError("algorithm", "its name does not belong in the study document; set it in the study's spec");
  }
  ASSIGN_OR_RETURN(const ObjectReader reader, ObjectReader::Open(value, "algorithm", AlgorithmKeys()));
  AlgorithmSettings settings;
  RETURN_IF_ERROR(reader.ReadFlag("reproducible", &settings.reproducible));
  if (!reader.Has("switch_at")) return settings;
  settings.switch_at = 0;
  RETURN_IF_ERROR(reader.ReadInteger("switch_at", 1, kMaxSwitchAt, &*settings.switch_at));
  return settings;
}

// A study's resource name, or the display name of one of the same owner.
absl::Status CheckStudy(const std::string& name) {
  if (name.find('/') == std::string::npos) return ValidateId("study", name);
  return StudyName::Parse(name).status();
}

absl::StatusOr<std::vector<std::string>> ReadWarmStart(const Json& list) {
  if (!list.is_array() || list.empty()) {
    return FieldError("warm_start", absl::StrCat("must be a list of studies such as [owners/ada/studies/kws], not ",
                                                 list.is_array() ? "an empty one" : TypeName(list)));
  }
  if (list.size() > kMaxWarmStarts) {
    return FieldError("warm_start", absl::StrCat("at most ", kMaxWarmStarts, " studies are allowed"));
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string path = absl::StrCat("warm_start[", i, "]");
    RETURN_IF_ERROR(CheckText(list[i], path));
    std::string name = list[i].get<std::string>();
    if (const absl::Status valid = CheckStudy(name); !valid.ok()) {
      return FieldError(path, std::string(valid.message()));
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return FieldError(path, absl::StrCat(Quoted(name), " stands there twice"));
    }
    names.push_back(std::move(name));
  }
  return names;
}

absl::StatusOr<ParameterPriors> ReadPriors(const Json& value) {
  constexpr const char* kExample = "such as {lr: {centre: 0.001, deviation: 0.1}, activation: {relu: 3}}";
  const auto must_be = [&](const std::string& path, const Json& what) {
    return FieldError(path, absl::StrCat("must be a map of numbers ", kExample, ", not ",
                                         what.is_object() ? "an empty one" : TypeName(what)));
  };
  if (!value.is_object() || value.empty()) return must_be("priors", value);
  ParameterPriors priors;
  for (const auto& [parameter, keys] : value.items()) {
    const std::string path = FieldPath("priors", parameter);
    if (!keys.is_object() || keys.empty()) return must_be(path, keys);
    for (const auto& [key, number] : keys.items()) {
      if (!number.is_number()) {
        return FieldError(FieldPath(path, key), absl::StrCat("must be a number, not ", TypeName(number)));
      }
      priors[parameter][key] = number.get<double>();
    }
  }
  return priors;
}

// A key of the other executor is a mistake, not a spare setting.
absl::Status RefuseKeys(const ObjectReader& reader, std::initializer_list<const char*> keys, std::string_view owner) {
  for (const char* key : keys) {
    if (!reader.Has(key)) continue;
    return FieldError(reader.PathOf(key), absl::StrCat("belongs to `executor: ", std::string(owner), "`; remove it"));
  }
  return absl::OkStatus();
}

absl::Status ReadArguments(const ObjectReader& reader, std::vector<std::string>& argv) {
  RETURN_IF_ERROR(reader.Require("argv"));
  const Json& list = *reader.Find("argv");
  const std::string path = reader.PathOf("argv");
  if (!list.is_array()) {
    return FieldError(path, absl::StrCat("must be a list of strings such as [python3, train.py], not ", TypeName(list),
                                         "; no shell splits it"));
  }
  if (list.empty()) return FieldError(path, "must name a program");
  if (list.size() > kMaxArguments) {
    return FieldError(path, absl::StrCat("at most ", kMaxArguments, " arguments are allowed"));
  }
  for (size_t i = 0; i < list.size(); ++i) {
    const bool empty_argument = i > 0 && list[i].is_string() && list[i].get_ref<const std::string&>().empty();
    if (!empty_argument) RETURN_IF_ERROR(CheckText(list[i], absl::StrCat(path, "[", i, "]")));
    argv.push_back(list[i].get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status ReadFolder(const ObjectReader& reader, TrialSettings& settings) {
  if (!TaskNeedsFolder(settings.task)) {
    if (!reader.Has("folder")) return absl::OkStatus();
    return FieldError(reader.PathOf("folder"), absl::StrCat("task ", settings.task, " makes its own clips; remove it"));
  }
  RETURN_IF_ERROR(reader.Require("folder"));
  RETURN_IF_ERROR(reader.ReadText("folder", &settings.folder));
  if (settings.folder.front() == '/') return absl::OkStatus();
  return FieldError(reader.PathOf("folder"),
                    absl::StrCat("must be the full path of the clips on every worker, such as /srv/", settings.task,
                                 ", not ", Quoted(settings.folder)));
}

absl::Status ReadAugmentation(const Json& value, std::string_view path, TrialSettings& settings) {
  ASSIGN_OR_RETURN(const ObjectReader reader, ObjectReader::Open(value, path, AugmentationKeys()));
  std::map<std::string, double>& augmentation = settings.augmentation;
  for (const AugmentationRange& range : kAugmentations) {
    std::optional<double> number;
    RETURN_IF_ERROR(reader.ReadNumber(range.name, range.min, range.max, &number));
    if (!number) continue;
    if (range.whole && *number != std::floor(*number)) {
      return FieldError(reader.PathOf(range.name), absl::StrCat("must be a whole number, not ", *number));
    }
    augmentation[std::string(range.name)] = *number;
  }
  const auto value_of = [&augmentation](const char* name, double without) {
    const auto found = augmentation.find(name);
    return found == augmentation.end() ? without : found->second;
  };
  if (value_of("min_snr_db", kDefaultMinSnr) > value_of("max_snr_db", kDefaultMaxSnr)) {
    return FieldError(reader.PathOf("min_snr_db"),
                      absl::StrCat("must not be above max_snr_db, which is ", value_of("max_snr_db", kDefaultMaxSnr)));
  }
  if (settings.features != "mfcc") return absl::OkStatus();
  for (const char* name : {"frequency_shift", "frequency_mask"}) {
    if (value_of(name, 0) == 0) continue;
    return FieldError(reader.PathOf(name), "needs `features: log-mel`, whose bins are frequencies; remove it");
  }
  return absl::OkStatus();
}

absl::Status ReadNetworkTrial(const ObjectReader& reader, TrialSettings& settings) {
  RETURN_IF_ERROR(RefuseKeys(reader, {"argv"}, "command"));
  RETURN_IF_ERROR(reader.Require("task"));
  RETURN_IF_ERROR(reader.ReadText("task", &settings.task));
  RETURN_IF_ERROR(CheckTask(settings.task, reader.PathOf("task")));
  RETURN_IF_ERROR(ReadFolder(reader, settings));
  RETURN_IF_ERROR(reader.ReadText("features", &settings.features));
  if (!settings.features.empty()) RETURN_IF_ERROR(CheckFeatures(settings.features, reader.PathOf("features")));
  if (const Json* augmentation = reader.Find("augmentation")) {
    RETURN_IF_ERROR(ReadAugmentation(*augmentation, reader.PathOf("augmentation"), settings));
  }
  RETURN_IF_ERROR(reader.Require("epochs"));
  RETURN_IF_ERROR(reader.ReadInteger("epochs", 1, kMaxEpochs, &settings.epochs));
  settings.evaluations = kMinEvaluations;
  return reader.ReadInteger("evaluations", kMinEvaluations, kMaxEvaluations, &settings.evaluations);
}

absl::StatusOr<TrialSettings> ReadTrial(const Json& value) {
  ASSIGN_OR_RETURN(const ObjectReader reader, ObjectReader::Open(value, "trial", TrialKeys()));
  TrialSettings settings;
  RETURN_IF_ERROR(reader.Require("executor"));
  RETURN_IF_ERROR(reader.ReadText("executor", &settings.executor));
  RETURN_IF_ERROR(CheckExecutor(settings.executor, reader.PathOf("executor")));
  RETURN_IF_ERROR(reader.ReadInteger("max_attempts", 1, kMaxAttempts, &settings.max_attempts));
  if (settings.executor == "network") {
    RETURN_IF_ERROR(ReadNetworkTrial(reader, settings));
  } else {
    RETURN_IF_ERROR(
        RefuseKeys(reader, {"task", "folder", "features", "augmentation", "epochs", "evaluations"}, "network"));
    RETURN_IF_ERROR(ReadArguments(reader, settings.argv));
  }
  return settings;
}

absl::StatusOr<SchedulingSettings> ReadScheduling(const ObjectReader& reader) {
  SchedulingSettings settings;
  RETURN_IF_ERROR(reader.ReadInteger("priority", -kMaxPriority, kMaxPriority, &settings.priority));
  RETURN_IF_ERROR(reader.ReadPositive("weight", &settings.weight));
  if (settings.weight < kMinWeight || settings.weight > kMaxWeight) {
    return FieldError("weight", absl::StrCat("must be between ", kMinWeight, " and ", kMaxWeight));
  }
  return settings;
}

// A derived metric is computed from reported ones only: then their order does not matter.
absl::Status CheckIndependence(const std::vector<DerivedMetric>& metrics) {
  std::set<std::string> derived;
  for (const DerivedMetric& metric : metrics) derived.insert(metric.name);
  for (size_t i = 0; i < metrics.size(); ++i) {
    ASSIGN_OR_RETURN(const Expression expression, Expression::Parse(metrics[i].expression));
    for (const std::string& name : expression.variables()) {
      if (derived.count(name) == 0) continue;
      return FieldError(
          absl::StrCat("metrics[", i, "].expression"),
          absl::StrCat("refers to ", Quoted(name), ", which is itself computed; use reported metrics only"));
    }
  }
  return absl::OkStatus();
}

// What concerns several sections.
absl::Status CheckTogether(const StudyDocument& document) {
  RETURN_IF_ERROR(CheckIndependence(document.derived));
  const bool network = document.trial.has_value() && document.trial->executor == "network";
  if (network && document.space.empty()) {
    return FieldError("space", "is required by `executor: network`: it says how parameters become a network");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StudyDocument> ParseStudyDocument(std::string_view json) {
  ASSIGN_OR_RETURN(const Json root, ParseStrictJson(json));
  ASSIGN_OR_RETURN(const ObjectReader reader, ObjectReader::Open(root, "", DocumentKeys()));
  StudyDocument document;
  int64_t version = 1;
  RETURN_IF_ERROR(reader.ReadInteger("version", 1, 1, &version));
  document.has_seed = reader.Has("seed");
  RETURN_IF_ERROR(reader.ReadUnsigned("seed", &document.seed));
  RETURN_IF_ERROR(reader.ReadText("space", &document.space));
  if (!document.space.empty()) RETURN_IF_ERROR(CheckSpaceName(document.space, "space"));
  if (const Json* metrics = reader.Find("metrics")) RETURN_IF_ERROR(ReadMetrics(*metrics, document));
  if (const Json* list = reader.Find("outcome_constraints")) RETURN_IF_ERROR(ReadOutcomeConstraints(*list, document));
  if (const Json* value = reader.Find("early_stopping")) {
    ASSIGN_OR_RETURN(document.early_stopping, ReadEarlyStopping(*value));
  }
  if (const Json* value = reader.Find("budget")) {
    ASSIGN_OR_RETURN(document.budget, ReadBudget(*value));
  }
  if (const Json* value = reader.Find("algorithm")) {
    ASSIGN_OR_RETURN(document.algorithm, ReadAlgorithm(*value));
  }
  if (const Json* value = reader.Find("warm_start")) {
    ASSIGN_OR_RETURN(document.algorithm.warm_start, ReadWarmStart(*value));
  }
  if (const Json* value = reader.Find("priors")) {
    ASSIGN_OR_RETURN(document.algorithm.priors, ReadPriors(*value));
  }
  if (const Json* value = reader.Find("trial")) {
    ASSIGN_OR_RETURN(document.trial, ReadTrial(*value));
  }
  ASSIGN_OR_RETURN(document.scheduling, ReadScheduling(reader));
  RETURN_IF_ERROR(CheckTogether(document));
  return document;
}

}  // namespace photinus
