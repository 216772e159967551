#include "server/study/exact_history.h"

#include "absl/strings/cord.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr char kTooOld[] = "photinus/snapshot_too_old";

}  // namespace

absl::StatusOr<std::shared_ptr<const StudyHistory>> ExactHistory(StudyCache& cache, Snapshot& snapshot,
                                                                 const StudyRow& study, const ReadOptions& options) {
  ASSIGN_OR_RETURN(auto history, cache.History(snapshot, study, options));
  if (history->version() > study.version) return SnapshotTooOld();
  return history;
}

absl::Status SnapshotTooOld() {
  absl::Status status = absl::UnavailableError("the study changes faster than it is read; try again");
  status.SetPayload(kTooOld, absl::Cord());
  return status;
}

bool IsSnapshotTooOld(const absl::Status& status) { return status.GetPayload(kTooOld).has_value(); }

}  // namespace photinus
