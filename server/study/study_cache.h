// What is remembered of studies between requests, always rebuildable from storage: the parsed problem and the history
// that models, stopping rules and the search for optima look at.
#ifndef PHOTINUS_SERVER_STUDY_STUDY_CACHE_H_
#define PHOTINUS_SERVER_STUDY_STUDY_CACHE_H_

#include <cstdint>
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

// Of the studies used last; what was forgotten is built anew. What a study's row says of its versions decides what is
// still good, so it does not matter which server made a change. Thread-safe.
class StudyCache {
 public:
  // The problem of the study as `snapshot` sees it; `study` comes from there. Internal if the stored spec does not
  // parse.
  absl::StatusOr<std::shared_ptr<const StudyProblem>> Problem(Snapshot& snapshot, const StudyRow& study);

  // As Problem, inside a transaction that may yet be undone: nothing of it is remembered.
  absl::StatusOr<std::shared_ptr<const StudyProblem>> UncommittedProblem(Transaction& transaction,
                                                                         const StudyRow& study);

  // The history at study.version, read as a delta to what was known. `study` comes from `snapshot`.
  absl::StatusOr<std::shared_ptr<const StudyHistory>> History(Snapshot& snapshot, const StudyRow& study);

  // The study is gone.
  void Forget(int64_t uid);

 private:
  struct Entry {
    int64_t problem_reset = -1;  // the row's reset_version; so below
    std::shared_ptr<const StudyProblem> problem;
    int64_t history_reset = -1;
    std::shared_ptr<const StudyHistory> history;
  };

  // The problem of the study, if it is remembered.
  std::shared_ptr<const StudyProblem> Known(const StudyRow& study);

  static constexpr size_t kMaxStudies = 256;

  Mutex mutex_;
  LruMap<Entry> entries_ ABSL_GUARDED_BY(mutex_){kMaxStudies};
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_STUDY_CACHE_H_
