#include "server/study/history_rows.h"

#include <memory>
#include <utility>

#include "common/base/status_macros.h"
#include "server/study/derived_metrics.h"
#include "server/study/trial_state.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

absl::StatusOr<HistoryRow> WithoutObjectives(const TrialRow& row) {
  HistoryRow trial;
  trial.id = row.id;
  trial.state = row.state;
  trial.apart = row.lost || !row.role.empty();
  trial.stopped_early = IsFinished(row.state) && row.stop_requested;
  trial.last_step = row.body.final_measurement().step_count();
  const bool of_this_attempt = row.state != pb::Trial::REQUESTED;
  if (of_this_attempt && row.stop.outcome() != v1::StopDecision::OUTCOME_UNSPECIFIED) {
    trial.stop = std::make_shared<const v1::StopDecision>(row.stop);
  }
  ASSIGN_OR_RETURN(trial.point, PointFromTrial(row.body));
  return trial;
}

}  // namespace

absl::StatusOr<std::vector<HistoryRow>> HistoryRowsOf(Snapshot& snapshot, const StudyRow& study,
                                                      const StudyProblem& problem, const std::vector<TrialRow>& rows) {
  std::vector<HistoryRow> trials;
  trials.reserve(rows.size());
  // Derived metrics and constraints may need measurements.
  const bool needs_measurements = !problem.derived.empty() || !problem.constraints.empty();
  std::vector<TrialRow> succeeded;
  for (const TrialRow& row : rows) {
    ASSIGN_OR_RETURN(HistoryRow trial, WithoutObjectives(row));
    if (row.state == pb::Trial::SUCCEEDED) {
      if (!needs_measurements)
        trial.objectives = ObjectivesOf(problem, row.body);
      else
        succeeded.push_back(row);
    }
    trials.push_back(std::move(trial));
  }
  ASSIGN_OR_RETURN(const std::vector<pb::Trial> views, ViewTrials(snapshot, study, problem, std::move(succeeded)));
  auto view = views.begin();
  for (HistoryRow& trial : trials) {
    if (trial.state != pb::Trial::SUCCEEDED || !needs_measurements) continue;
    trial.objectives = ObjectivesOf(problem, *view);
    trial.slacks = SlacksOf(problem, *view++);
  }
  return trials;
}

}  // namespace photinus
