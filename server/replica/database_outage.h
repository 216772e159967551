// What the log says of a database that is away.
#ifndef PHOTINUS_SERVER_REPLICA_DATABASE_OUTAGE_H_
#define PHOTINUS_SERVER_REPLICA_DATABASE_OUTAGE_H_

#include <optional>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace photinus {

// Turns what many tasks meet again and again into a line at the beginning, one a minute, and one at the end.
// Thread-safe.
class DatabaseOutage {
 public:
  // The clock is borrowed.
  explicit DatabaseOutage(const Clock& clock) : clock_(clock) {}

  // It was not reached, and why.
  void Note(std::string_view reason);
  // It was reached.
  void End();

 private:
  const Clock& clock_;

  Mutex mutex_;
  // On the monotonic clock.
  std::optional<absl::Duration> begin_ ABSL_GUARDED_BY(mutex_);  // nullopt: it is not away
  absl::Duration last_line_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_REPLICA_DATABASE_OUTAGE_H_
