#include "worker/agent/server_calls.h"

#include "common/base/backoff.h"
#include "common/base/errors.h"

namespace photinus {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(30);
constexpr int kMaxFaults = 5;
// Other reasons of RESOURCE_EXHAUSTED are limits that stay (docs/errors.md). gRPC's own, which has this one too, does
// not occur: no request of ours comes near 16 MiB.
constexpr char kDiskFullReason[] = "RESOURCE_EXHAUSTED";
constexpr char kSupersededReason[] = "WORKER_SUPERSEDED";

bool IsServerFault(const absl::Status& status) {
  return absl::IsInternal(status) || absl::IsUnknown(status) || absl::IsDataLoss(status);
}

}  // namespace

CallOptions TrialCall(const std::string& lease_token, Cancellation& cancellation) {
  CallOptions options;
  options.timeout = kCallTimeout;
  options.max_attempts = 1;  // UntilAnswered repeats
  options.wait_for_connection = true;
  options.cancellation = &cancellation;
  options.lease_token = lease_token;
  return options;
}

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsAborted(status) ||
         (absl::IsResourceExhausted(status) && ErrorReason(status) == kDiskFullReason);
}

bool IsSuperseded(const absl::Status& status) { return ErrorReason(status) == kSupersededReason; }

absl::Status UntilAnswered(Cancellation& cancellation, absl::FunctionRef<absl::Status()> call) {
  Backoff backoff = MakeBackoff();
  int faults = 0;
  for (;;) {
    const absl::Status status = call();
    if (IsServerFault(status)) ++faults;
    if (!MayPass(status) && !(IsServerFault(status) && faults < kMaxFaults)) return status;
    if (cancellation.WaitFor(backoff.Next())) return absl::CancelledError(status.message());
  }
}

}  // namespace photinus
