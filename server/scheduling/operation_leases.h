// Who computes an unfinished operation, and when another process may: service.md C8.
#ifndef PHOTINUS_SERVER_SCHEDULING_OPERATION_LEASES_H_
#define PHOTINUS_SERVER_SCHEDULING_OPERATION_LEASES_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "server/storage/storage.h"
#include "server/study/moment.h"
#include "server/study/study_store.h"

namespace photinus {

// How long a process that was lost keeps others from its operations.
inline constexpr absl::Duration kComputeLease = absl::Seconds(30);

// The leases of one process. Where others share the storage, its clock counts; else this process's monotonic clock, and
// every other holder is a process that is gone. A lease only tells others not to bother: of two that compute an
// operation, the first to commit counts. Thread-safe.
class OperationLeases {
 public:
  explicit OperationLeases(StudyStore& store);

  // Makes this process the holder for kComputeLease from now, in the row only.
  absl::Status Grant(Snapshot& snapshot, OperationRow& operation) const;
  // The lease of an operation that was granted to this process and written; it is renewed as long as the object lives.
  std::shared_ptr<void> Keep(const OperationRow& operation);
  // Renews what will expire soon. To be called every second or so. The error is the last one; what failed is tried
  // again.
  absl::Status Renew();
  // Lets others have it at once.
  absl::Status GiveUp(const OperationRow& operation);

  // Those that are unfinished and that nobody computes any more.
  absl::StatusOr<std::vector<OperationRow>> Abandoned(Snapshot& snapshot, std::vector<OperationRow> operations) const;
  // Makes this process the holder of an abandoned operation; nullopt where somebody else was first. NotFound: its study
  // was deleted.
  absl::StatusOr<std::optional<OperationRow>> TakeOver(const OperationRow& operation);

 private:
  struct Kept {
    OperationRow operation;
    absl::Duration granted;  // on the monotonic clock
  };
  bool IsAbandoned(const Moment& moment, const OperationRow& operation) const;
  // The kept ones whose lease is to be renewed.
  std::vector<std::shared_ptr<Kept>> Due();

  StudyStore& store_;
  const std::string holder_;

  Mutex mutex_;
  std::vector<std::weak_ptr<Kept>> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_OPERATION_LEASES_H_
