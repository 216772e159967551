#include "server/study/moment.h"

#include "common/base/status_macros.h"

namespace photinus {

absl::StatusOr<Moment> CurrentMoment(Snapshot& snapshot, const Clock& clock) {
  ASSIGN_OR_RETURN(const auto shared, snapshot.SharedTime());
  if (shared.has_value()) return Moment{*shared, true};
  return Moment{absl::UnixEpoch() + clock.Monotonic(), false};
}

}  // namespace photinus
