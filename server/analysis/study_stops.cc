#include "server/analysis/study_stops.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/study_document/outcome_constraint.h"
#include "server/study/told_objectives.h"
#include "server/study/trial_state.h"

namespace photinus {
namespace {

constexpr double kNormalQuantile = 1.959964;  // of 97.5 %

using Decision = v1::StopDecision;

Decision::Outcome OutcomeOf(const HistoryTrial& trial) {
  return trial.stop() == nullptr ? Decision::OUTCOME_UNSPECIFIED : trial.stop()->outcome();
}

// Place of the objective that a decision is about; nullopt: it is about none, or about one that the study has no more,
// or computes otherwise by now.
std::optional<size_t> ObjectiveOf(const StudyProblem& problem, const Decision& decision) {
  if (!IsOfPresentFormula(problem, decision)) return std::nullopt;
  for (size_t i = 0; i < problem.objectives.size(); ++i) {
    if (problem.objectives[i].metric == decision.metric()) return i;
  }
  return std::nullopt;
}

// What a trial ended with, of the metric that its decision is about.
std::optional<double> FinalOf(const StudyProblem& problem, const HistoryTrial& trial) {
  const auto objective = ObjectiveOf(problem, *trial.stop());
  if (!objective.has_value() || !std::isfinite(trial.objective(*objective))) return std::nullopt;
  return trial.objective(*objective);
}

// Of the share of trials that no prediction stops. EXEMPT alone: kept before that was said.
bool IsExempt(const Decision& decision) { return decision.exempt() || decision.outcome() == Decision::EXEMPT; }

// One that the rule would have stopped.
void CountExempt(bool wrong, v1::StopAudit& audit) {
  audit.set_exempt(audit.exempt() + 1);
  audit.set_exempt_wrong(audit.exempt_wrong() + (wrong ? 1 : 0));
  audit.set_exempt_right(audit.exempt() - audit.exempt_wrong());
}

// Whether the rule would have stopped a trial that has no objective in the end, as it diverged.
bool FailedExempt(const StudyProblem& problem, const HistoryTrial& trial) {
  const Decision& decision = *trial.stop();
  if (trial.stopped_early()) return decision.exempt();
  if (decision.outcome() != Decision::EXEMPT) return false;
  return trial.state() == pb::Trial::INFEASIBLE ||
         (ObjectiveOf(problem, decision).has_value() && !FinalOf(problem, trial).has_value());
}

// An exempt trial's final against its prediction. A trial that violates a constraint is no better than any.
void Score(const StudyProblem& problem, const HistoryTrial& trial, v1::StopAudit& audit, double& sum, double& squares) {
  const Decision& decision = *trial.stop();
  const std::optional<double> final = FinalOf(problem, trial);
  if (!final.has_value() || !IsExempt(decision)) return;
  if (decision.has_predicted_final() && decision.predicted_stddev() > 0) {
    const double score = (*final - decision.predicted_final()) / decision.predicted_stddev();
    audit.set_predicted(audit.predicted() + 1);
    sum += score;
    squares += score * score;
  }
  if (decision.outcome() != Decision::EXEMPT || !decision.has_reference()) return;
  const double gain = *final - decision.reference();
  const bool maximize = problem.objectives[*ObjectiveOf(problem, decision)].maximize;
  CountExempt((maximize ? gain : -gain) > 0 && !Violates(trial.slacks()), audit);
}

// Steps of trials, or seconds.
struct Compute {
  double horizon = 0;  // the greatest
  double spent = 0, saved = 0;
  int64_t without_step = 0;  // full trials that do not say how far they came

  void AddFull(const HistoryTrial& trial) {
    spent += static_cast<double>(trial.last_step());
    without_step += trial.last_step() == 0 ? 1 : 0;
  }
  // A trial may run a little farther than where it was stopped.
  void AddStopped(const HistoryTrial& trial) {
    const double decided = trial.stop() == nullptr ? 0 : trial.stop()->step();
    const double run = std::max(decided, static_cast<double>(trial.last_step()));
    spent += run;
    if (trial.stop() != nullptr) saved += std::max(0.0, trial.stop()->horizon() - run);
  }
};

// Wilson's score interval.
void SetFalseStopRate(v1::StopAudit& audit) {
  if (audit.exempt() == 0) return;
  const auto n = static_cast<double>(audit.exempt());
  const double rate = static_cast<double>(audit.exempt_wrong()) / n;
  const double z2 = kNormalQuantile * kNormalQuantile;
  const double centre = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kNormalQuantile / (1 + z2 / n) * std::sqrt(rate * (1 - rate) / n + z2 / (4 * n * n));
  audit.set_false_stop_rate(rate);
  audit.set_false_stop_lower(std::max(0.0, centre - half));
  audit.set_false_stop_upper(std::min(1.0, centre + half));
}

bool IsListed(const HistoryTrial& trial) {
  const Decision::Outcome outcome = OutcomeOf(trial);
  return outcome != Decision::OUTCOME_UNSPECIFIED && outcome != Decision::WENT_ON;
}

void AddStop(const StudyProblem& problem, const HistoryTrial& trial, v1::GetStudyStopsResponse& response) {
  auto& stop = *response.add_stops();
  stop.set_trial(trial.id());
  stop.set_state(trial.state());
  *stop.mutable_decision() = *trial.stop();
  if (const auto final = FinalOf(problem, trial); final.has_value()) stop.set_final(*final);
}

}  // namespace

v1::StopAudit AuditStops(const StudyHistory& history) {
  v1::StopAudit audit;
  Compute compute;
  double sum = 0, squares = 0;
  for (const HistoryTrial trial : history) {
    if (!IsFinished(trial.state()) || trial.apart()) continue;
    const Decision* decision = trial.stop();
    const double horizon = decision == nullptr ? 0 : decision->horizon();
    compute.horizon = std::max(compute.horizon, horizon);
    if (decision != nullptr && FailedExempt(history.problem(), trial)) CountExempt(/*wrong=*/false, audit);
    if (trial.stopped_early()) {
      audit.set_stopped(audit.stopped() + 1);
      audit.set_stopped_unknown(audit.stopped_unknown() + (horizon == 0 ? 1 : 0));
      compute.AddStopped(trial);
    } else if (trial.state() == pb::Trial::SUCCEEDED) {
      audit.set_full(audit.full() + 1);
      compute.AddFull(trial);
      if (decision != nullptr) Score(history.problem(), trial, audit, sum, squares);
    }
  }
  SetFalseStopRate(audit);
  if (compute.horizon > 0) {
    audit.set_spent(compute.spent + compute.horizon * static_cast<double>(compute.without_step));
    audit.set_saved(compute.saved);
  }
  if (audit.predicted() > 0) {
    audit.set_score_mean(sum / static_cast<double>(audit.predicted()));
    audit.set_score_rms(std::sqrt(squares / static_cast<double>(audit.predicted())));
  }
  return audit;
}

absl::StatusOr<v1::GetStudyStopsResponse> ListStudyStops(StudyStore& store, const PageTokens& tokens,
                                                         const StudyName& name, int page_size,
                                                         std::string_view page_token, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const int size, CheckPageSize(page_size));
  const int most = size == 0 ? kMaxPageSize : size;
  v1::GetStudyStopsResponse response;
  RETURN_IF_ERROR(store.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    response.Clear();
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    const std::string list = absl::StrCat("stops of ", study.uid);
    ASSIGN_OR_RETURN(PagePosition position, tokens.Parse(list, page_token));
    ASSIGN_OR_RETURN(const auto history, store.cache().History(snapshot, study, read));
    if (position.limit == 0) position.limit = study.next_trial_id - 1;
    *response.mutable_audit() = AuditStops(*history);
    for (const HistoryTrial trial : *history) {
      if (trial.id() <= position.after || trial.id() > position.limit || !IsListed(trial)) continue;
      if (response.stops_size() == most) {
        response.set_next_page_token(tokens.Make(list, position));
        break;
      }
      AddStop(history->problem(), trial, response);
      position.after = trial.id();
    }
    return absl::OkStatus();
  }));
  return response;
}

}  // namespace photinus
