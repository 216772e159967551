#include "server/study/study_cache.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/study/derived_metrics.h"
#include "server/study/trial_state.h"

namespace photinus {
namespace {

// The row as a trial with what objectives are computed from: derived metrics may need step 0.
absl::StatusOr<std::vector<double>> RowObjectives(Snapshot& snapshot, const StudyProblem& problem,
                                                  const TrialRow& row) {
  pb::Trial trial = row.body;
  if (!problem.derived.empty()) {
    ASSIGN_OR_RETURN(const auto measurements, snapshot.ListMeasurements(row.study_uid, row.id, row.id));
    for (const MeasurementRow& measurement : measurements) *trial.add_measurements() = measurement.body;
    AddDerivedMetrics(problem, trial);
  }
  return ObjectivesOf(problem, trial);
}

absl::StatusOr<HistoryTrial> ToHistory(Snapshot& snapshot, const StudyProblem& problem, const TrialRow& row) {
  HistoryTrial trial;
  trial.id = row.id;
  trial.state = row.state;
  trial.lost = row.lost;
  trial.stopped_early = IsFinished(row.state) && row.stop_requested;
  ASSIGN_OR_RETURN(trial.point, PointFromTrial(row.body));
  if (row.state == pb::Trial::SUCCEEDED) {
    ASSIGN_OR_RETURN(trial.objectives, RowObjectives(snapshot, problem, row));
  }
  return trial;
}

// `old` (may be null) brought up to date.
absl::StatusOr<std::shared_ptr<const StudyHistory>> Refresh(Snapshot& snapshot, const StudyRow& study,
                                                            const StudyProblem& problem, const StudyHistory* old) {
  auto fresh = std::make_shared<StudyHistory>();
  if (old != nullptr) *fresh = *old;
  fresh->version = study.version;
  TrialQuery query;
  if (old != nullptr) query.since_version = old->version;
  ASSIGN_OR_RETURN(const std::vector<TrialRow> rows, snapshot.ListTrials(study.uid, query));
  std::vector<std::shared_ptr<const HistoryTrial>> added;
  for (const TrialRow& row : rows) {
    ASSIGN_OR_RETURN(HistoryTrial trial, ToHistory(snapshot, problem, row));
    auto shared = std::make_shared<const HistoryTrial>(std::move(trial));
    const auto known = std::lower_bound(fresh->trials.begin(), fresh->trials.end(), row.id,
                                        [](const auto& t, int64_t id) { return t->id < id; });
    if (known != fresh->trials.end() && (*known)->id == row.id) {
      *known = std::move(shared);
    } else {
      added.push_back(std::move(shared));
    }
  }
  fresh->trials.insert(fresh->trials.end(), added.begin(), added.end());
  std::sort(fresh->trials.begin(), fresh->trials.end(), [](const auto& a, const auto& b) { return a->id < b->id; });
  return fresh;
}

absl::StatusOr<StudyProblem> ReadProblem(Snapshot& snapshot, const StudyRow& study) {
  pb::StudySpec spec = study.spec;
  ASSIGN_OR_RETURN(const auto metadata, snapshot.ListMetadata(study.uid, 0, 0));
  for (const MetadataRow& row : metadata) *spec.add_metadata() = row.entry;
  auto problem = ParseStudyProblem(spec);
  if (!problem.ok()) {
    return absl::InternalError(absl::StrCat("the stored spec of study ", study.uid, " (", study.display_name,
                                            ") is invalid: ", problem.status().message()));
  }
  return problem;
}

}  // namespace

std::shared_ptr<const StudyProblem> StudyCache::Known(const StudyRow& study) {
  const MutexLock lock(mutex_);
  const Entry& entry = entries_.At(study.uid);
  return entry.problem_reset == study.reset_version ? entry.problem : nullptr;
}

absl::StatusOr<std::shared_ptr<const StudyProblem>> StudyCache::Problem(Snapshot& snapshot, const StudyRow& study) {
  if (auto known = Known(study); known != nullptr) return known;
  ASSIGN_OR_RETURN(StudyProblem parsed, ReadProblem(snapshot, study));
  auto problem = std::make_shared<const StudyProblem>(std::move(parsed));
  const MutexLock lock(mutex_);
  Entry& entry = entries_.At(study.uid);
  if (study.reset_version > entry.problem_reset) {
    entry.problem = problem;
    entry.problem_reset = study.reset_version;
  }
  return problem;
}

absl::StatusOr<std::shared_ptr<const StudyProblem>> StudyCache::UncommittedProblem(Transaction& transaction,
                                                                                   const StudyRow& study) {
  if (auto known = Known(study); known != nullptr) return known;
  ASSIGN_OR_RETURN(StudyProblem parsed, ReadProblem(transaction, study));
  return std::make_shared<const StudyProblem>(std::move(parsed));
}

absl::StatusOr<std::shared_ptr<const StudyHistory>> StudyCache::History(Snapshot& snapshot, const StudyRow& study) {
  ASSIGN_OR_RETURN(const auto problem, Problem(snapshot, study));
  std::shared_ptr<const StudyHistory> known;
  {
    const MutexLock lock(mutex_);
    const Entry& entry = entries_.At(study.uid);
    if (entry.history != nullptr && entry.history_reset == study.reset_version &&
        entry.history->version <= study.version) {
      known = entry.history;
    }
  }
  if (known != nullptr && known->version == study.version) return known;
  ASSIGN_OR_RETURN(const auto fresh, Refresh(snapshot, study, *problem, known.get()));
  const MutexLock lock(mutex_);
  Entry& entry = entries_.At(study.uid);
  if (entry.history == nullptr || entry.history->version < fresh->version) {
    entry.history = fresh;
    entry.history_reset = study.reset_version;
  }
  return fresh;
}

void StudyCache::Forget(int64_t uid) {
  const MutexLock lock(mutex_);
  entries_.Erase(uid);
}

}  // namespace photinus
