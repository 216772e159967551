// Time as a dependency, so that tests can hold it still.
#ifndef PHOTINUS_COMMON_BASE_CLOCK_H_
#define PHOTINUS_COMMON_BASE_CLOCK_H_

#include <chrono>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace photinus {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // The time of day, for timestamps that people read. May jump.
  virtual absl::Time Now() const = 0;
  // Time since some fixed moment of this process, for leases and deadlines. Never jumps, never goes back.
  virtual absl::Duration Monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  absl::Duration Monotonic() const override {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_CLOCK_H_
