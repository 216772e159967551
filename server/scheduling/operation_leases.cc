#include "server/scheduling/operation_leases.h"

#include <algorithm>
#include <utility>

#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "server/scheduling/operation_records.h"

namespace photinus {
namespace {

constexpr int kHolderBytes = 8;
constexpr absl::Duration kRenewEvery = absl::Seconds(10);  // two attempts may fail

}  // namespace

OperationLeases::OperationLeases(StudyStore& store) : store_(store), holder_(SecureHex(kHolderBytes)) {}

bool OperationLeases::IsAbandoned(const Moment& moment, const OperationRow& operation) const {
  if (operation.done) return false;
  if (operation.holder.empty() || (!moment.shared && operation.holder != holder_)) return true;
  const absl::Duration left = operation.lease_until - moment.now;
  return left <= absl::ZeroDuration() || left > kComputeLease;  // the latter: the database's clock was set back
}

absl::Status OperationLeases::Grant(Snapshot& snapshot, OperationRow& operation) const {
  ASSIGN_OR_RETURN(const Moment moment, CurrentMoment(snapshot, store_.clock()));
  operation.holder = holder_;
  operation.lease_until = moment.now + kComputeLease;
  return absl::OkStatus();
}

std::shared_ptr<void> OperationLeases::Keep(const OperationRow& operation) {
  auto kept = std::make_shared<Kept>(Kept{operation, store_.clock().Monotonic()});
  const MutexLock lock(mutex_);
  kept_.push_back(kept);
  return kept;
}

std::vector<std::shared_ptr<OperationLeases::Kept>> OperationLeases::Due() {
  const absl::Duration now = store_.clock().Monotonic();
  std::vector<std::shared_ptr<Kept>> due;
  const MutexLock lock(mutex_);
  kept_.erase(std::remove_if(kept_.begin(), kept_.end(), [](const auto& weak) { return weak.expired(); }), kept_.end());
  for (const auto& weak : kept_) {
    auto kept = weak.lock();
    if (kept != nullptr && now - kept->granted >= kRenewEvery) due.push_back(std::move(kept));
  }
  return due;
}

absl::Status OperationLeases::Renew() {
  absl::Status last;
  for (const auto& kept : Due()) {
    const absl::Duration now = store_.clock().Monotonic();
    const auto renewed =
        ChangeUnfinished(store_.storage(), kept->operation, [&](Transaction& transaction, auto& stored) {
          return stored.holder == holder_ ? Grant(transaction, stored) : absl::OkStatus();
        });
    if (!renewed.ok() && !absl::IsNotFound(renewed.status())) last = renewed.status();
    const MutexLock lock(mutex_);
    if (renewed.ok()) kept->granted = now;
  }
  return last;
}

absl::Status OperationLeases::GiveUp(const OperationRow& operation) {
  return ChangeUnfinished(store_.storage(), operation,
                          [&](Transaction&, OperationRow& stored) {
                            if (stored.holder == holder_) stored.holder.clear();
                            return absl::OkStatus();
                          })
      .status();
}

absl::StatusOr<std::vector<OperationRow>> OperationLeases::Abandoned(Snapshot& snapshot,
                                                                     std::vector<OperationRow> operations) const {
  if (operations.empty()) return operations;
  ASSIGN_OR_RETURN(const Moment moment, CurrentMoment(snapshot, store_.clock()));
  operations.erase(std::remove_if(operations.begin(), operations.end(),
                                  [&](const OperationRow& row) { return !IsAbandoned(moment, row); }),
                   operations.end());
  return operations;
}

absl::StatusOr<std::optional<OperationRow>> OperationLeases::TakeOver(const OperationRow& operation) {
  std::optional<OperationRow> taken;
  RETURN_IF_ERROR(ChangeUnfinished(store_.storage(), operation,
                                   [&](Transaction& transaction, OperationRow& stored) -> absl::Status {
                                     taken.reset();
                                     ASSIGN_OR_RETURN(const Moment moment, CurrentMoment(transaction, store_.clock()));
                                     if (!IsAbandoned(moment, stored)) return absl::OkStatus();
                                     RETURN_IF_ERROR(Grant(transaction, stored));
                                     taken = stored;
                                     return absl::OkStatus();
                                   })
                      .status());
  return taken;
}

}  // namespace photinus
