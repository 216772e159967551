#include "server/study/assignment.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "server/study/worker_state.h"

namespace photinus {
namespace {

absl::StatusOr<std::vector<TrialRow>> OwnTrials(Snapshot& snapshot, int64_t uid, const Claim& claim) {
  TrialQuery query;
  query.states = {pb::Trial::ACTIVE};
  query.client_id = claim.holder.client_id;
  query.limit = claim.count;
  return snapshot.ListTrials(uid, query);
}

// A process that another one of its worker has superseded, perhaps at another server, gets no trial.
absl::Status CheckHolder(Snapshot& snapshot, const TrialHolder& holder) {
  if (holder.incarnation.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto worker, snapshot.FindWorker(WorkerOf(holder.client_id)));
  return worker.has_value() ? CheckIncarnation(*worker, holder.incarnation) : absl::OkStatus();
}

// Gives the trial to its holder's new process, or gives it up where it has cost too many processes.
absl::Status Restart(StudyEdit& edit, const TrialHolder& holder, TrialRow& trial) {
  ASSIGN_OR_RETURN(const auto problem, edit.Problem());
  const auto ended = TakeOver(holder, edit.now(), problem->max_attempts(), trial);
  if (ended.has_value()) RETURN_IF_ERROR(edit.transaction().PutAttempt(trial.study_uid, *ended));
  if (IsFinished(trial.state)) edit.MarkMaybeOver();
  return edit.PutTrial(trial);
}

}  // namespace

absl::StatusOr<ClaimPool> MakeClaimPool(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                        int64_t wanted) {
  ClaimPool pool;
  ASSIGN_OR_RETURN(pool.allowance, AllowanceOf(snapshot, study, problem));
  ASSIGN_OR_RETURN(const auto waiting, StartableTrials(snapshot, study, std::min(wanted, pool.allowance.start)));
  pool.requested = static_cast<int64_t>(waiting.size());
  return pool;
}

absl::StatusOr<ClaimPlan> PlanClaim(Snapshot& snapshot, const StudyRow& study, const Claim& claim, ClaimPool& pool) {
  ClaimPlan plan;
  ASSIGN_OR_RETURN(const auto own, OwnTrials(snapshot, study.uid, claim));
  plan.own = static_cast<int64_t>(own.size());
  const int64_t wanted = std::min(claim.count - plan.own, pool.allowance.start);
  plan.requested = std::min(wanted, pool.requested);
  plan.create = std::min(wanted - plan.requested, pool.allowance.create);
  pool.requested -= plan.requested;
  pool.allowance.start -= plan.requested + plan.create;
  pool.allowance.create -= plan.create;
  return plan;
}

absl::StatusOr<ClaimResult> ClaimExisting(StudyEdit& edit, const Claim& claim, int64_t new_ones) {
  RETURN_IF_ERROR(CheckHolder(edit.transaction(), claim.holder));
  ClaimResult result;
  const int64_t uid = edit.study().uid;
  ASSIGN_OR_RETURN(std::vector<TrialRow> own, OwnTrials(edit.transaction(), uid, claim));
  for (TrialRow& trial : own) {
    if (!result.room.Take(trial)) return result;  // the others come when these are finished
    if (IsRestarted(claim.holder, trial)) RETURN_IF_ERROR(Restart(edit, claim.holder, trial));
    if (!IsFinished(trial.state)) result.trials.push_back(std::move(trial));
  }
  const int64_t wanted = claim.count - static_cast<int64_t>(result.trials.size());
  if (wanted == 0) return result;
  ASSIGN_OR_RETURN(const auto problem, edit.Problem());
  ASSIGN_OR_RETURN(const Allowance allowance, AllowanceOf(edit.transaction(), edit.study(), *problem));
  const int64_t startable = std::min(wanted, allowance.start);
  ASSIGN_OR_RETURN(std::vector<TrialRow> waiting, StartableTrials(edit.transaction(), edit.study(), startable));
  result.missing = std::min(startable - static_cast<int64_t>(waiting.size()), allowance.create);
  if (result.missing > new_ones) return result;
  for (TrialRow& trial : waiting) {
    if (!result.room.Take(trial)) {
      result.missing = 0;
      break;
    }
    Assign(claim.holder, edit.now(), trial);
    edit.MarkStarted();
    RETURN_IF_ERROR(edit.PutTrial(trial));
    result.trials.push_back(std::move(trial));
  }
  std::sort(result.trials.begin(), result.trials.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return result;
}

absl::Status CreateTrials(StudyEdit& edit, const TrialHolder& holder, const std::vector<NewTrial>& new_trials,
                          ClaimResult& result) {
  for (const NewTrial& new_trial : new_trials) {
    TrialRow trial;
    trial.study_uid = edit.study().uid;
    PointToTrial(new_trial.point, trial.body);
    if (!result.room.Take(trial)) break;
    trial.id = edit.study().next_trial_id++;
    Assign(holder, edit.now(), trial);
    edit.MarkStarted();
    RETURN_IF_ERROR(edit.PutTrial(trial));
    if (!new_trial.explanation.arm().empty()) {
      RETURN_IF_ERROR(edit.transaction().PutExplanation(trial.study_uid, {trial.id, new_trial.explanation}));
    }
    result.trials.push_back(std::move(trial));
  }
  return absl::OkStatus();
}

}  // namespace photinus
