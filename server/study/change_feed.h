// One feed of committed changes: watches, long polls and caches live on it.
#ifndef PHOTINUS_SERVER_STUDY_CHANGE_FEED_H_
#define PHOTINUS_SERVER_STUDY_CHANGE_FEED_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"

namespace photinus {

struct StudyChange {
  int64_t uid = 0;
  int64_t version = 0;
  bool deleted = false;
  bool work = false;     // a trial or a slot of a budget may have become free: pulling may succeed now
  bool started = false;  // a trial began to run
};

// Thread-safe. Outlives its subscriptions.
class ChangeFeed {
 public:
  using Listener = std::function<void(const StudyChange&)>;
  // Listens until it is destroyed; afterwards the listener neither runs nor will. (A shared_ptr only because that
  // carries its own deleter.)
  using Subscription = std::shared_ptr<void>;

  // The listener is called on the thread that committed the change, one call at a time, so it only takes note: it must
  // not block, publish, subscribe or unsubscribe.
  Subscription Subscribe(Listener listener);

  void Publish(const StudyChange& change);

 private:
  void Remove(int64_t key);

  Mutex mutex_;
  int64_t next_key_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<int64_t, Listener> listeners_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_CHANGE_FEED_H_
