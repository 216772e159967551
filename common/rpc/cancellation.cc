#include "common/rpc/cancellation.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace photinus {
namespace {

constexpr absl::Duration kLongestWait = absl::Hours(24 * 365);  // far from any overflow

auto Now() { return std::chrono::steady_clock::now(); }
auto DeadlineAfter(absl::Duration duration) {
  return Now() + absl::ToChronoNanoseconds(std::min(duration, kLongestWait));
}

}  // namespace

void Cancellation::Cancel() {
  const MutexLock lock(mutex_);
  if (cancelled_) return;
  cancelled_ = true;
  cancelled_now_.NotifyAll();
  for (const auto& action : actions_) action();
}

bool Cancellation::cancelled() const {
  const MutexLock lock(mutex_);
  return cancelled_;
}

bool Cancellation::WaitFor(absl::Duration duration) const {
  const MutexLock lock(mutex_);
  const auto deadline = DeadlineAfter(duration);
  while (!cancelled_) {
    const auto rest = deadline - Now();
    if (rest <= rest.zero()) break;
    cancelled_now_.WaitFor(mutex_, rest);
  }
  return cancelled_;
}

Cancellation::Registration::Registration(Cancellation* cancellation, std::function<void()> action)
    : cancellation_(cancellation) {
  if (cancellation_ == nullptr) return;
  const MutexLock lock(cancellation_->mutex_);
  position_ = cancellation_->actions_.insert(cancellation_->actions_.end(), std::move(action));
  if (cancellation_->cancelled_) (*position_)();
}

Cancellation::Registration::~Registration() {
  if (cancellation_ == nullptr) return;
  const MutexLock lock(cancellation_->mutex_);
  cancellation_->actions_.erase(position_);
}

}  // namespace photinus
