#include "server/algorithms/history.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace photinus {
namespace {

Evaluation Evaluate(const EvaluatedPoint& evaluated, UnitPoint unit, const std::vector<Objective>& objectives) {
  Evaluation evaluation{.trial_id = evaluated.trial_id, .unit = std::move(unit), .goals = evaluated.objectives};
  std::vector<double>& goals = evaluation.goals;
  evaluation.failed = evaluated.infeasible || goals.size() != objectives.size() ||
                      !std::all_of(goals.begin(), goals.end(), [](double v) { return std::isfinite(v); });
  if (evaluation.failed) goals.clear();
  for (size_t k = 0; k < goals.size(); ++k) {
    if (!objectives[k].maximize) goals[k] = -goals[k];
  }
  return evaluation;
}

}  // namespace

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

}  // namespace photinus
