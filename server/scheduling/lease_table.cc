#include "server/scheduling/lease_table.h"

#include <optional>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/attempts.h"
#include "server/study/trial_state.h"

namespace photinus {
namespace {

// Client ids of workers are <worker>.<slot>.
std::string WorkerOf(const std::string& client_id) { return client_id.substr(0, client_id.rfind('.')); }

}  // namespace

absl::Status LeaseTable::Recover() {
  std::vector<std::pair<StudyName, TrialRow>> held;
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    held.clear();
    ASSIGN_OR_RETURN(const auto studies, snapshot.ListStudies("", 0, -1));
    TrialQuery running;
    running.states = {pb::Trial::ACTIVE, pb::Trial::STOPPING};
    for (const StudyRow& study : studies) {
      ASSIGN_OR_RETURN(const auto trials, snapshot.ListTrials(study.uid, running));
      for (const TrialRow& trial : trials) {
        if (!trial.incarnation.empty()) held.emplace_back(StudyName{study.owner, study.display_name}, trial);
      }
    }
    return absl::OkStatus();
  }));
  for (const auto& [study, trial] : held) {
    Grant({study, trial.id}, {trial.study_uid, trial.id, trial.lease_epoch}, WorkerOf(trial.client_id));
  }
  return absl::OkStatus();
}

void LeaseTable::Grant(const TrialName& name, const LeaseToken& token, const std::string& worker) {
  const MutexLock lock(mutex_);
  Lease& lease = leases_[{token.study_uid, token.trial_id}];
  if (lease.token.epoch > token.epoch) return;  // overtaken by a newer holder
  lease = {name, token, worker, NextExpiry()};
}

absl::StatusOr<LeaseVerdict> LeaseTable::Judge(Snapshot& snapshot, const Held& lease) {
  const auto study = store_.Find(snapshot, lease.trial.study);
  if (absl::IsNotFound(study.status())) return LeaseVerdict::kLost;
  RETURN_IF_ERROR(study.status());
  ASSIGN_OR_RETURN(const auto trial, snapshot.GetTrial(study->uid, lease.trial.id));
  if (!trial.has_value() || !CheckLease(lease.trial, *trial, lease.token).ok()) return LeaseVerdict::kLost;
  if (study->state != pb::Study::ACTIVE) return LeaseVerdict::kStudyClosed;
  return trial->state == pb::Trial::STOPPING ? LeaseVerdict::kStop : LeaseVerdict::kOk;
}

absl::StatusOr<std::vector<LeaseVerdict>> LeaseTable::Renew(const std::string& worker,
                                                            const std::vector<Held>& leases) {
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
    if (verdicts[i] == LeaseVerdict::kLost) continue;
    Grant(leases[i].trial, leases[i].token, worker);
  }
  return verdicts;
}

std::vector<TrialName> LeaseTable::TrialsOf(const std::string& worker) {
  std::vector<Held> held;
  {
    const MutexLock lock(mutex_);
    for (const auto& [key, lease] : leases_) {
      if (lease.worker == worker) held.push_back({lease.trial, lease.token});
    }
  }
  // Completed trials leave the table only when they would have expired, so storage has the last word.
  std::vector<TrialName> trials;
  const absl::Status status = store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    trials.clear();
    for (const Held& lease : held) {
      ASSIGN_OR_RETURN(const LeaseVerdict verdict, Judge(snapshot, lease));
      if (verdict != LeaseVerdict::kLost) trials.push_back(lease.trial);
    }
    return absl::OkStatus();
  });
  return status.ok() ? trials : std::vector<TrialName>();
}

absl::Status LeaseTable::TakeBackExpired() {
  const absl::Duration now = store_.clock().Monotonic();
  std::vector<Lease> expired;
  {
    const MutexLock lock(mutex_);
    for (const auto& [key, lease] : leases_) {
      if (lease.expires <= now) expired.push_back(lease);
    }
  }
  absl::Status last;
  for (const Lease& lease : expired) {
    const absl::Status status = LoseTrial(store_, lease.trial, lease.token).status();
    if (status.ok() || absl::IsNotFound(status)) {
      Forget(lease);
    } else if (absl::IsFailedPrecondition(status)) {
      Grant(lease.trial, lease.token, lease.worker);  // an immutable study: look again later
    } else {
      last = status;
    }
  }
  return last;
}

void LeaseTable::Forget(const Lease& lease) {
  const MutexLock lock(mutex_);
  const auto known = leases_.find({lease.token.study_uid, lease.token.trial_id});
  if (known != leases_.end() && known->second.token == lease.token && known->second.expires == lease.expires) {
    leases_.erase(known);
  }
}

}  // namespace photinus
