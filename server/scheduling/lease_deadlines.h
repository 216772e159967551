// When leases end for want of a sign of life. Who holds them stands on disk, with the trials.
#ifndef PHOTINUS_SERVER_SCHEDULING_LEASE_DEADLINES_H_
#define PHOTINUS_SERVER_SCHEDULING_LEASE_DEADLINES_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "server/storage/storage.h"
#include "server/study/lease_token.h"

namespace photinus {

// A lease that is first seen has its full time; one that is over, or whose study is not ACTIVE, is forgotten. Neither a
// restart nor a clock that is set takes time from anybody. Thread-safe.
class LeaseDeadlines {
 public:
  virtual ~LeaseDeadlines() = default;

  // The process that holds the lease was heard of just now.
  virtual void Renew(const LeaseToken& token) = 0;

  // The leases on disk whose time is up. To be called again and again; a lease that is not taken back comes again.
  virtual absl::StatusOr<std::vector<LeaseRow>> Expired() = 0;
};

// With leases that live for `lifetime` from the last sign of life. Storage that several servers share knows for them
// all; else `clock` decides, by its monotonic time. `grace`: how much longer all live where shared time had a gap.
std::unique_ptr<LeaseDeadlines> MakeLeaseDeadlines(Storage& storage, const Clock& clock, absl::Duration lifetime,
                                                   absl::Duration grace);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_LEASE_DEADLINES_H_
