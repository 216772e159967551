#include "server/scheduling/curve_maker.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/measurements.h"
#include "common/base/status_macros.h"
#include "common/study_document/outcome_constraint.h"
#include "server/study/derived_metrics.h"

namespace photinus {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kTolerance = 1e-9;  // relative, of sums in another order

bool CountsSteps(const pb::Trial& trial) {
  return std::any_of(trial.measurements().begin(), trial.measurements().end(),
                     [](const pb::Measurement& measurement) { return measurement.step_count() != 0; });
}

// Whether the trial may have begun to count its steps, from 0.
bool MayCountSteps(const pb::Trial& trial, const std::string& curve) {
  const auto values = std::count_if(trial.measurements().begin(), trial.measurements().end(),
                                    [&](const auto& measurement) { return MetricOf(measurement, curve).has_value(); });
  return values < 2 && trial.state() != pb::Trial::SUCCEEDED;
}

bool IsSame(double a, double b) {
  if (!std::isfinite(a) || !std::isfinite(b)) return a == b || (std::isnan(a) && std::isnan(b));
  return std::abs(a - b) <= kTolerance * std::max(std::abs(a), std::abs(b));
}

// What a trial said of a metric at its start.
struct StartValue {
  std::optional<double> value;
  bool revised = false;  // it said otherwise later
};

StartValue StartValueOf(const pb::Trial& trial, const std::string& metric, const std::string& curve) {
  const bool by_step = CountsSteps(trial);
  StartValue start;
  for (const pb::Measurement& measurement : trial.measurements()) {
    const auto value = MetricOf(measurement, metric);
    if (!value.has_value()) continue;
    if (start.value.has_value()) {
      start.revised = start.revised || !IsSame(*value, *start.value);
    } else if (measurement.step_count() == 0 && (by_step || !MetricOf(measurement, curve).has_value())) {
      start.value = value;
    }
  }
  const auto final = MetricOf(trial.final_measurement(), metric);
  start.revised = start.revised || (start.value.has_value() && final.has_value() && !IsSame(*final, *start.value));
  return start;
}

std::optional<size_t> GoalOf(const StudyProblem& problem, const std::string& curve) {
  if (problem.objectives.empty()) return std::nullopt;
  for (size_t i = 0; i < problem.objectives.size(); ++i) {
    if (problem.objectives[i].metric == curve) return i;
  }
  for (size_t i = 0; i < problem.objectives.size(); ++i) {
    for (const DerivedFormula& formula : problem.derived) {
      const auto& names = formula.expression.variables();
      const bool of_curve = std::find(names.begin(), names.end(), curve) != names.end();
      if (formula.metric == problem.objectives[i].metric && of_curve) return i;
    }
  }
  return 0;
}

void KeepLastOfEqualSteps(std::vector<CurvePoint>& points) {
  const auto first = std::unique(points.rbegin(), points.rend(),
                                 [](const CurvePoint& a, const CurvePoint& b) { return a.step == b.step; });
  points.erase(points.begin(), first.base());
}

}  // namespace

absl::StatusOr<ObjectiveMetric> CurveMetric(const StudyProblem& problem) {
  const EarlyStoppingSettings settings = problem.document.early_stopping.value_or(EarlyStoppingSettings());
  for (const ObjectiveMetric& objective : problem.objectives) {
    if (!settings.curve.empty() && objective.metric != settings.curve) continue;
    if (settings.maximize.value_or(objective.maximize) == objective.maximize) return objective;
    return FieldError("early_stopping.goal", absl::StrCat("is not the goal that '", objective.metric,
                                                          "' has in the study's metrics; leave it out"));
  }
  if (settings.curve.empty()) {
    return FieldError("early_stopping.curve", "is missing, and there is no metric to take instead");
  }
  if (settings.maximize.has_value()) return ObjectiveMetric{settings.curve, *settings.maximize};
  return FieldError("early_stopping.goal",
                    absl::StrCat("is missing, and '", settings.curve,
                                 "' is no objective of the study; say `goal: maximize` or `goal: minimize`"));
}

LearningCurve MakeCurve(const ObjectiveMetric& metric, const pb::Trial& trial) {
  LearningCurve curve;
  const bool by_step = CountsSteps(trial) || MayCountSteps(trial, metric.metric);
  for (const pb::Measurement& measurement : trial.measurements()) {
    const auto value = MetricOf(measurement, metric.metric);
    if (!value.has_value()) continue;
    curve.points.push_back(
        {by_step ? static_cast<double>(measurement.step_count()) : ElapsedSeconds(measurement), *value});
  }
  std::stable_sort(curve.points.begin(), curve.points.end(),
                   [](const CurvePoint& a, const CurvePoint& b) { return a.step < b.step; });
  if (!curve.points.empty() && curve.points.back().step > 0) KeepLastOfEqualSteps(curve.points);
  return curve;
}

CurveMaker::CurveMaker(const StudyProblem& problem, ObjectiveMetric metric)
    : problem_(&problem), metric_(std::move(metric)), goal_(GoalOf(problem, metric_.metric)), flatten_(problem.space) {
  for (const ObjectiveMetric& objective : problem.objectives) {
    if (&objective != goal()) at_start_.push_back(objective.metric);
  }
  if (goal() == nullptr || goal()->metric == metric_.metric) return;
  for (const DerivedFormula& derived : problem.derived) {
    if (derived.metric == goal()->metric) formula_ = &derived.expression;
  }
  if (formula_ == nullptr) return;
  for (const std::string& name : formula_->variables()) {
    if (name != metric_.metric) at_start_.push_back(name);
  }
}

absl::StatusOr<CurveMaker> CurveMaker::Of(const StudyProblem& problem) {
  ASSIGN_OR_RETURN(ObjectiveMetric metric, CurveMetric(problem));
  return CurveMaker(problem, std::move(metric));
}

// Larger is better; NaN where it is not there.
double CurveMaker::GoalValue(const ObjectiveMetric& objective, const pb::Measurement& measurement) const {
  const double value = MetricOf(measurement, objective.metric).value_or(kUnknown);
  return objective.maximize ? value : -value;
}

const std::string& CurveMaker::NameOfCurve(const pb::Trial& trial, const pb::Measurement& known) const {
  const std::vector<std::string>& names = formula_->variables();
  const auto is_open = [&](const std::string& name) {
    return !MetricOf(known, name).has_value() && !ParameterOf(trial, name).has_value();
  };
  const auto open = std::find_if(names.begin(), names.end(), is_open);
  if (open == names.end() || std::find(names.begin(), names.end(), metric_.metric) != names.end())
    return metric_.metric;
  return std::count_if(open, names.end(), is_open) == 1 ? *open : metric_.metric;
}

void CurveMaker::SetLine(const pb::Trial& trial, const pb::Measurement& known, LearningCurve& curve) const {
  if (formula_ == nullptr) return;
  const std::string& of_curve = NameOfCurve(trial, known);
  const auto goal_at = [&](double value) {
    const auto goal = formula_->EvaluateNumber([&](std::string_view name) -> std::optional<Expression::Value> {
      if (name == of_curve) return metric_.maximize ? value : -value;
      if (const auto reported = MetricOf(known, name); reported.has_value()) return *reported;
      return ParameterOf(trial, name).value_or(0.0);
    });
    if (!goal.ok()) return kUnknown;
    return this->goal()->maximize ? *goal : -*goal;
  };
  if (const double offset = goal_at(0); std::isfinite(offset)) curve.offset = offset;
  const double unit = metric_.maximize ? 1 : -1, factor = (goal_at(unit) - curve.offset) / unit;
  const auto is_on_line = [&](double value) {
    const double largest = std::max(std::abs(curve.offset), std::abs(factor * value));
    return std::abs(goal_at(value) - curve.offset - factor * value) <= kTolerance * largest;
  };
  // The same for all trials, which must not differ in what their goals are measured by.
  if (factor > 0 && is_on_line(0.5 * unit) && is_on_line(100 * unit)) curve.factor = factor;
}

LearningCurve CurveMaker::Make(const pb::Trial& trial, bool stopped_early, const std::set<std::string>& revised) const {
  LearningCurve curve = MakeCurve(metric_, trial);
  curve.finished = trial.state() == pb::Trial::SUCCEEDED;
  curve.stopped_early = curve.finished && stopped_early;
  if (const auto point = PointFromTrial(trial); point.ok()) {
    if (const auto unit = flatten_.ToUnit(*point); unit.has_value()) {
      curve.features.resize(static_cast<size_t>(flatten_.feature_dimension()));
      flatten_.ToFeatures(*unit, curve.features.data());
    }
  }
  if (goal() == nullptr) return curve;
  pb::Measurement known;  // at the start
  for (const std::string& name : at_start_) {
    const StartValue start = StartValueOf(trial, name, metric_.metric);
    if (start.revised) curve.revised.push_back(name);
    if (!start.value.has_value() || start.revised || revised.count(name) > 0) continue;
    pb::Measurement::Metric& metric = *known.add_metrics();
    metric.set_metric_id(name);
    metric.set_value(*start.value);
  }
  SetLine(trial, known, curve);
  const pb::Measurement& judged = curve.finished ? trial.final_measurement() : known;
  for (size_t i = 0; i < problem_->objectives.size(); ++i) {
    if (i != *goal_) curve.other_goals.push_back(GoalValue(problem_->objectives[i], judged));
  }
  if (!curve.finished || curve.stopped_early || Violates(SlacksOf(*problem_, trial))) return curve;
  const double value = GoalValue(*goal(), trial.final_measurement());
  if (std::isfinite(value)) curve.goal = value;
  return curve;
}

std::set<std::string> RevisedMetrics(const std::vector<std::shared_ptr<const LearningCurve>>& finished) {
  std::set<std::string> revised;
  for (const auto& curve : finished) revised.insert(curve->revised.begin(), curve->revised.end());
  return revised;
}

bool CurveIsObjective(const std::vector<std::shared_ptr<const LearningCurve>>& finished, bool maximize) {
  for (const auto& curve : finished) {
    if (!curve->goal.has_value() || curve->points.empty()) continue;
    const double last = curve->points.back().value;
    const double expected = curve->GoalAt(maximize ? last : -last);
    const double largest = std::max({std::abs(curve->factor * last), std::abs(curve->offset), std::abs(*curve->goal)});
    if (!(std::abs(*curve->goal - expected) <= kTolerance * largest)) return false;
  }
  return true;
}

}  // namespace photinus
