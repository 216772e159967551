// Does in the background what requests would otherwise wait for.
#ifndef PHOTINUS_SERVER_SCHEDULING_SUGGEST_AHEAD_H_
#define PHOTINUS_SERVER_SCHEDULING_SUGGEST_AHEAD_H_

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/base/names.h"
#include "server/scheduling/study_memory.h"
#include "server/scheduling/thread_pool.h"
#include "server/study/lru_map.h"
#include "server/study/study_store.h"

namespace photinus {

// Of the studies that somebody asked for suggestions lately: after each change of one it computes what the next request
// will get, and lets the algorithm learn. What was learnt is stored unless something else was stored meanwhile. Worth
// it for algorithms that use encoded trials; the others are quick by themselves. Thread-safe.
class SuggestAhead {
 public:
  // All are borrowed. Stop the pool after Stop and before the destructor.
  SuggestAhead(StudyStore& store, StudyMemories& memories, ThreadPool& background);

  // Somebody asks for `count` points for the study, and will do so again.
  void Expect(int64_t uid, const StudyName& name, int64_t count);

  void Stop() { stopping_ = true; }

 private:
  struct Expected {
    StudyName name;
    int64_t count = 1;
    bool running = false;  // on the pool, or waiting for it
    bool changed = false;  // since it began
  };

  void OnChange(const StudyChange& change);
  void Submit(int64_t uid) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run(int64_t uid);
  absl::Status Work(int64_t uid, const StudyName& name, int64_t count);
  // Whether it was stored; not if the blob is no longer the one that it was learnt from.
  absl::StatusOr<bool> StoreState(const StudyName& name, const SuggestInputs& inputs, const std::string& state);

  StudyStore& store_;
  StudyMemories& memories_;
  ThreadPool& background_;
  std::atomic<bool> stopping_ = false;

  Mutex mutex_;
  LruMap<Expected> expected_ ABSL_GUARDED_BY(mutex_);

  ChangeFeed::Subscription changes_;  // the last, so that it is the first to end
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_SUGGEST_AHEAD_H_
