#include "server/study/study_cache.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/study/history_rows.h"
#include "server/study/prior_trials.h"
#include "server/study/trial_batch.h"

namespace photinus {
namespace {

// More than these are not read as changes: building anew is as cheap.
constexpr int64_t kMostChanged = 4 * kMaxBatchTrials;
constexpr size_t kProblemBytes = 16 << 10;  // about, besides what its spec takes

absl::StatusOr<StudyHistory> Build(Snapshot& snapshot, const StudyRow& study,
                                   std::shared_ptr<const StudyProblem> problem, const ReadOptions& options) {
  StudyHistory history(problem, study.version);
  TrialBatches batches(study.uid, 0, study.next_trial_id - 1);
  while (true) {
    RETURN_IF_ERROR(options.Check());
    ASSIGN_OR_RETURN(const std::vector<TrialRow> rows, batches.Next(snapshot));
    if (rows.empty()) return history;
    ASSIGN_OR_RETURN(const auto trials, HistoryRowsOf(snapshot, study, *problem, rows));
    ASSIGN_OR_RETURN(history, history.Updated(study.version, trials, {}));
  }
}

// The trials that `query`, which has a since_version, finds: `changed`.
absl::StatusOr<std::vector<HistoryRow>> ReadChanged(Snapshot& snapshot, const StudyRow& study,
                                                    const StudyProblem& problem, const TrialQuery& query,
                                                    const std::vector<TrialBytes>& changed) {
  if (CountThatFit(changed) == changed.size()) {
    ASSIGN_OR_RETURN(std::vector<TrialRow> rows, snapshot.ListTrials(study.uid, query));
    std::sort(rows.begin(), rows.end(), [](const TrialRow& a, const TrialRow& b) { return a.id < b.id; });
    return HistoryRowsOf(snapshot, study, problem, rows);
  }
  std::vector<HistoryRow> trials;
  for (const TrialBytes& each : changed) {
    ASSIGN_OR_RETURN(auto row, snapshot.GetTrial(study.uid, each.trial_id));
    if (!row.has_value()) continue;
    ASSIGN_OR_RETURN(const auto one, HistoryRowsOf(snapshot, study, problem, {*std::move(row)}));
    trials.insert(trials.end(), one.begin(), one.end());
  }
  std::sort(trials.begin(), trials.end(), [](const HistoryRow& a, const HistoryRow& b) { return a.id < b.id; });
  return trials;
}

// `old` brought up to date; nullopt where that takes too much.
absl::StatusOr<std::optional<StudyHistory>> Update(Snapshot& snapshot, const StudyRow& study, const StudyHistory& old) {
  const TrialQuery query{.limit = kMostChanged, .since_version = old.version()};
  ASSIGN_OR_RETURN(const std::vector<TrialBytes> bytes, snapshot.ListTrialBytes(study.uid, query));
  if (static_cast<int64_t>(bytes.size()) == kMostChanged) return std::optional<StudyHistory>();
  ASSIGN_OR_RETURN(const auto changed, ReadChanged(snapshot, study, old.problem(), query, bytes));
  ASSIGN_OR_RETURN(const std::vector<int64_t> deleted, snapshot.ListDeletedTrials(study.uid, old.version()));
  ASSIGN_OR_RETURN(StudyHistory updated, old.Updated(study.version, changed, deleted));
  return std::optional<StudyHistory>(std::move(updated));
}

absl::StatusOr<std::shared_ptr<const StudyProblem>> ReadProblem(Snapshot& snapshot, const StudyRow& study) {
  pb::StudySpec spec = study.spec;
  ASSIGN_OR_RETURN(const auto metadata, snapshot.ListMetadata(study.uid, 0, 0));
  for (const MetadataRow& row : metadata) *spec.add_metadata() = row.entry;
  auto problem = ParseStudyProblem(spec);
  if (!problem.ok()) {
    return absl::InternalError(absl::StrCat("the stored spec of study ", study.uid, " (", study.display_name,
                                            ") is invalid: ", problem.status().message()));
  }
  if (!problem->document.algorithm.warm_start.empty()) {
    ASSIGN_OR_RETURN(const auto prior, snapshot.GetAlgorithmState(study.uid, kWarmStartState));
    if (!problem->prior.ParseFromString(prior.value_or(""))) problem->prior.Clear();
  }
  return std::make_shared<const StudyProblem>(*std::move(problem));
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
  entry.problem_bytes = kProblemBytes + study.spec.ByteSizeLong() + problem->prior.SpaceUsedLong();
  entry.history = nullptr;
  Weigh(study.uid, entry);
  return problem;
}

absl::StatusOr<std::shared_ptr<const StudyProblem>> StudyCache::ProblemInside(Transaction& transaction,
                                                                              const StudyRow& study) {
  if (auto known = KnownProblem(study); known != nullptr) return known;
  return ReadProblem(transaction, study);
}

absl::StatusOr<std::shared_ptr<const StudyHistory>> StudyCache::History(Snapshot& snapshot, const StudyRow& study,
                                                                        const ReadOptions& options) {
  ASSIGN_OR_RETURN(const auto problem, Problem(snapshot, study));
  ASSIGN_OR_RETURN(Shared known, Updated(snapshot, study));
  if (known != nullptr) return known;
  if (!options.may_be_long) return LongReadNeeded();
  std::shared_ptr<Mutex> building;
  {
    const MutexLock lock(mutex_);
    building = entries_.At(study.uid).building;
  }
  const MutexLock once(*building);
  ASSIGN_OR_RETURN(known, Updated(snapshot, study));  // another may have built it meanwhile
  if (known != nullptr) return known;
  ASSIGN_OR_RETURN(StudyHistory history, Build(snapshot, study, problem, options));
  return Keep(study, std::move(history));
}

absl::StatusOr<StudyCache::Shared> StudyCache::Updated(Snapshot& snapshot, const StudyRow& study) {
  std::shared_ptr<Mutex> updating;
  {
    const MutexLock lock(mutex_);
    updating = entries_.At(study.uid).updating;
  }
  const MutexLock once(*updating);
  Shared known = KnownHistory(study);
  if (known == nullptr || known->version() >= study.version) return known;
  ASSIGN_OR_RETURN(std::optional<StudyHistory> updated, Update(snapshot, study, *known));
  return updated.has_value() ? Keep(study, *std::move(updated)) : nullptr;
}

StudyCache::Shared StudyCache::Keep(const StudyRow& study, StudyHistory made) {
  auto history = std::make_shared<const StudyHistory>(std::move(made));
  const MutexLock lock(mutex_);
  Entry& entry = entries_.At(study.uid);
  const bool newer = entry.history == nullptr || entry.history->version() < history->version();
  if (entry.problem.get() == &history->problem() && newer) entry.history = history;
  Weigh(study.uid, entry);
  return history;
}

std::shared_ptr<const StudyProblem> StudyCache::KnownProblem(const StudyRow& study) {
  const MutexLock lock(mutex_);
  const Entry& entry = entries_.At(study.uid);
  return entry.problem_version == study.problem_version ? entry.problem : nullptr;
}

StudyCache::Shared StudyCache::KnownHistory(const StudyRow& study) {
  const MutexLock lock(mutex_);
  const Entry& entry = entries_.At(study.uid);
  return entry.problem_version == study.problem_version ? entry.history : nullptr;
}

void StudyCache::Weigh(int64_t uid, const Entry& entry) {
  const size_t history = entry.history == nullptr ? 0 : entry.history->bytes();
  entries_.SetWeight(uid, entry.problem_bytes + history);
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
