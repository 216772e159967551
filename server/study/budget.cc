#include "server/study/budget.h"

#include <algorithm>
#include <vector>

#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::StatusOr<bool> HasAny(Snapshot& snapshot, int64_t uid, TrialQuery query) {
  query.limit = 1;
  ASSIGN_OR_RETURN(const auto rows, snapshot.ListTrials(uid, query));
  return !rows.empty();
}

int64_t Total(const TrialCounts& counts) {
  return counts.requested + counts.active + counts.stopping + counts.succeeded + counts.infeasible;
}

}  // namespace

absl::StatusOr<Allowance> AllowanceOf(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem) {
  if (study.state != pb::Study::ACTIVE || study.paused) return Allowance{};
  Allowance allowance;
  allowance.requeued_only = study.draining;
  allowance.start = kMaxTrialsPerStudy;
  allowance.create = study.draining ? 0 : kMaxTrialsPerStudy - (study.next_trial_id - 1);
  const BudgetSettings& budget = problem.document.budget;
  if (budget.trials == 0 && budget.parallel == 0) return allowance;
  ASSIGN_OR_RETURN(const TrialCounts counts, snapshot.CountTrials(study.uid));
  if (budget.trials > 0) allowance.create = std::min(allowance.create, budget.trials - Total(counts));
  if (budget.parallel > 0) allowance.start = budget.parallel - counts.active - counts.stopping;
  allowance.create = std::max<int64_t>(allowance.create, 0);
  allowance.start = std::max<int64_t>(allowance.start, 0);
  return allowance;
}

absl::StatusOr<bool> IsOver(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem) {
  const int64_t trials = problem.document.budget.trials;
  if (study.state != pb::Study::ACTIVE || study.paused || (!study.draining && trials == 0)) return false;
  // The ids given out are at least as many as the trials that are left of them.
  if (!study.draining && study.next_trial_id - 1 < trials) return false;
  ASSIGN_OR_RETURN(const bool running,
                   HasAny(snapshot, study.uid, {.states = {pb::Trial::ACTIVE, pb::Trial::STOPPING}}));
  if (running) return false;
  TrialQuery startable{.states = {pb::Trial::REQUESTED}};
  startable.tried_before = study.draining;
  ASSIGN_OR_RETURN(const bool waiting, HasAny(snapshot, study.uid, startable));
  if (waiting) return false;
  if (study.draining) return true;
  ASSIGN_OR_RETURN(const TrialCounts counts, snapshot.CountTrials(study.uid));
  return Total(counts) >= trials;
}

}  // namespace photinus
