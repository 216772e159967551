#include "server/scheduling/timer.h"

#include <utility>

namespace photinus {

SystemTimer::SystemTimer(const Clock& clock) : clock_(clock), thread_([this] { Run(); }) {}

SystemTimer::~SystemTimer() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.Signal();
  }
  thread_.join();
}

void SystemTimer::After(absl::Duration delay, std::function<void()> call) {
  const absl::MutexLock lock(&mutex_);
  calls_.emplace(clock_.Monotonic() + delay, std::move(call));
  changed_.Signal();
}

void SystemTimer::Run() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    const absl::Duration wait =
        calls_.empty() ? absl::InfiniteDuration() : calls_.begin()->first - clock_.Monotonic();
    if (wait > absl::ZeroDuration()) {
      changed_.WaitWithTimeout(&mutex_, wait);
      continue;
    }
    const std::function<void()> call = std::move(calls_.begin()->second);
    calls_.erase(calls_.begin());
    mutex_.Unlock();
    call();
    mutex_.Lock();
  }
}

}  // namespace photinus
