#include "server/study/assignment.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::StatusOr<std::vector<TrialRow>> OwnTrials(Snapshot& snapshot, int64_t uid, const Claim& claim) {
  TrialQuery query;
  query.states = {pb::Trial::ACTIVE};
  query.client_id = claim.holder.client_id;
  query.limit = claim.count;
  return snapshot.ListTrials(uid, query);
}

absl::StatusOr<std::vector<TrialRow>> WaitingTrials(Snapshot& snapshot, int64_t uid, int64_t limit) {
  if (limit <= 0) return std::vector<TrialRow>();
  TrialQuery query;
  query.states = {pb::Trial::REQUESTED};
  query.limit = limit;
  return snapshot.ListTrials(uid, query);
}

}  // namespace

absl::StatusOr<ClaimPool> MakeClaimPool(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                        int64_t wanted) {
  ClaimPool pool;
  ASSIGN_OR_RETURN(pool.allowance, AllowanceOf(snapshot, study, problem));
  ASSIGN_OR_RETURN(const auto waiting, WaitingTrials(snapshot, study.uid, std::min(wanted, pool.allowance.start)));
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

absl::StatusOr<ClaimResult> ClaimExisting(StudyEdit& edit, const Claim& claim) {
  ClaimResult result;
  const int64_t uid = edit.study().uid;
  ASSIGN_OR_RETURN(result.trials, OwnTrials(edit.transaction(), uid, claim));
  for (TrialRow& trial : result.trials) {
    if (!IsRestarted(claim.holder, trial)) continue;
    const auto ended = TakeOver(claim.holder, edit.now(), trial);
    if (ended.has_value()) RETURN_IF_ERROR(edit.transaction().PutAttempt(uid, *ended));
    RETURN_IF_ERROR(edit.PutTrial(trial));
  }
  const int64_t wanted = claim.count - static_cast<int64_t>(result.trials.size());
  if (wanted == 0) return result;
  ASSIGN_OR_RETURN(const auto problem, edit.Problem());
  ASSIGN_OR_RETURN(const Allowance allowance, AllowanceOf(edit.transaction(), edit.study(), *problem));
  const int64_t startable = std::min(wanted, allowance.start);
  ASSIGN_OR_RETURN(std::vector<TrialRow> waiting, WaitingTrials(edit.transaction(), uid, startable));
  for (TrialRow& trial : waiting) {
    Assign(claim.holder, edit.now(), trial);
    RETURN_IF_ERROR(edit.PutTrial(trial));
    result.trials.push_back(std::move(trial));
  }
  result.missing = std::min(startable - static_cast<int64_t>(waiting.size()), allowance.create);
  std::sort(result.trials.begin(), result.trials.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return result;
}

absl::Status CreateTrials(StudyEdit& edit, const TrialHolder& holder, const std::vector<Point>& points,
                          ClaimResult& result) {
  for (const Point& point : points) {
    TrialRow trial;
    trial.study_uid = edit.study().uid;
    trial.id = edit.study().next_trial_id++;
    PointToTrial(point, trial.body);
    Assign(holder, edit.now(), trial);
    RETURN_IF_ERROR(edit.PutTrial(trial));
    result.trials.push_back(std::move(trial));
    ++result.created;
  }
  return absl::OkStatus();
}

}  // namespace photinus
