#include "server/scheduling/active_studies.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/base/status_macros.h"

namespace photinus {

ActiveStudies::ActiveStudies(StudyStore& store) : store_(store) {
  subscription_ = store_.changes().Subscribe([this](const StudyChange& change) {
    if (!change.work) return;  // measurements neither open nor close a study
    const MutexLock lock(mutex_);
    dirty_.insert(change.uid);
  });
}

absl::Status ActiveStudies::Load() {
  return store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const auto studies, snapshot.ListStudies("", 0, -1));
    const MutexLock lock(mutex_);
    for (const StudyRow& study : studies) dirty_.insert(study.uid);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<ActiveStudy>> ActiveStudies::Look(Snapshot& snapshot, int64_t uid) {
  std::optional<ActiveStudy> active;
  ASSIGN_OR_RETURN(const auto study, snapshot.GetStudy(uid));
  if (!study.has_value() || study->state != pb::Study::ACTIVE) return active;
  ASSIGN_OR_RETURN(const auto problem, store_.cache().Problem(snapshot, *study));
  if (!problem->document.trial.has_value()) return active;
  active = ActiveStudy{
      uid, {study->owner, study->display_name}, problem->document.trial->executor, study->version, /*running=*/0};
  return active;
}

absl::Status ActiveStudies::Refresh() {
  const MutexLock refreshing(refreshing_);
  std::set<int64_t> dirty;
  {
    const MutexLock lock(mutex_);
    dirty.swap(dirty_);
  }
  if (dirty.empty()) return absl::OkStatus();
  const absl::Status status = store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    for (const int64_t uid : dirty) {
      auto active = Look(snapshot, uid);
      if (absl::IsUnavailable(active.status())) return active.status();  // not the study's fault
      if (!active.ok()) spdlog::error("no worker pulls from study {}: {}", uid, active.status().ToString());
      const MutexLock lock(mutex_);
      studies_.erase(uid);
      if (active.ok() && active->has_value()) studies_.emplace(uid, **std::move(active));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) {
    const MutexLock lock(mutex_);
    dirty_.insert(dirty.begin(), dirty.end());
  }
  return status;
}

absl::StatusOr<std::vector<ActiveStudy>> ActiveStudies::List(const std::set<std::string>& executors) {
  RETURN_IF_ERROR(Refresh());
  std::vector<ActiveStudy> studies;
  {
    const MutexLock lock(mutex_);
    for (const auto& [uid, study] : studies_) {
      if (executors.count(study.executor) > 0) studies.push_back(study);
    }
  }
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    for (ActiveStudy& study : studies) {
      ASSIGN_OR_RETURN(const TrialCounts counts, snapshot.CountTrials(study.uid));
      study.running = counts.active + counts.stopping;
    }
    return absl::OkStatus();
  }));
  std::sort(studies.begin(), studies.end(), [](const ActiveStudy& a, const ActiveStudy& b) {
    return std::tie(a.running, a.uid) < std::tie(b.running, b.uid);
  });
  return studies;
}

}  // namespace photinus
