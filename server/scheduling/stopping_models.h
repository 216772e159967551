// What stopping rules have learnt of studies. Only in memory: what was lost is learnt anew, and servers that share a
// database learn each for itself (docs/decisions/0013).
#ifndef PHOTINUS_SERVER_SCHEDULING_STOPPING_MODELS_H_
#define PHOTINUS_SERVER_SCHEDULING_STOPPING_MODELS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "server/scheduling/learning_curves.h"
#include "server/scheduling/thread_pool.h"
#include "server/stopping/stopping_rule.h"
#include "server/storage/storage.h"
#include "server/study/lru_map.h"

namespace photinus {

// Of the studies that were asked about last. Thread-safe; nothing waits for a lesson.
class StoppingModels {
 public:
  // What a lesson is about, and owns.
  struct Lesson {
    std::shared_ptr<const StoppingRule> rule;
    LearningCurveCache::Shared finished;
    int64_t finished_trials = 0;  // of the study; more than those curves where there are many
    bool maximize = true;
    double horizon = 0;
    uint64_t seed = 0;
  };

  static constexpr size_t kMaxBytes = size_t{64} << 20;

  // Lessons run on `learning`, which is borrowed: stop it after Stop and before the destructor. Forgets models so that
  // they take `max_bytes` at most, about; the one used last stays in any case.
  explicit StoppingModels(ThreadPool& learning, size_t max_bytes = kMaxBytes)
      : learning_(learning), entries_(max_bytes) {}

  // What the rule learnt of the study's problem as `study` has it; null: nothing yet.
  std::shared_ptr<const StoppingModel> Find(const StudyRow& study);

  // Whether what the rule knows of that problem is out of date, as trials have finished or were deleted since, and no
  // lesson is under way. False: the study has a newer problem by now.
  bool IsDue(const StudyRow& study, const StoppingRule& rule, int64_t finished_trials);
  // Has the rule learn where that is due. If the pool takes no more, it stays due.
  void Learn(const StudyRow& study, Lesson lesson);

  // Lessons end soon, and none begins.
  void Stop() { stopping_ = true; }

 private:
  struct Entry {
    int64_t problem_version = 0;
    std::shared_ptr<const StoppingModel> model;
    int64_t learnt_from = 0;  // finished trials that taught the model
    int64_t tried_at = 0;     // finished trials of the last lesson, also where that taught nothing
    bool learning = false;
  };

  // Null: it is of a newer problem.
  Entry* EntryOf(const StudyRow& study) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // In place of what is known of the study.
  Entry& Reset(int64_t study_uid, Entry unlearnt) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsDue(const Entry& entry, const StoppingRule& rule, int64_t finished_trials) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (stopping_ || entry.learning || finished_trials == entry.tried_at) return false;
    const bool deleted = rule.LearnsAnew(finished_trials, entry.learnt_from);  // as many as would teach it something
    return deleted || (finished_trials > entry.tried_at && rule.LearnsAnew(entry.learnt_from, finished_trials));
  }
  void Run(int64_t study_uid, int64_t problem_version, const Lesson& lesson);

  ThreadPool& learning_;
  std::atomic<bool> stopping_ = false;

  Mutex mutex_;
  LruMap<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // by study uid
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_STOPPING_MODELS_H_
