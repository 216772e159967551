// The changes that other servers make in the storage they share with this one.
#ifndef PHOTINUS_SERVER_STUDY_REMOTE_CHANGES_H_
#define PHOTINUS_SERVER_STUDY_REMOTE_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "server/storage/shared_storage.h"
#include "server/study/change_feed.h"

namespace photinus {

// Publishes them to the feed of this server's own, so that nobody need know who made a change. Thread-safe.
class RemoteChanges {
 public:
  // Both are borrowed.
  RemoteChanges(SharedStorage& storage, ChangeFeed& feed);

  // The first call only learns where to begin; each other one publishes what was committed since. Where only the last
  // of several changes is found, one is published. When it returns, all is published that any server acknowledged
  // before the call. Errors of the storage, after which the next call makes up for it.
  absl::Status Poll();

  // Studies that are remembered.
  size_t size() {
    const MutexLock lock(mutex_);
    return known_.size();
  }

 private:
  SharedStorage& storage_;
  ChangeFeed& feed_;

  Mutex polling_;  // held throughout a poll
  bool begun_ ABSL_GUARDED_BY(polling_) = false;
  int64_t since_ ABSL_GUARDED_BY(polling_) = 0;  // see SharedStorage::ListChanges

  Mutex mutex_;
  // By study uid: the version up to which all changes were published.
  std::unordered_map<int64_t, int64_t> known_ ABSL_GUARDED_BY(mutex_);
  std::set<int64_t> deleted_ ABSL_GUARDED_BY(mutex_);  // uids that the last look found deleted

  ChangeFeed::Subscription subscription_;  // last: ends first
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_REMOTE_CHANGES_H_
