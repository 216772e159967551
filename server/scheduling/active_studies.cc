#include "server/scheduling/active_studies.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "server/study/assignment.h"
#include "server/study/budget.h"

namespace photinus {
namespace {

// How many trials a new holder could get.
absl::StatusOr<int64_t> CountStartable(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                       const TrialCounts& counts) {
  ASSIGN_OR_RETURN(const ClaimPool pool, MakeClaimPool(snapshot, study, problem, /*wanted=*/1));
  const int64_t waiting = pool.requested > 0 ? counts.requested : 0;
  return std::min(pool.allowance.start, waiting + pool.allowance.create);
}

}  // namespace

ActiveStudies::ActiveStudies(StudyStore& store) : store_(store) {
  subscription_ = store_.changes().Subscribe([this](const StudyChange& change) {
    if (!change.work && !change.started) return;  // measurements change nothing here
    const MutexLock lock(mutex_);
    dirty_.insert(change.uid);
  });
}

absl::Status ActiveStudies::Load() {
  return store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const auto studies, snapshot.ListStudyBytes("", 0, -1));
    const MutexLock lock(mutex_);
    for (const StudyBytes& study : studies) {
      if (study.state == pb::Study::ACTIVE) dirty_.insert(study.uid);
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<ActiveStudy>> ActiveStudies::Look(Snapshot& snapshot, int64_t uid) {
  ASSIGN_OR_RETURN(const auto study, snapshot.GetStudy(uid));
  if (!study.has_value() || study->state != pb::Study::ACTIVE) return std::optional<ActiveStudy>();
  ASSIGN_OR_RETURN(const auto problem, store_.cache().Problem(snapshot, *study));
  if (!problem->document.trial.has_value()) return std::optional<ActiveStudy>();
  ASSIGN_OR_RETURN(const TrialCounts counts, snapshot.CountTrials(uid));
  ActiveStudy active;
  active.uid = uid;
  active.name = {study->owner, study->display_name};
  active.executor = problem->document.trial->executor;
  active.scheduling = problem->document.scheduling;
  active.version = study->version;
  active.running = counts.active + counts.stopping;
  ASSIGN_OR_RETURN(active.startable, CountStartable(snapshot, *study, *problem, counts));
  return std::optional<ActiveStudy>(std::move(active));
}

void ActiveStudies::Update(int64_t uid, std::optional<ActiveStudy> study) {
  const MutexLock lock(mutex_);
  if (study.has_value()) {
    studies_[uid].study = *std::move(study);
  } else {
    studies_.erase(uid);
  }
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
      Update(uid, active.ok() ? *std::move(active) : std::nullopt);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) {
    const MutexLock lock(mutex_);
    dirty_.insert(dirty.begin(), dirty.end());
  }
  return status;
}

ActiveStudies::Turn ActiveStudies::Take(Entry& entry) {
  ++entry.turns;
  return {new ActiveStudy(entry.study), [this](const ActiveStudy* study) {
            GiveBack(study->uid);
            delete study;
          }};
}

void ActiveStudies::GiveBack(int64_t uid) {
  const MutexLock lock(mutex_);
  const auto entry = studies_.find(uid);
  if (entry != studies_.end() && entry->second.turns > 0) --entry->second.turns;
}

absl::StatusOr<ActiveStudies::Turn> ActiveStudies::Next(const Executors& executors, const std::set<int64_t>& tried) {
  RETURN_IF_ERROR(Refresh());
  const auto goes_first = [](const Entry& a, const Entry& b) {
    const int64_t priority_a = a.study.scheduling.priority, priority_b = b.study.scheduling.priority;
    return priority_a != priority_b ? priority_a > priority_b : a.Share() < b.Share();
  };
  const MutexLock lock(mutex_);
  Entry* first = nullptr;
  for (auto& [uid, entry] : studies_) {  // by age
    if (entry.turns >= entry.study.startable || executors.count(entry.study.executor) == 0) continue;
    if (tried.count(uid) == 0 && (first == nullptr || goes_first(entry, *first))) first = &entry;
  }
  return first == nullptr ? nullptr : Take(*first);
}

absl::StatusOr<ActiveStudies::Turn> ActiveStudies::OfClient(const std::string& client_id, const Executors& executors) {
  std::vector<LeaseRow> own;
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(own, snapshot.ListLeases(client_id));
    return absl::OkStatus();
  }));
  {
    // Another server may have made a study and given the trial before this one heard of either.
    const MutexLock lock(mutex_);
    for (const LeaseRow& lease : own) {
      if (studies_.count(lease.study_uid) == 0) dirty_.insert(lease.study_uid);
    }
  }
  RETURN_IF_ERROR(Refresh());
  const MutexLock lock(mutex_);
  for (const LeaseRow& lease : own) {
    const auto entry = studies_.find(lease.study_uid);
    if (lease.state != pb::Trial::ACTIVE || entry == studies_.end()) continue;
    if (executors.count(entry->second.study.executor) > 0) return Take(entry->second);
  }
  return nullptr;
}

absl::StatusOr<int64_t> ActiveStudies::Startable(const Executors& executors) {
  RETURN_IF_ERROR(Refresh());
  int64_t trials = 0;
  const MutexLock lock(mutex_);
  for (const auto& [uid, entry] : studies_) {
    if (executors.count(entry.study.executor) == 0) continue;
    trials += std::max<int64_t>(entry.study.startable - entry.turns, 0);
  }
  return trials;
}

void ActiveStudies::NoteNothing(int64_t uid, int64_t version) {
  const MutexLock lock(mutex_);
  const auto entry = studies_.find(uid);
  if (entry != studies_.end() && entry->second.study.version == version) entry->second.study.startable = 0;
}

bool ActiveStudies::AllIdle(const Executors& executors) {
  const MutexLock lock(mutex_);
  return std::none_of(studies_.begin(), studies_.end(), [&](const auto& known) {
    const Entry& entry = known.second;
    return entry.study.running + entry.turns > 0 && executors.count(entry.study.executor) > 0;
  });
}

}  // namespace photinus
