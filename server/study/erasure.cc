#include "server/study/erasure.h"

#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr int64_t kRowsAtOnce = 1000;

}  // namespace

absl::Status EraseDeletedStudies(Storage& storage, const std::function<bool()>& stopped) {
  bool more = false;
  RETURN_IF_ERROR(storage.Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(more, snapshot.HasDeletedStudies());
    return absl::OkStatus();
  }));
  while (more && !stopped()) {
    RETURN_IF_ERROR(storage.Transact([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(more, transaction.EraseDeletedStudies(kRowsAtOnce));
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

}  // namespace photinus
