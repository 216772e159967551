#include "client/cli/records.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/names.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/stop_entry.h"

namespace photinus {
namespace {

using Json = nlohmann::ordered_json;
using ParameterSpec = pb::StudySpec::ParameterSpec;

constexpr double kLargestExactInteger = 9007199254740992.0;  // 2^53
constexpr size_t kMaxParametersInTable = 6;
constexpr size_t kMaxOtherMetricsInTable = 6;

// JSON has no NaN and no infinity: they become null.
Json Number(double value) {
  if (!std::isfinite(value)) return nullptr;
  const bool whole = std::trunc(value) == value && std::abs(value) < kLargestExactInteger;
  return whole ? Json(static_cast<int64_t>(value)) : Json(value);
}

// To multiples of 1 / unit.
Json Rounded(double value, double unit) { return Number(std::round(value * unit) / unit); }

Json Timestamp(bool present, const google::protobuf::Timestamp& time) {
  if (!present) return nullptr;
  const absl::Time moment = absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", moment, absl::UTCTimeZone());
}

double Seconds(const google::protobuf::Timestamp& time) {
  return static_cast<double>(time.seconds()) + 1e-9 * time.nanos();
}

Json ParameterValue(const google::protobuf::Value& value) {
  return value.kind_case() == google::protobuf::Value::kNumberValue ? Number(value.number_value())
                                                                    : Json(value.string_value());
}

Json MetricsOf(const pb::Measurement& measurement) {
  Json metrics = Json::object();
  for (const auto& metric : measurement.metrics()) metrics[metric.metric_id()] = Number(metric.value());
  return metrics;
}

// What came after the attempt's lease was gone: metrics, and why the trial cannot be measured. Empty: nothing came.
Json LateResultOf(const v1::Attempt& attempt) {
  if (!attempt.has_late_result() && !attempt.late_infeasible()) return Json::object();
  return {{"metrics", MetricsOf(attempt.late_result())},
          {"infeasible_reason", attempt.late_infeasible() ? Json(attempt.late_infeasible_reason()) : Json()}};
}

Json IdOf(const pb::Trial& trial) {
  const auto id = ParseTrialId(trial.id());
  return id.ok() ? Json(*id) : Json();
}

std::string GoalName(pb::StudySpec::MetricSpec::GoalType goal) {
  return goal == pb::StudySpec::MetricSpec::MINIMIZE ? "minimize" : "maximize";
}

void AddDomain(const ParameterSpec& spec, Json& record) {
  switch (spec.parameter_value_spec_case()) {
    case ParameterSpec::kDoubleValueSpec:
      record["type"] = "double";
      record["min"] = Number(spec.double_value_spec().min_value());
      record["max"] = Number(spec.double_value_spec().max_value());
      break;
    case ParameterSpec::kIntegerValueSpec:
      record["type"] = "integer";
      record["min"] = spec.integer_value_spec().min_value();
      record["max"] = spec.integer_value_spec().max_value();
      break;
    case ParameterSpec::kDiscreteValueSpec:
      record["type"] = "discrete";
      record["values"] = Json::array();
      for (double value : spec.discrete_value_spec().values()) record["values"].push_back(Number(value));
      break;
    case ParameterSpec::kCategoricalValueSpec:
      record["type"] = "categorical";
      record["values"] = Json::array();
      for (const std::string& value : spec.categorical_value_spec().values()) record["values"].push_back(value);
      break;
    default:
      record["type"] = nullptr;
  }
  if (spec.scale_type() == ParameterSpec::UNIT_LOG_SCALE) record["scale"] = "log";
  if (spec.scale_type() == ParameterSpec::UNIT_REVERSE_LOG_SCALE) record["scale"] = "reverse_log";
}

Json ConditionValues(const ParameterSpec::ConditionalParameterSpec& child) {
  Json values = Json::array();
  for (const std::string& value : child.parent_categorical_values().values()) values.push_back(value);
  for (int64_t value : child.parent_int_values().values()) values.push_back(value);
  for (double value : child.parent_discrete_values().values()) values.push_back(Number(value));
  return values;
}

void AddParameter(const ParameterSpec& spec, const Json& when, Json& list) {
  Json record = {{"name", spec.parameter_id()}};
  AddDomain(spec, record);
  if (!when.is_null()) record["when"] = when;
  list.push_back(std::move(record));
  for (const auto& child : spec.conditional_parameter_specs()) {
    AddParameter(child.parameter_spec(), Json{{spec.parameter_id(), ConditionValues(child)}}, list);
  }
}

Json Maybe(bool present, double value) { return present ? Number(value) : Json(); }

// What was decided, but for why.
Json FiguresOf(const v1::StopDecision& decision) {
  const bool asked = decision.step() > 0;  // else somebody stopped the trial without asking the rule
  return {{"outcome", v1::StopDecision::Outcome_Name(decision.outcome())},
          {"step", Maybe(asked, decision.step())},
          {"horizon", Maybe(decision.horizon() > 0, decision.horizon())},
          {"metric", decision.metric()},
          {"predicted_final", Maybe(decision.has_predicted_final(), decision.predicted_final())},
          {"predicted_stddev", Maybe(decision.has_predicted_stddev(), decision.predicted_stddev())},
          {"reference", Maybe(decision.has_reference(), decision.reference())}};
}

Json DecisionRecord(const v1::StopDecision& decision) {
  Json stop = FiguresOf(decision);
  stop["reason"] = decision.reason();
  return stop;
}

// Empty: nothing was decided.
Json StopOf(const pb::Trial& trial) {
  const auto decision = StopDecisionOf(trial);
  return decision.has_value() ? DecisionRecord(*decision) : Json::object();
}

// Null: the algorithm is the server's own.
Json EndpointOf(const pb::StudySpec& spec) {
  for (const pb::KeyValue& entry : spec.metadata()) {
    if (IsEndpoint(entry) && !entry.value().empty()) return entry.value();
  }
  return nullptr;
}

Json MetadataOf(const pb::Trial& trial) {
  Json list = Json::array();
  for (const pb::KeyValue& entry : trial.metadata()) {
    list.push_back({{"namespace", entry.ns()},
                    {"key", entry.key()},
                    {"value", entry.has_proto() ? absl::StrCat("(", entry.proto().type_url(), ")") : entry.value()}});
  }
  return list;
}

}  // namespace

std::string StudyIdOf(const pb::Study& study) {
  const auto name = StudyName::Parse(study.name());
  return name.ok() ? name->study : study.display_name();
}

std::string StudyStateText(const v1::StudyStatus& status) {
  if (status.study().state() == pb::Study::ACTIVE && status.paused()) return "PAUSED";
  if (status.study().state() == pb::Study::ACTIVE && status.draining()) return "DRAINING";
  return pb::Study::State_Name(status.study().state());
}

Record StudyRecord(const v1::StudyStatus& status) {
  const pb::Study& study = status.study();
  const auto name = StudyName::Parse(study.name());
  Record record = {{"name", study.name()},
                   {"owner", name.ok() ? Json(name->owner) : Json()},
                   {"study", StudyIdOf(study)},
                   {"state", StudyStateText(status)},
                   {"created", Timestamp(study.has_create_time(), study.create_time())},
                   {"trials",
                    {{"requested", status.requested()},
                     {"active", status.active()},
                     {"stopping", status.stopping()},
                     {"succeeded", status.succeeded()},
                     {"infeasible", status.infeasible()},
                     {"stopped_early", status.stopped_early()}}},
                   {"trial_budget", status.trial_budget() > 0 ? Json(status.trial_budget()) : Json()},
                   {"best_trial", nullptr},
                   {"best_metrics", Json::object()}};
  if (status.best_size() > 0) {
    record["best_trial"] = IdOf(status.best(0));
    record["best_metrics"] = MetricsOf(status.best(0).final_measurement());
  }
  return record;
}

Record DocumentOf(const pb::StudySpec& spec) {
  for (const pb::KeyValue& entry : spec.metadata()) {
    if (!IsStudyDocument(entry)) continue;
    Json document = Json::parse(entry.value(), nullptr, /*allow_exceptions=*/false);
    return document.is_discarded() ? Json(entry.value()) : document;
  }
  return nullptr;
}

std::optional<EarlyStoppingSettings> StoppingInForce(const pb::StudySpec& spec) {
  pb::StudySpec asked = spec;
  if (!EndpointOf(spec).is_null()) asked.clear_default_stopping_spec();
  const auto document = StudyDocumentOf(asked);
  return document.ok() ? document->early_stopping : std::nullopt;
}

Record StudyDetails(const v1::StudyStatus& status) {
  const pb::StudySpec& spec = status.study().study_spec();
  Record record = StudyRecord(status);
  if (!status.study().inactive_reason().empty()) record["inactive_reason"] = status.study().inactive_reason();
  record["algorithm"] = spec.algorithm().empty() ? "DEFAULT" : spec.algorithm();
  record["pythia_endpoint"] = EndpointOf(spec);
  record["document"] = DocumentOf(spec);
  const auto stopping = StoppingInForce(spec);
  record["stopping_rule"] = stopping.has_value() ? Json(stopping->rule) : Json();
  record["metrics"] = Json::array();
  for (const auto& metric : spec.metrics()) {
    record["metrics"].push_back({{"name", metric.metric_id()}, {"goal", GoalName(metric.goal())}});
  }
  record["parameters"] = Json::array();
  for (const ParameterSpec& parameter : spec.parameters()) AddParameter(parameter, nullptr, record["parameters"]);
  record["best"] = Json::array();
  for (const pb::Trial& trial : status.best()) record["best"].push_back(TrialRecord(trial));
  return record;
}

Record TrialLine(const pb::Trial& trial) {
  Record record = TrialRecord(trial);
  if (!record["stop"].empty()) return record;
  record["stop"] = DecisionRecord({});
  for (Json& value : record["stop"]) value = nullptr;
  return record;
}

Record WorkerRecord(const v1::ListWorkersResponse::Worker& worker, absl::Time now) {
  const double seen = Seconds(worker.last_seen());
  Record record = {{"worker", worker.name()}, {"alive", worker.alive()},
                   {"slots", worker.slots()}, {"running", worker.trials_size()},
                   {"trials", Json::array()}, {"last_seen", Timestamp(worker.has_last_seen(), worker.last_seen())},
                   {"seconds_ago", nullptr},  {"version", worker.version()}};
  for (const std::string& trial : worker.trials()) record["trials"].push_back(trial);
  if (worker.has_last_seen()) {
    record["seconds_ago"] = std::max(int64_t{0}, absl::ToUnixSeconds(now) - static_cast<int64_t>(std::floor(seen)));
  }
  return record;
}

Record TrialRecord(const pb::Trial& trial) {
  const std::optional<int64_t> step = CurrentStep(trial);
  Record record = {{"name", trial.name()},
                   {"id", IdOf(trial)},
                   {"state", pb::Trial::State_Name(trial.state())},
                   {"client_id", trial.client_id()},
                   {"step", step.has_value() ? Json(*step) : Json()},
                   {"metrics", Json::object()},
                   {"parameters", Json::object()},
                   {"started", Timestamp(trial.has_start_time(), trial.start_time())},
                   {"ended", Timestamp(trial.has_end_time(), trial.end_time())},
                   {"seconds", nullptr},
                   {"infeasible_reason", trial.infeasible_reason()},
                   {"stop", StopOf(trial)}};
  for (const auto& [name, value] : CurrentMetrics(trial)) record["metrics"][name] = Number(value);
  for (const auto& parameter : trial.parameters()) {
    record["parameters"][parameter.parameter_id()] = ParameterValue(parameter.value());
  }
  if (trial.has_start_time() && trial.has_end_time()) {
    const double seconds = Seconds(trial.end_time()) - Seconds(trial.start_time());
    record["seconds"] = Rounded(seconds, 1e3);
  }
  return record;
}

Record TrialDetails(const pb::Trial& trial, const std::vector<v1::Attempt>& attempts,
                    const std::vector<v1::ListArtifactsResponse::Artifact>& artifacts) {
  Record record = TrialRecord(trial);
  record["measurements"] = Json::array();
  for (const pb::Measurement& measurement : trial.measurements()) {
    const auto& elapsed = measurement.elapsed_duration();
    Json row = {{"step", measurement.step_count()}, {"elapsed", nullptr}};
    if (measurement.has_elapsed_duration()) {
      row["elapsed"] = Number(static_cast<double>(elapsed.seconds()) + 1e-9 * elapsed.nanos());
    }
    row["metrics"] = MetricsOf(measurement);
    record["measurements"].push_back(std::move(row));
  }
  record["metadata"] = MetadataOf(trial);
  record["attempts"] = Json::array();
  for (const v1::Attempt& attempt : attempts) {
    record["attempts"].push_back({{"attempt", attempt.attempt()},
                                  {"client_id", attempt.client_id()},
                                  {"outcome", attempt.outcome()},
                                  {"cause", attempt.cause()},
                                  {"ended", Timestamp(attempt.has_end_time(), attempt.end_time())},
                                  {"measurements", attempt.measurements_size()},
                                  {"late_result", LateResultOf(attempt)}});
  }
  record["artifacts"] = Json::array();
  for (const auto& artifact : artifacts) {
    record["artifacts"].push_back(
        {{"name", artifact.name()}, {"size", artifact.size()}, {"sha256", artifact.sha256()}});
  }
  return record;
}

Record ExplanationRecord(const v1::ExplainTrialResponse& explained) {
  const v1::Explanation& explanation = explained.explanation();
  const bool kept = explained.has_explanation();
  Record record = {{"algorithm", explained.algorithm().empty() ? "DEFAULT" : explained.algorithm()},
                   {"arm", kept ? Json(explanation.arm()) : Json()},
                   {"text", kept ? explanation.text() : "none was kept, as of trials that are made by hand"},
                   {"acquisition", explanation.has_acquisition() ? Number(explanation.acquisition()) : Json()},
                   {"milliseconds", kept ? Rounded(explanation.milliseconds(), 1e3) : Json()},
                   {"ahead", kept ? Json(explanation.ahead()) : Json()},
                   {"stop_reason", explained.stop_reason()},
                   {"predictions", Json::array()},
                   {"nearest", Json::array()}};
  for (const auto& prediction : explanation.predictions()) {
    if (!prediction.has_median()) continue;
    record["predictions"].push_back({{"metric", prediction.metric()},
                                     {"median", Number(prediction.median())},
                                     {"lower", Number(prediction.lower())},
                                     {"upper", Number(prediction.upper())}});
  }
  for (const auto& neighbour : explained.nearest()) {
    const auto name = TrialName::Parse(neighbour.trial());
    Record near = {{"trial", name.ok() ? Json(name->id) : Json()},
                   {"distance", Number(neighbour.distance())},
                   {"state", pb::Trial::State_Name(neighbour.state())},
                   {"objectives", Json::object()}};
    for (const auto& metric : neighbour.objectives()) near["objectives"][metric.metric_id()] = Number(metric.value());
    record["nearest"].push_back(std::move(near));
  }
  return record;
}

Record StopRecord(const v1::GetStudyStopsResponse::Stop& stop) {
  const v1::StopDecision& decision = stop.decision();
  Record record = {{"trial", stop.trial()}, {"state", pb::Trial::State_Name(stop.state())}};
  record.update(FiguresOf(decision));
  record["final"] = Maybe(stop.has_final(), stop.final());
  record["reason"] = decision.reason();
  return record;
}

Record AuditRecord(const v1::StopAudit& audit) {
  const double whole = audit.spent() + audit.saved();
  const auto share = [](bool present, double value) { return present ? Rounded(value, 1e4) : Json(); };
  return {{"full", audit.full()},
          {"stopped", audit.stopped()},
          {"stopped_unknown", audit.stopped_unknown()},
          {"spent", Maybe(audit.has_spent(), audit.spent())},
          {"saved", Maybe(audit.has_saved(), audit.saved())},
          {"saved_share", share(whole > 0, audit.saved() / whole)},
          {"exempt", audit.exempt()},
          {"exempt_right", audit.exempt_right()},
          {"exempt_wrong", audit.exempt_wrong()},
          {"false_stop_rate", share(audit.has_false_stop_rate(), audit.false_stop_rate())},
          {"false_stop_lower", share(audit.has_false_stop_lower(), audit.false_stop_lower())},
          {"false_stop_upper", share(audit.has_false_stop_upper(), audit.false_stop_upper())},
          {"predicted", audit.predicted()},
          {"score_mean", share(audit.has_score_mean(), audit.score_mean())},
          {"score_rms", share(audit.has_score_rms(), audit.score_rms())}};
}

Record ImportanceRecord(const v1::GetParameterImportanceResponse::Objective& objective,
                        const v1::GetParameterImportanceResponse::Parameter& parameter) {
  return {{"objective", objective.metric()},
          {"parameter", parameter.parameter()},
          {"main_effect", Rounded(parameter.main_effect(), 1e4)},
          {"total_effect", Rounded(parameter.total_effect(), 1e4)},
          {"trials", objective.trials()},
          {"explained", Rounded(objective.explained(), 1e4)}};
}

std::vector<Column> TrialColumns(const std::vector<pb::Trial>& trials, const pb::StudySpec& spec) {
  std::vector<std::string> objectives;
  for (const auto& metric : spec.metrics()) objectives.push_back(metric.metric_id());
  std::vector<std::string> metrics, parameters;
  std::set<std::string> seen(objectives.begin(), objectives.end());
  std::set<std::string> seen_parameters;
  for (const pb::Trial& trial : trials) {
    for (const auto& [name, value] : CurrentMetrics(trial)) {
      if (seen.insert(name).second) metrics.push_back(name);
    }
    for (const auto& parameter : trial.parameters()) {
      if (seen_parameters.insert(parameter.parameter_id()).second) parameters.push_back(parameter.parameter_id());
    }
  }
  if (metrics.size() > kMaxOtherMetricsInTable) metrics.resize(kMaxOtherMetricsInTable);
  metrics.insert(metrics.begin(), objectives.begin(), objectives.end());
  if (parameters.size() > kMaxParametersInTable) parameters.clear();

  std::vector<Column> columns = {{"id", "TRIAL"}, {"state", "STATE"}, {"step", "STEP"}};
  for (const std::string& metric : metrics) columns.push_back({"metrics." + metric, metric});
  for (const std::string& parameter : parameters) columns.push_back({"parameters." + parameter, parameter});
  const bool any_stop = std::any_of(trials.begin(), trials.end(), [](const pb::Trial& trial) {
    const auto decision = StopDecisionOf(trial);
    return decision.has_value() && decision->outcome() == v1::StopDecision::STOPPED;
  });
  if (any_stop) {
    columns.push_back({"stop.outcome", "STOP"});
    columns.push_back({"stop.predicted_final", "PREDICTED"});
    columns.push_back({"stop.predicted_stddev", "+-"});
  }
  columns.push_back({"seconds", "SECONDS"});
  columns.push_back({"client_id", "CLIENT"});
  return columns;
}

std::vector<pb::StudySpec::MetricSpec> Objectives(const pb::StudySpec& spec) {
  std::vector<pb::StudySpec::MetricSpec> objectives;
  for (const auto& metric : spec.metrics()) {
    if (!metric.has_safety_config()) objectives.push_back(metric);
  }
  return objectives;
}

std::optional<double> FinalValue(const pb::Trial& trial, const std::string& metric) {
  for (const auto& each : trial.final_measurement().metrics()) {
    if (each.metric_id() == metric && std::isfinite(each.value())) return each.value();
  }
  return std::nullopt;
}

std::map<std::string, double> CurrentMetrics(const pb::Trial& trial) {
  std::map<std::string, double> metrics;
  for (const pb::Measurement& measurement : trial.measurements()) {
    for (const auto& metric : measurement.metrics()) metrics[metric.metric_id()] = metric.value();
  }
  for (const auto& metric : trial.final_measurement().metrics()) metrics[metric.metric_id()] = metric.value();
  return metrics;
}

std::optional<int64_t> CurrentStep(const pb::Trial& trial) {
  // A final measurement need not say its step; the last intermediate one does.
  std::optional<int64_t> step;
  for (const pb::Measurement& measurement : trial.measurements()) {
    step = std::max(step.value_or(0), measurement.step_count());
  }
  if (trial.has_final_measurement() && trial.final_measurement().step_count() > step.value_or(0)) {
    step = trial.final_measurement().step_count();
  }
  return step;
}

std::vector<std::string> ObjectivesWithoutValue(const pb::Trial& trial, const pb::StudySpec& spec) {
  std::vector<std::string> missing;
  for (const auto& metric : Objectives(spec)) {
    if (!FinalValue(trial, metric.metric_id()).has_value()) missing.push_back(metric.metric_id());
  }
  return missing;
}

bool IsTerminal(const pb::Trial& trial) {
  return trial.state() == pb::Trial::SUCCEEDED || trial.state() == pb::Trial::INFEASIBLE;
}

}  // namespace photinus
