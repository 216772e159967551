#include "server/study/told_objectives.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/study/derived_metrics.h"

namespace photinus {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

}  // namespace

std::vector<double> ToldObjectives(const StudyProblem& problem, const v1::StopDecision& decision,
                                   std::vector<double> values) {
  if (!decision.has_predicted_final() || !IsOfPresentFormula(problem, decision)) return values;
  for (size_t i = 0; i < values.size(); ++i) {
    const ObjectiveMetric& objective = problem.objectives[i];
    if (objective.metric != decision.metric()) continue;
    const double sign = objective.maximize ? 1 : -1, measured = sign * values[i];
    const double most = decision.has_reference() ? sign * decision.reference() : kUnbounded;
    if (!(measured > most)) values[i] = sign * std::min(sign * decision.predicted_final(), most);
  }
  return values;
}

std::vector<double> ToldObjectives(const StudyProblem& problem, const HistoryTrial& trial) {
  if (!trial.stopped_early() || trial.stop() == nullptr) return trial.objectives();
  return ToldObjectives(problem, *trial.stop(), trial.objectives());
}

std::vector<double> ToldObjectives(const StudyProblem& problem, const HistoryRow& trial) {
  if (!trial.stopped_early || trial.stop == nullptr) return trial.objectives;
  return ToldObjectives(problem, *trial.stop, trial.objectives);
}

bool IsToldInfeasible(pb::Trial::State state, bool stopped_early, const std::vector<double>& told) {
  if (state != pb::Trial::INFEASIBLE) return false;
  const bool all = std::all_of(told.begin(), told.end(), [](double value) { return std::isfinite(value); });
  return !stopped_early || told.empty() || !all;
}

bool HoldsItsPoint(const HistoryTrial& trial) { return trial.apart() && trial.state() == pb::Trial::INFEASIBLE; }

bool IsOfPresentFormula(const StudyProblem& problem, const v1::StopDecision& decision) {
  return !decision.has_expression() || decision.expression() == ExpressionOf(problem, decision.metric());
}

}  // namespace photinus
