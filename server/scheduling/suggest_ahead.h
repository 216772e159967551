// Does in the background what requests would otherwise wait for.
#ifndef PHOTINUS_SERVER_SCHEDULING_SUGGEST_AHEAD_H_
#define PHOTINUS_SERVER_SCHEDULING_SUGGEST_AHEAD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

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
// will get, and lets the algorithm learn, after which it computes that anew. What was learnt is stored unless something
// else was stored meanwhile. Worth it for algorithms that use encoded trials, as the others are quick by themselves,
// and while the study may have new trials. Thread-safe.
class SuggestAhead {
 public:
  // Lessons take long, so that the next requests of other studies are prepared beside them.
  struct Pools {
    ThreadPool& preparing;
    ThreadPool& learning;
  };

  // All are borrowed. Stop the pools after Stop and before the destructor.
  SuggestAhead(StudyStore& store, StudyMemories& memories, Pools pools);

  // Somebody asks for `count` points for the study, and will do so again.
  void Expect(int64_t uid, const StudyName& name, int64_t count);

  void Stop() { stopping_ = true; }

 private:
  struct Expected {
    StudyName name;
    int64_t count = 1;
    bool preparing = false;  // on its pool, or waiting for it
    bool changed = false;    // since that began
    bool to_learn = false;   // waits for the other pool
  };

  // What a request would ask now.
  struct Question {
    std::unique_ptr<SuggestionAlgorithm> algorithm;
    SuggestInputs inputs;
  };

  void OnChange(const StudyChange& change);
  void SubmitPreparation(int64_t uid) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SubmitLesson(int64_t uid) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RunPreparation(int64_t uid);
  void RunLesson(int64_t uid);
  absl::Status Prepare(int64_t uid, const StudyName& name, int64_t count);
  // Whether there was anything to learn.
  absl::StatusOr<bool> Learn(int64_t uid, const StudyName& name);
  // Nullopt: nobody will wait for the answer.
  absl::StatusOr<std::optional<Question>> NextQuestion(int64_t uid, const StudyName& name);
  // Without effect if the blob is no longer the one that it was learnt from.
  absl::Status StoreState(const StudyName& name, const SuggestInputs& inputs, const std::string& state);
  bool IsStopping() const { return stopping_; }

  StudyStore& store_;
  StudyMemories& memories_;
  const Pools pools_;
  std::atomic<bool> stopping_ = false;

  Mutex mutex_;
  LruMap<Expected> expected_ ABSL_GUARDED_BY(mutex_);

  ChangeFeed::Subscription changes_;  // the last, so that it is the first to end
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_SUGGEST_AHEAD_H_
