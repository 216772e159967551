#include "server/study/change_feed.h"

#include <utility>

namespace photinus {

ChangeFeed::Subscription ChangeFeed::Subscribe(Listener listener) {
  const MutexLock lock(mutex_);
  const int64_t key = next_key_++;
  listeners_.emplace(key, std::move(listener));
  return Subscription(this, [key](void* feed) { static_cast<ChangeFeed*>(feed)->Remove(key); });
}

void ChangeFeed::Publish(const StudyChange& change) {
  const MutexLock lock(mutex_);
  for (const auto& [key, listener] : listeners_) listener(change);
}

void ChangeFeed::Remove(int64_t key) {
  const MutexLock lock(mutex_);
  listeners_.erase(key);
}

}  // namespace photinus
