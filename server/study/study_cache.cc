#include "server/study/study_cache.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/study/derived_metrics.h"
#include "server/study/trial_batch.h"
#include "server/study/trial_state.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

// More than these are not read as changes: building anew is as cheap.
constexpr int64_t kMostChanged = 4 * kMaxBatchTrials;
constexpr size_t kProblemBytes = 16 << 10;  // about, besides its spec

absl::StatusOr<HistoryRow> ToHistory(const TrialRow& row) {
  HistoryRow trial;
  trial.id = row.id;
  trial.state = row.state;
  trial.lost = row.lost;
  trial.stopped_early = IsFinished(row.state) && row.stop_requested;
  ASSIGN_OR_RETURN(trial.point, PointFromTrial(row.body));
  return trial;
}

// `rows` by ascending id.
absl::StatusOr<std::vector<HistoryRow>> ToHistory(Snapshot& snapshot, const StudyRow& study,
                                                  const StudyProblem& problem, const std::vector<TrialRow>& rows) {
  std::vector<HistoryRow> trials;
  trials.reserve(rows.size());
  std::vector<TrialRow> succeeded;
  for (const TrialRow& row : rows) {
    ASSIGN_OR_RETURN(HistoryRow trial, ToHistory(row));
    if (row.state == pb::Trial::SUCCEEDED) {
      if (problem.derived.empty())
        trial.objectives = ObjectivesOf(problem, row.body);
      else
        succeeded.push_back(row);
    }
    trials.push_back(std::move(trial));
  }
  // Derived metrics may need measurements.
  auto trial = trials.begin();
  for (absl::Span<const TrialRow> left = succeeded; !left.empty();) {
    ASSIGN_OR_RETURN(const size_t count, CountThatFit(snapshot, left));
    ASSIGN_OR_RETURN(const std::vector<pb::Trial> views,
                     ViewTrials(snapshot, study, problem, {left.begin(), left.begin() + count}));
    for (size_t i = 0; i < count; ++i) {
      while (trial->id != left[i].id) ++trial;
      trial->objectives = ObjectivesOf(problem, views[i]);
    }
    left.remove_prefix(count);
  }
  return trials;
}

absl::StatusOr<StudyHistory> Build(Snapshot& snapshot, const StudyRow& study,
                                   std::shared_ptr<const StudyProblem> problem) {
  StudyHistory history(problem, study.version);
  TrialQuery query;
  query.limit = kMaxBatchTrials;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<TrialRow> rows, snapshot.ListTrials(study.uid, query));
    if (rows.empty()) return history;
    ASSIGN_OR_RETURN(const auto trials, ToHistory(snapshot, study, *problem, rows));
    ASSIGN_OR_RETURN(history, history.Updated(study.version, trials, {}));
    query.after_id = rows.back().id;
  }
}

// `old` brought up to date; nullopt where that takes too much.
absl::StatusOr<std::optional<StudyHistory>> Update(Snapshot& snapshot, const StudyRow& study, const StudyHistory& old) {
  ASSIGN_OR_RETURN(std::vector<TrialRow> rows,
                   snapshot.ListTrials(study.uid, {.limit = kMostChanged, .since_version = old.version()}));
  if (static_cast<int64_t>(rows.size()) == kMostChanged) return std::optional<StudyHistory>();
  ASSIGN_OR_RETURN(const std::vector<int64_t> deleted, snapshot.ListDeletedTrials(study.uid, old.version()));
  std::sort(rows.begin(), rows.end(), [](const TrialRow& a, const TrialRow& b) { return a.id < b.id; });
  ASSIGN_OR_RETURN(const auto changed, ToHistory(snapshot, study, old.problem(), rows));
  ASSIGN_OR_RETURN(StudyHistory updated, old.Updated(study.version, changed, deleted));
  return std::optional<StudyHistory>(std::move(updated));
}

absl::StatusOr<std::shared_ptr<const StudyProblem>> ReadProblem(Snapshot& snapshot, const StudyRow& study) {
  pb::StudySpec spec = study.spec;
  ASSIGN_OR_RETURN(const auto metadata, snapshot.ListMetadata(study.uid, 0, 0));
  for (const MetadataRow& row : metadata) *spec.add_metadata() = row.entry;
  auto problem = ParseStudyProblem(spec);
  if (problem.ok()) return std::make_shared<const StudyProblem>(*std::move(problem));
  return absl::InternalError(absl::StrCat("the stored spec of study ", study.uid, " (", study.display_name,
                                          ") is invalid: ", problem.status().message()));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const StudyProblem>> StudyCache::Problem(Snapshot& snapshot, const StudyRow& study) {
  if (auto known = KnownProblem(study); known != nullptr) return known;
  ASSIGN_OR_RETURN(auto problem, ReadProblem(snapshot, study));
  const MutexLock lock(mutex_);
  Entry& entry = entries_.At(study.uid);
  if (entry.problem_version == study.problem_version) return entry.problem;  // somebody was faster
  if (entry.problem_version > study.problem_version) return problem;         // `snapshot` is an old one
  entry.problem_version = study.problem_version;
  entry.problem = problem;
  entry.history = nullptr;
  Weigh(study.uid, entry);
  return problem;
}

absl::StatusOr<std::shared_ptr<const StudyProblem>> StudyCache::ProblemInside(Transaction& transaction,
                                                                              const StudyRow& study) {
  if (auto known = KnownProblem(study); known != nullptr) return known;
  return ReadProblem(transaction, study);
}

absl::StatusOr<std::shared_ptr<const StudyHistory>> StudyCache::History(Snapshot& snapshot, const StudyRow& study) {
  ASSIGN_OR_RETURN(const auto problem, Problem(snapshot, study));
  std::shared_ptr<Mutex> refreshing;
  {
    const MutexLock lock(mutex_);
    refreshing = entries_.At(study.uid).refreshing;
  }
  const MutexLock once(*refreshing);
  const auto known = KnownHistory(study);
  if (known != nullptr && known->version() >= study.version) return known;
  std::optional<StudyHistory> updated;
  if (known != nullptr) {
    ASSIGN_OR_RETURN(updated, Update(snapshot, study, *known));
  }
  if (!updated.has_value()) {
    ASSIGN_OR_RETURN(updated, Build(snapshot, study, problem));
  }
  auto history = std::make_shared<const StudyHistory>(*std::move(updated));
  const MutexLock lock(mutex_);
  Entry& entry = entries_.At(study.uid);
  if (entry.problem == problem) entry.history = history;
  Weigh(study.uid, entry);
  return history;
}

std::shared_ptr<const StudyProblem> StudyCache::KnownProblem(const StudyRow& study) {
  const MutexLock lock(mutex_);
  const Entry& entry = entries_.At(study.uid);
  return entry.problem_version == study.problem_version ? entry.problem : nullptr;
}

std::shared_ptr<const StudyHistory> StudyCache::KnownHistory(const StudyRow& study) {
  const MutexLock lock(mutex_);
  const Entry& entry = entries_.At(study.uid);
  return entry.problem_version == study.problem_version ? entry.history : nullptr;
}

void StudyCache::Weigh(int64_t uid, const Entry& entry) {
  const size_t history = entry.history == nullptr ? 0 : entry.history->bytes();
  entries_.SetWeight(uid, kProblemBytes + history);
}

void StudyCache::Forget(int64_t uid) {
  const MutexLock lock(mutex_);
  entries_.Erase(uid);
}

size_t StudyCache::bytes() const {
  const MutexLock lock(mutex_);
  return entries_.weight();
}

}  // namespace photinus
