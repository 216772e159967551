// Calls after a while, as a dependency so that tests can decide when.
#ifndef PHOTINUS_SERVER_SCHEDULING_TIMER_H_
#define PHOTINUS_SERVER_SCHEDULING_TIMER_H_

#include <functional>
#include <map>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace photinus {

// Thread-safe.
class Timer {
 public:
  virtual ~Timer() = default;
  // Calls `call` once `delay` has passed. Calls share one thread, so each only hands work over. Never called after the
  // timer was destroyed.
  virtual void After(absl::Duration delay, std::function<void()> call) = 0;
  // Drops what is due later; what comes afterwards is never called.
  virtual void Stop() = 0;
};

class SystemTimer final : public Timer {
 public:
  explicit SystemTimer(const Clock& clock);
  ~SystemTimer() override { SystemTimer::Stop(); }
  void After(absl::Duration delay, std::function<void()> call) override;

  void Stop() override;  // also ends the thread

 private:
  void Run();

  const Clock& clock_;

  Mutex mutex_;
  CondVar changed_;
  std::multimap<absl::Duration, std::function<void()>> calls_ ABSL_GUARDED_BY(mutex_);  // by monotonic due time
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_TIMER_H_
