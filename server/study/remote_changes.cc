#include "server/study/remote_changes.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"

namespace photinus {

RemoteChanges::RemoteChanges(SharedStorage& storage, ChangeFeed& feed) : storage_(storage), feed_(feed) {
  subscription_ = feed_.Subscribe([this](const StudyChange& change) {
    const MutexLock lock(mutex_);
    // A version that is missing before this one was another server's, and is still to be found.
    int64_t& known = known_[change.uid];
    if (change.version == known + 1) known = change.version;
  });
}

absl::Status RemoteChanges::Poll() {
  const MutexLock polling(polling_);
  ASSIGN_OR_RETURN(const ChangedStudies changes, storage_.ListChanges(since_));
  since_ = changes.next;
  std::vector<StudyChange> unpublished;
  std::set<int64_t> deleted;
  {
    const MutexLock lock(mutex_);
    for (const StudyVersion& study : changes.studies) {
      int64_t& known = known_[study.uid];
      // What changed is not told, so it may be work.
      if (begun_ && known < study.version) unpublished.push_back({study.uid, study.version, study.deleted, true});
      known = std::max(known, study.version);
      if (study.deleted) deleted.insert(study.uid);
    }
    // A deleted study that is not found any more never comes again.
    for (const int64_t uid : deleted_) {
      if (deleted.count(uid) == 0) known_.erase(uid);
    }
    deleted_ = std::move(deleted);
  }
  begun_ = true;
  for (const StudyChange& change : unpublished) feed_.Publish(change);
  return absl::OkStatus();
}

}  // namespace photinus
