// Derived metrics: computed from reported ones on every reply and for the algorithms, never stored.
#ifndef PHOTINUS_SERVER_STUDY_DERIVED_METRICS_H_
#define PHOTINUS_SERVER_STUDY_DERIVED_METRICS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "common/base/pb.h"
#include "common/expression/expression.h"
#include "server/study/study_problem.h"

namespace photinus {

// The expression of a derived metric; empty where it is reported. It refers to no other derived metric.
std::string_view ExpressionOf(const StudyProblem& problem, std::string_view metric);

// Whether both problems, of one spec, give every trial the same objectives and slacks.
bool ScoreAlike(const StudyProblem& a, const StudyProblem& b);

// The value of a metric in a measurement; nullopt where it was not reported.
std::optional<double> MetricOf(const pb::Measurement& measurement, std::string_view metric);

// The value of a trial's parameter, as expressions take it; nullopt where it has none of the name.
std::optional<Expression::Value> ParameterOf(const pb::Trial& trial, std::string_view id);

// Adds the problem's derived metrics to all measurements of a trial, replacing reported metrics of the same name. A
// name in a formula is a metric of the same measurement, else of a measurement of step 0 (where static metrics stand),
// else a parameter; a formula with a name that has no value adds nothing.
void AddDerivedMetrics(const StudyProblem& problem, pb::Trial& trial);

// One value per objective from the final measurement of a trial that has its derived metrics; NaN where there is none.
std::vector<double> ObjectivesOf(const StudyProblem& problem, const pb::Trial& trial);

// One slack (OutcomeConstraint::Slack) per constraint of the problem, of the metric's value in the final measurement,
// else of the first at step 0; NaN where it has none. The trial has its measurements and derived metrics.
std::vector<double> SlacksOf(const StudyProblem& problem, const pb::Trial& trial);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_DERIVED_METRICS_H_
