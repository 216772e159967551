#include "server/study/derived_metrics.h"

#include <limits>
#include <string>
#include <utility>

namespace photinus {
namespace {

std::optional<Expression::Value> ParameterOf(const pb::Trial& trial, std::string_view id) {
  for (const auto& parameter : trial.parameters()) {
    if (parameter.parameter_id() != id) continue;
    if (parameter.value().kind_case() == google::protobuf::Value::kStringValue) {
      return Expression::Value(parameter.value().string_value());
    }
    return Expression::Value(parameter.value().number_value());
  }
  return std::nullopt;
}

std::optional<Expression::Value> Lookup(const pb::Trial& trial, const pb::Measurement& measurement,
                                        std::string_view name) {
  if (const auto value = MetricOf(measurement, name)) return *value;
  for (const pb::Measurement& other : trial.measurements()) {
    if (other.step_count() != 0) continue;
    if (const auto value = MetricOf(other, name)) return *value;
  }
  return ParameterOf(trial, name);
}

void SetMetric(std::string_view metric, double value, pb::Measurement& measurement) {
  for (auto& reported : *measurement.mutable_metrics()) {
    if (reported.metric_id() != metric) continue;
    reported.set_value(value);
    return;
  }
  pb::Measurement::Metric& added = *measurement.add_metrics();
  added.set_metric_id(std::string(metric));
  added.set_value(value);
}

void AddDerived(const StudyProblem& problem, const pb::Trial& trial, pb::Measurement& measurement) {
  // All are computed before any is added, so that none can see another.
  std::vector<std::pair<std::string_view, double>> values;
  for (const DerivedFormula& formula : problem.derived) {
    const auto value =
        formula.expression.EvaluateNumber([&](std::string_view name) { return Lookup(trial, measurement, name); });
    if (value.ok()) values.emplace_back(formula.metric, *value);
  }
  for (const auto& [metric, value] : values) SetMetric(metric, value, measurement);
}

}  // namespace

std::optional<double> MetricOf(const pb::Measurement& measurement, std::string_view metric) {
  for (const auto& reported : measurement.metrics()) {
    if (reported.metric_id() == metric) return reported.value();
  }
  return std::nullopt;
}

void AddDerivedMetrics(const StudyProblem& problem, pb::Trial& trial) {
  if (problem.derived.empty()) return;
  if (trial.has_final_measurement()) AddDerived(problem, trial, *trial.mutable_final_measurement());
  for (auto& measurement : *trial.mutable_measurements()) AddDerived(problem, trial, measurement);
}

std::vector<double> ObjectivesOf(const StudyProblem& problem, const pb::Trial& trial) {
  std::vector<double> values;
  for (const ObjectiveMetric& objective : problem.objectives) {
    values.push_back(
        MetricOf(trial.final_measurement(), objective.metric).value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return values;
}

}  // namespace photinus
