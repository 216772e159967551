#include "server/study/derived_metrics.h"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

namespace photinus {
namespace {

using Values = std::unordered_map<std::string_view, Expression::Value>;

// What the formulas refer to and every measurement of the trial may need: the first reported metrics of step 0, else
// parameters. Collected once, because a trial may have very many measurements, and before derived metrics are added.
Values StaticValuesOf(const StudyProblem& problem, const pb::Trial& trial) {
  Values reported;
  for (const pb::Measurement& measurement : trial.measurements()) {
    if (measurement.step_count() != 0) continue;
    for (const auto& metric : measurement.metrics()) reported.try_emplace(metric.metric_id(), metric.value());
  }
  Values values;
  for (const DerivedFormula& formula : problem.derived) {
    for (const std::string& name : formula.expression.variables()) {
      if (const auto found = reported.find(name); found != reported.end()) {
        values.insert(*found);
      } else if (auto parameter = ParameterOf(trial, name)) {
        values.emplace(name, *std::move(parameter));
      }
    }
  }
  return values;
}

std::optional<Expression::Value> Lookup(const Values& values, const pb::Measurement& measurement,
                                        std::string_view name) {
  if (const auto value = MetricOf(measurement, name)) return *value;
  const auto found = values.find(name);
  return found == values.end() ? std::nullopt : std::optional(found->second);
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

void AddDerived(const StudyProblem& problem, const Values& static_values, pb::Measurement& measurement) {
  // All are computed before any is added, so that none can see another.
  std::vector<std::pair<std::string_view, double>> values;
  for (const DerivedFormula& formula : problem.derived) {
    const auto value = formula.expression.EvaluateNumber(
        [&](std::string_view name) { return Lookup(static_values, measurement, name); });
    if (value.ok()) values.emplace_back(formula.metric, *value);
  }
  for (const auto& [metric, value] : values) SetMetric(metric, value, measurement);
}

bool SameFormula(const DerivedFormula& a, const DerivedFormula& b) {
  return a.metric == b.metric && a.expression.text() == b.expression.text();
}

bool SameConstraint(const ProblemConstraint& a, const ProblemConstraint& b) {
  return a.outcome.metric == b.outcome.metric && a.outcome.at_most == b.outcome.at_most &&
         a.outcome.strict == b.outcome.strict && a.outcome.bound == b.outcome.bound;
}

}  // namespace

std::string_view ExpressionOf(const StudyProblem& problem, std::string_view metric) {
  for (const DerivedFormula& formula : problem.derived) {
    if (formula.metric == metric) return formula.expression.text();
  }
  return {};
}

bool ScoreAlike(const StudyProblem& a, const StudyProblem& b) {
  return std::equal(a.derived.begin(), a.derived.end(), b.derived.begin(), b.derived.end(), &SameFormula) &&
         std::equal(a.constraints.begin(), a.constraints.end(), b.constraints.begin(), b.constraints.end(),
                    &SameConstraint);
}

std::optional<double> MetricOf(const pb::Measurement& measurement, std::string_view metric) {
  for (const auto& reported : measurement.metrics()) {
    if (reported.metric_id() == metric) return reported.value();
  }
  return std::nullopt;
}

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

void AddDerivedMetrics(const StudyProblem& problem, pb::Trial& trial) {
  if (problem.derived.empty()) return;
  const Values static_values = StaticValuesOf(problem, trial);
  if (trial.has_final_measurement()) AddDerived(problem, static_values, *trial.mutable_final_measurement());
  for (auto& measurement : *trial.mutable_measurements()) AddDerived(problem, static_values, measurement);
}

std::vector<double> SlacksOf(const StudyProblem& problem, const pb::Trial& trial) {
  std::vector<double> slacks;
  for (const ProblemConstraint& constraint : problem.constraints) {
    std::optional<double> value = MetricOf(trial.final_measurement(), constraint.outcome.metric);
    for (auto measurement = trial.measurements().begin(); !value && measurement != trial.measurements().end();
         ++measurement) {
      if (measurement->step_count() == 0) value = MetricOf(*measurement, constraint.outcome.metric);
    }
    slacks.push_back(constraint.outcome.Slack(value.value_or(std::numeric_limits<double>::quiet_NaN())));
  }
  return slacks;
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
