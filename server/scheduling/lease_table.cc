#include "server/scheduling/lease_table.h"

#include "common/base/status_macros.h"
#include "server/study/attempts.h"
#include "server/study/trial_state.h"
#include "server/study/worker_state.h"

namespace photinus {
namespace {

constexpr double kLifetimeInTtls = 1.5;  // a worker that hears nothing gives up after one

TrialName NameOf(const LeaseRow& lease) { return {{lease.owner, lease.display_name}, lease.trial_id}; }

}  // namespace

LeaseTable::LeaseTable(StudyStore& store, absl::Duration ttl)
    : store_(store),
      ttl_(ttl),
      deadlines_(MakeLeaseDeadlines(store.storage(), store.clock(), kLifetimeInTtls * ttl, /*grace=*/ttl)) {}

absl::StatusOr<LeaseVerdict> LeaseTable::Judge(Snapshot& snapshot, const Held& lease) {
  const auto study = store_.Find(snapshot, lease.trial.study);
  if (absl::IsNotFound(study.status())) return LeaseVerdict::kLost;
  RETURN_IF_ERROR(study.status());
  ASSIGN_OR_RETURN(const auto trial, snapshot.GetTrial(study->uid, lease.trial.id));
  if (!trial.has_value() || !CheckLease(lease.trial, *trial, lease.token).ok()) return LeaseVerdict::kLost;
  if (study->state != pb::Study::ACTIVE) return LeaseVerdict::kStudyClosed;
  return trial->state == pb::Trial::STOPPING ? LeaseVerdict::kStop : LeaseVerdict::kOk;
}

absl::StatusOr<std::vector<LeaseVerdict>> LeaseTable::Renew(const std::vector<Held>& leases) {
  std::vector<LeaseVerdict> verdicts;
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    verdicts.clear();
    for (const Held& lease : leases) {
      ASSIGN_OR_RETURN(const LeaseVerdict verdict, Judge(snapshot, lease));
      verdicts.push_back(verdict);
    }
    return absl::OkStatus();
  }));
  for (size_t i = 0; i < leases.size(); ++i) {
    if (verdicts[i] == LeaseVerdict::kOk || verdicts[i] == LeaseVerdict::kStop) deadlines_->Renew(leases[i].token);
  }
  return verdicts;
}

absl::StatusOr<std::map<std::string, std::vector<TrialName>>> LeaseTable::TrialsByWorker() {
  std::map<std::string, std::vector<TrialName>> trials;
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    trials.clear();
    ASSIGN_OR_RETURN(const auto leases, snapshot.ListLeases(std::nullopt));
    for (const LeaseRow& lease : leases) trials[WorkerOf(lease.client_id)].push_back(NameOf(lease));
    return absl::OkStatus();
  }));
  return trials;
}

absl::Status LeaseTable::TakeBackExpired() {
  ASSIGN_OR_RETURN(const std::vector<LeaseRow> expired, deadlines_->Expired());
  absl::Status last;
  for (const LeaseRow& lease : expired) {
    const LeaseToken token{lease.study_uid, lease.trial_id, lease.epoch};
    const absl::Status status = LoseTrial(store_, NameOf(lease), token).status();
    // Meanwhile the study was deleted, or takes no results any more.
    if (!status.ok() && !absl::IsNotFound(status) && !absl::IsFailedPrecondition(status)) last = status;
  }
  return last;
}

}  // namespace photinus
