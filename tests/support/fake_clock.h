// Time that stands still until a test moves it.
#ifndef PHOTINUS_TESTS_SUPPORT_FAKE_CLOCK_H_
#define PHOTINUS_TESTS_SUPPORT_FAKE_CLOCK_H_

#include <functional>
#include <map>
#include <utility>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "server/scheduling/timer.h"

namespace photinus {

class FakeClock final : public Clock {
 public:
  absl::Time Now() const override {
    const MutexLock lock(mutex_);
    return now_;
  }
  absl::Duration Monotonic() const override {
    const MutexLock lock(mutex_);
    return monotonic_;
  }
  void Advance(absl::Duration duration) {
    const MutexLock lock(mutex_);
    now_ += duration;
    monotonic_ += duration;
  }
  // Somebody sets the time of day.
  void Jump(absl::Duration duration) {
    const MutexLock lock(mutex_);
    now_ += duration;
  }

 private:
  mutable Mutex mutex_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  absl::Duration monotonic_ = absl::Hours(1);
};

// Calls what is due when told to.
class FakeTimer final : public Timer {
 public:
  explicit FakeTimer(const Clock& clock) : clock_(clock) {}

  void After(absl::Duration delay, std::function<void()> call) override {
    const MutexLock lock(mutex_);
    if (!stopped_) calls_.emplace(clock_.Monotonic() + delay, std::move(call));
  }
  void Stop() override {
    const MutexLock lock(mutex_);
    calls_.clear();
    stopped_ = true;
  }
  void CallDue() {
    while (true) {
      std::function<void()> call;
      {
        const MutexLock lock(mutex_);
        if (calls_.empty() || calls_.begin()->first > clock_.Monotonic()) return;
        call = std::move(calls_.begin()->second);
        calls_.erase(calls_.begin());
      }
      call();
    }
  }

 private:
  const Clock& clock_;
  Mutex mutex_;
  std::multimap<absl::Duration, std::function<void()>> calls_;
  bool stopped_ = false;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_FAKE_CLOCK_H_
