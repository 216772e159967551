#include "common/rpc/cancellation.h"

#include <utility>

namespace photinus {

void Cancellation::Cancel() {
  absl::MutexLock lock(&mutex_);
  if (cancelled_) return;
  cancelled_ = true;
  for (const auto& action : actions_) action();
}

bool Cancellation::cancelled() const {
  absl::MutexLock lock(&mutex_);
  return cancelled_;
}

bool Cancellation::WaitFor(absl::Duration duration) const {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&cancelled_), duration);
  return cancelled_;
}

Cancellation::Registration::Registration(Cancellation* cancellation, std::function<void()> action)
    : cancellation_(cancellation) {
  if (cancellation_ == nullptr) return;
  absl::MutexLock lock(&cancellation_->mutex_);
  position_ = cancellation_->actions_.insert(cancellation_->actions_.end(), std::move(action));
  if (cancellation_->cancelled_) (*position_)();
}

Cancellation::Registration::~Registration() {
  if (cancellation_ == nullptr) return;
  absl::MutexLock lock(&cancellation_->mutex_);
  cancellation_->actions_.erase(position_);
}

}  // namespace photinus
