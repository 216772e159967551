// How long to wait before a repetition.
#ifndef PHOTINUS_COMMON_BASE_BACKOFF_H_
#define PHOTINUS_COMMON_BASE_BACKOFF_H_

#include "absl/time/time.h"
#include "common/base/random.h"

namespace photinus {

inline constexpr absl::Duration kFirstBackoff = absl::Milliseconds(200);
inline constexpr absl::Duration kLongestBackoff = absl::Seconds(5);

// Doubles from `first` to `most`; each wait is drawn from [1/2, 1] of that, so that many clients that lost one server
// do not come back at once. Not thread-safe.
class Backoff {
 public:
  explicit Backoff(uint64_t seed, absl::Duration first = kFirstBackoff, absl::Duration most = kLongestBackoff);
  absl::Duration Next();
  // Begins anew with `first`.
  void Reset() { limit_ = first_; }

 private:
  const absl::Duration first_;
  const absl::Duration most_;
  Random random_;
  absl::Duration limit_;
};

// The same, seeded by the operating system.
Backoff MakeBackoff(absl::Duration first = kFirstBackoff, absl::Duration most = kLongestBackoff);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_BACKOFF_H_
