// The time by which processes judge each other's signs of life.
#ifndef PHOTINUS_SERVER_STUDY_MOMENT_H_
#define PHOTINUS_SERVER_STUDY_MOMENT_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "server/storage/storage.h"

namespace photinus {

// Where processes share the storage, its clock counts; else this process's monotonic clock, since 1970, which other
// processes before it need not have had.
struct Moment {
  absl::Time now;
  bool shared = false;
};

// Errors of the storage.
absl::StatusOr<Moment> CurrentMoment(Snapshot& snapshot, const Clock& clock);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_MOMENT_H_
