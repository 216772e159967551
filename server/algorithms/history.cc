#include "server/algorithms/history.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "common/study_document/outcome_constraint.h"
#include "server/algorithms/encoded_trials.h"

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

// Whether nothing is known of what a trial achieved, as EncodedTrials::Status::kFailed says.
bool HasFailed(const EvaluatedPoint& evaluated, const std::vector<Objective>& objectives) {
  return !GoalsOf(evaluated.objectives, evaluated.infeasible, objectives).has_value() ||
         !std::all_of(evaluated.slacks.begin(), evaluated.slacks.end(), [](double s) { return std::isfinite(s); });
}

void ExcludeFailures(History& history, std::vector<UnitPoint> only_failed) {
  for (const UnitPoint& unit : only_failed) history.excluded.Add(unit);
  history.only_failed = std::move(only_failed);
}

// Of a request that has its trials encoded.
History Decoded(const Flatten& flatten, const EncodedTrials& trials, bool noisy) {
  using Status = EncodedTrials::Status;
  std::vector<const VisitedPoints*> known = trials.points();
  if (noisy) known = {&trials.pending_points()};
  History history{.evaluations = {}, .pending = {}, .excluded = VisitedPoints(flatten, std::move(known))};
  for (size_t row = 0; row < trials.size(); ++row) {
    const Status status = trials.status(row);
    if (status == Status::kForeign) continue;
    if (status == Status::kPending) {
      history.pending.push_back(trials.unit(row));
      continue;
    }
    Evaluation& evaluation = history.evaluations.emplace_back();
    evaluation.trial_id = trials.id(row);
    evaluation.unit = trials.unit(row);
    evaluation.failed = status == Status::kFailed || !trials.Satisfies(row);
    if (!evaluation.failed) evaluation.goals.assign(trials.goals(row), trials.goals(row) + trials.objectives().size());
  }
  if (noisy) ExcludeFailures(history, trials.PointsThatOnlyFailed());
  return history;
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

bool History::AllowFailures() {
  if (only_failed.empty()) return false;
  for (const UnitPoint& unit : only_failed) excluded.Remove(unit);
  only_failed.clear();
  return true;
}

VisitedPoints TriedPoints(const Flatten& flatten, const SuggestRequest& request) {
  if (request.trials != nullptr) return VisitedPoints(flatten, request.trials->points());
  VisitedPoints tried(flatten);
  const auto add = [&](const Point& point) {
    const std::optional<UnitPoint> unit = flatten.ToUnit(point);
    if (unit.has_value()) tried.Add(*unit);
  };
  for (const EvaluatedPoint& evaluated : request.completed) add(evaluated.point);
  for (const PendingPoint& pending : request.pending) add(pending.point);
  return tried;
}

History ReadHistory(const Flatten& flatten, const SuggestRequest& request) {
  if (request.trials != nullptr) return Decoded(flatten, *request.trials, request.noisy);
  History history{.evaluations = {}, .pending = {}, .excluded = VisitedPoints(flatten)};
  VisitedPoints evaluated_points(flatten);
  std::vector<UnitPoint> failed;
  for (const EvaluatedPoint& evaluated : request.completed) {
    std::optional<UnitPoint> unit = flatten.ToUnit(evaluated.point);
    if (!unit.has_value()) continue;
    if (!request.noisy) {
      history.excluded.Add(*unit);
    } else if (HasFailed(evaluated, request.objectives)) {
      failed.push_back(*unit);
    } else {
      evaluated_points.Add(*unit);
    }
    history.evaluations.push_back(Evaluate(evaluated, *std::move(unit), request.objectives));
  }
  for (const PendingPoint& pending : request.pending) {
    std::optional<UnitPoint> unit = flatten.ToUnit(pending.point);
    if (unit.has_value()) history.AddPending(*std::move(unit));
  }
  std::erase_if(failed, [&](const UnitPoint& unit) { return evaluated_points.Contains(unit); });
  ExcludeFailures(history, std::move(failed));
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
