// A flag that ends calls and waits of other threads.
#ifndef PHOTINUS_COMMON_RPC_CANCELLATION_H_
#define PHOTINUS_COMMON_RPC_CANCELLATION_H_

#include <functional>
#include <list>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace photinus {

// Thread-safe. Must outlive the calls that carry it.
class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  // For good: calls under way end with Cancelled, later ones at once. A second call does nothing.
  void Cancel();
  bool cancelled() const;
  // Returns once cancelled or after `duration`; true if cancelled.
  bool WaitFor(absl::Duration duration) const;

  // Runs `action` once when cancelled, at once if it is already; not any more after the registration is gone. `action`
  // must not use this object.
  class Registration {
   public:
    Registration(Cancellation* cancellation, std::function<void()> action);  // nullptr: nothing ever happens
    ~Registration();
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

   private:
    Cancellation* const cancellation_;
    std::list<std::function<void()>>::iterator position_;
  };

 private:
  mutable Mutex mutex_;
  mutable CondVar cancelled_now_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::list<std::function<void()>> actions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_CANCELLATION_H_
