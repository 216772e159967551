// What is remembered of studies between requests, always rebuildable from storage: the parsed problem and the history
// that models, stopping rules and the search for optima look at.
#ifndef PHOTINUS_SERVER_STUDY_STUDY_CACHE_H_
#define PHOTINUS_SERVER_STUDY_STUDY_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "server/storage/storage.h"
#include "server/study/lru_map.h"
#include "server/study/read_options.h"
#include "server/study/study_history.h"
#include "server/study/study_problem.h"

namespace photinus {

inline constexpr size_t kDefaultCacheBytes = size_t{1} << 30;

// Of the studies used last; what was forgotten is built anew. It remembers only what was committed, under the versions
// that storage keeps, so it is never wrong about what another replica did. Thread-safe.
class StudyCache {
 public:
  // Forgets studies so that it takes `max_bytes` at most, about; the one used last stays in any case.
  explicit StudyCache(size_t max_bytes = kDefaultCacheBytes) : entries_(max_bytes) {}

  // The problem of the study as `snapshot`, which is not a transaction, sees it. Internal if the stored spec does not
  // parse.
  absl::StatusOr<std::shared_ptr<const StudyProblem>> Problem(Snapshot& snapshot, const StudyRow& study);
  // The same inside a transaction, where `study` may be changed already, and the transaction come to nothing.
  absl::StatusOr<std::shared_ptr<const StudyProblem>> ProblemInside(Transaction& transaction, const StudyRow& study);

  // The history at study.version, or at a later one that is known. What changed since it was last asked for is read
  // from `snapshot`, to which `study` belongs and which is not a transaction. LongReadNeeded: it must be built anew,
  // and `options` allow no long read. Cancelled.
  absl::StatusOr<std::shared_ptr<const StudyHistory>> History(Snapshot& snapshot, const StudyRow& study,
                                                              const ReadOptions& options = {});

  // The study is gone.
  void Forget(int64_t uid);

  size_t bytes() const;

 private:
  struct Entry {
    int64_t problem_version = 0;
    std::shared_ptr<const StudyProblem> problem;
    size_t problem_bytes = 0;
    std::shared_ptr<const StudyHistory> history;  // of this problem
    // So that all who ask at once do it once. Only long reads wait for a build: all others hold what more of them need.
    std::shared_ptr<Mutex> updating = std::make_shared<Mutex>();
    std::shared_ptr<Mutex> building = std::make_shared<Mutex>();
  };
  using Shared = std::shared_ptr<const StudyHistory>;

  std::shared_ptr<const StudyProblem> KnownProblem(const StudyRow& study);
  Shared KnownHistory(const StudyRow& study);
  // The known history brought up to date; null where there is none, or that takes too much.
  absl::StatusOr<Shared> Updated(Snapshot& snapshot, const StudyRow& study);
  Shared Keep(const StudyRow& study, StudyHistory history);
  void Weigh(int64_t uid, const Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  LruMap<Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_STUDY_CACHE_H_
