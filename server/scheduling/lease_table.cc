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

LeaseTable::LeaseTable(StudyStore& store, absl::Duration ttl) : store_(store), ttl_(ttl) {
  subscription_ = store_.changes().Subscribe([this](const StudyChange& change) {
    const MutexLock lock(mutex_);
    if (closed_.erase(change.uid) > 0) unsettled_.insert(change.uid);
  });
}

absl::Status LeaseTable::Recover() {
  std::set<int64_t> uids;
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    uids.clear();
    ASSIGN_OR_RETURN(const auto studies, snapshot.ListStudies("", 0, -1));
    for (const StudyRow& study : studies) uids.insert(study.uid);
    return absl::OkStatus();
  }));
  return RecoverStudies(uids);
}

absl::Status LeaseTable::RecoverStudies(const std::set<int64_t>& uids) {
  // Before the look, so that no change between the two is missed.
  {
    const MutexLock lock(mutex_);
    closed_.insert(uids.begin(), uids.end());
  }
  std::vector<std::pair<StudyName, TrialRow>> held;
  std::set<int64_t> open;
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    held.clear();
    open.clear();
    for (const int64_t uid : uids) {
      ASSIGN_OR_RETURN(const auto study, snapshot.GetStudy(uid));
      if (study.has_value() && study->state != pb::Study::ACTIVE) continue;
      open.insert(uid);
      if (!study.has_value()) continue;
      ASSIGN_OR_RETURN(const auto trials,
                       snapshot.ListTrials(uid, {.states = {pb::Trial::ACTIVE, pb::Trial::STOPPING}}));
      for (const TrialRow& trial : trials) {
        if (!trial.incarnation.empty()) held.emplace_back(StudyName{study->owner, study->display_name}, trial);
      }
    }
    return absl::OkStatus();
  }));
  for (const auto& [study, trial] : held) {
    Grant({study, trial.id}, {trial.study_uid, trial.id, trial.lease_epoch}, WorkerOf(trial.client_id));
  }
  const MutexLock lock(mutex_);
  for (const int64_t uid : open) closed_.erase(uid);
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
    if (verdicts[i] == LeaseVerdict::kLost || verdicts[i] == LeaseVerdict::kStudyClosed) continue;
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
      if (verdict == LeaseVerdict::kOk || verdict == LeaseVerdict::kStop) trials.push_back(lease.trial);
    }
    return absl::OkStatus();
  });
  return status.ok() ? trials : std::vector<TrialName>();
}

absl::Status LeaseTable::TakeBackExpired() {
  const absl::Duration now = store_.clock().Monotonic();
  std::vector<Lease> expired;
  std::set<int64_t> unsettled;
  {
    const MutexLock lock(mutex_);
    unsettled.swap(unsettled_);
    for (const auto& [key, lease] : leases_) {
      if (lease.expires <= now) expired.push_back(lease);
    }
  }
  absl::Status last;
  if (!unsettled.empty()) last = RecoverStudies(unsettled);
  if (!last.ok()) {
    const MutexLock lock(mutex_);
    unsettled_.insert(unsettled.begin(), unsettled.end());
  }
  for (const Lease& lease : expired) {
    const absl::Status status = LoseTrial(store_, lease.trial, lease.token).status();
    if (status.ok() || absl::IsNotFound(status)) {
      Forget(lease);
    } else if (absl::IsFailedPrecondition(status)) {
      Forget(lease);  // the study takes no results
      const MutexLock lock(mutex_);
      unsettled_.insert(lease.token.study_uid);
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
