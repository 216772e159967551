#include "server/scheduling/timer.h"

#include <utility>

namespace photinus {

SystemTimer::SystemTimer(const Clock& clock) : clock_(clock), thread_([this] { Run(); }) {}

void SystemTimer::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void SystemTimer::After(absl::Duration delay, std::function<void()> call) {
  const MutexLock lock(mutex_);
  calls_.emplace(clock_.Monotonic() + delay, std::move(call));
  changed_.NotifyAll();
}

void SystemTimer::Run() {
  mutex_.Lock();
  while (!stopping_) {
    if (calls_.empty()) {
      changed_.Wait(mutex_);
      continue;
    }
    const absl::Duration wait = calls_.begin()->first - clock_.Monotonic();
    if (wait > absl::ZeroDuration()) {
      changed_.WaitFor(mutex_, absl::ToChronoNanoseconds(wait));
      continue;
    }
    const std::function<void()> call = std::move(calls_.begin()->second);
    calls_.erase(calls_.begin());
    mutex_.Unlock();
    call();
    mutex_.Lock();
  }
  mutex_.Unlock();
}

}  // namespace photinus
