#include "server/study/erasure.h"

#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr int64_t kRowsAtOnce = 1000;

}  // namespace

absl::Status EraseDeleted(Storage& storage, const std::function<bool()>& stopped) {
  bool more = false;
  RETURN_IF_ERROR(storage.Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(more, snapshot.HasDeleted());
    return absl::OkStatus();
  }));
  while (more && !stopped()) {
    RETURN_IF_ERROR(storage.Transact([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(more, transaction.EraseDeleted(kRowsAtOnce));
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

}  // namespace photinus
