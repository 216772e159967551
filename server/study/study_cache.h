// What is remembered of studies between requests, always rebuildable from storage: the parsed problem and the history
// that models, stopping rules and the search for optima look at.
#ifndef PHOTINUS_SERVER_STUDY_STUDY_CACHE_H_
#define PHOTINUS_SERVER_STUDY_STUDY_CACHE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "server/storage/storage.h"
#include "server/study/lru_map.h"
#include "server/study/study_problem.h"

namespace photinus {

struct HistoryTrial {
  int64_t id = 0;
  pb::Trial::State state = pb::Trial::REQUESTED;
  bool lost = false;           // models ignore it
  bool stopped_early = false;  // finished, but asked to stop before
  Point point;
  std::vector<double> objectives;  // of SUCCEEDED trials, derived ones too; NaN where missing
};

// All trials of a study at one version, by ascending id. The trials are shared between versions.
struct StudyHistory {
  int64_t version = 0;
  std::vector<std::shared_ptr<const HistoryTrial>> trials;
};

// Of the studies used last; what was forgotten is built anew. Thread-safe.
class StudyCache {
 public:
  // The problem of the study as `snapshot` sees it. Internal if the stored spec does not parse.
  absl::StatusOr<std::shared_ptr<const StudyProblem>> Problem(Snapshot& snapshot, const StudyRow& study);

  // The history at study.version, read as a delta to what was known. `study` comes from `snapshot`.
  absl::StatusOr<std::shared_ptr<const StudyHistory>> History(Snapshot& snapshot, const StudyRow& study);

  // To be called inside the transaction that makes `version`: nothing remembered from before may be used for it,
  // because the study document changes or a trial vanishes.
  void ForgetBefore(int64_t uid, int64_t version);
  // The study is gone.
  void Forget(int64_t uid);

 private:
  struct Entry {
    int64_t problem_version = -1;
    std::shared_ptr<const StudyProblem> problem;
    int64_t history_base = -1;  // the version at which the history was built from nothing
    std::shared_ptr<const StudyHistory> history;
  };

  int64_t ValidFrom(int64_t uid) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  static constexpr size_t kMaxStudies = 256;

  Mutex mutex_;
  LruMap<Entry> entries_ ABSL_GUARDED_BY(mutex_){kMaxStudies};
  // See ForgetBefore. Kept even where the entry is forgotten: somebody may yet come with a view from before.
  std::map<int64_t, int64_t> valid_from_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_STUDY_CACHE_H_
