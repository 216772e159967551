#include "server/study/told_objectives.h"

#include <algorithm>

#include "server/study/derived_metrics.h"

namespace photinus {

std::vector<double> ToldObjectives(const StudyProblem& problem, const v1::StopDecision& decision,
                                   std::vector<double> values) {
  if (!decision.has_predicted_final() || !IsOfPresentFormula(problem, decision)) return values;
  for (size_t i = 0; i < values.size(); ++i) {
    const ObjectiveMetric& objective = problem.objectives[i];
    if (objective.metric != decision.metric()) continue;
    values[i] = decision.predicted_final();
    if (!decision.has_reference()) continue;
    values[i] =
        objective.maximize ? std::min(values[i], decision.reference()) : std::max(values[i], decision.reference());
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

bool HoldsItsPoint(const HistoryTrial& trial) { return trial.apart() && trial.state() == pb::Trial::INFEASIBLE; }

bool IsOfPresentFormula(const StudyProblem& problem, const v1::StopDecision& decision) {
  return !decision.has_expression() || decision.expression() == ExpressionOf(problem, decision.metric());
}

}  // namespace photinus
