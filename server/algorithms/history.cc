#include "server/algorithms/history.h"

#include <optional>
#include <utility>

#include "common/study_document/outcome_constraint.h"

namespace photinus {
namespace {

Evaluation Evaluate(const EvaluatedPoint& evaluated, UnitPoint unit, const std::vector<Objective>& objectives) {
  std::optional<std::vector<double>> goals =
      GoalsOf(evaluated.objectives, evaluated.infeasible || Violates(evaluated.slacks), objectives);
  const bool failed = !goals.has_value();
  return {.trial_id = evaluated.trial_id,
          .unit = std::move(unit),
          .goals = std::move(goals).value_or(std::vector<double>()),
          .failed = failed};
}

}  // namespace

bool IsBetter(const Evaluation& a, const Evaluation& b) {
  if (a.failed || b.failed) return !a.failed && b.failed;
  return !a.goals.empty() && a.goals[0] > b.goals[0];
}

void History::AddPending(UnitPoint unit) {
  excluded.Add(unit);
  pending.push_back(std::move(unit));
}

History ReadHistory(const Flatten& flatten, const SuggestRequest& request) {
  History history{.evaluations = {}, .pending = {}, .excluded = VisitedPoints(flatten)};
  for (const EvaluatedPoint& evaluated : request.completed) {
    std::optional<UnitPoint> unit = flatten.ToUnit(evaluated.point);
    if (!unit.has_value()) continue;
    history.evaluations.push_back(Evaluate(evaluated, *std::move(unit), request.objectives));
    const Evaluation& evaluation = history.evaluations.back();
    if (evaluation.failed || !request.noisy) history.excluded.Add(evaluation.unit);
  }
  for (const PendingPoint& pending : request.pending) {
    std::optional<UnitPoint> unit = flatten.ToUnit(pending.point);
    if (unit.has_value()) history.AddPending(*std::move(unit));
  }
  return history;
}

std::vector<std::vector<Evaluation>> ReadPrior(const Flatten& flatten, const SuggestRequest& request) {
  std::vector<std::vector<Evaluation>> studies;
  if (request.prior == nullptr) return studies;
  for (const PriorStudy& study : *request.prior) {
    std::vector<Evaluation>& evaluations = studies.emplace_back();
    for (const EvaluatedPoint& evaluated : study.trials) {
      std::optional<UnitPoint> unit = flatten.ToUnit(evaluated.point);
      if (unit.has_value()) evaluations.push_back(Evaluate(evaluated, *std::move(unit), request.objectives));
    }
  }
  return studies;
}

}  // namespace photinus
