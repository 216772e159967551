#include "common/rpc/unary_call.h"

#include <algorithm>

#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/rpc/backoff.h"
#include "common/rpc/grpc_status.h"

namespace photinus {
namespace {

constexpr int kRequestIdBytes = 16;

absl::Status Cancelled() { return Error(absl::StatusCode::kCancelled, "CANCELLED", "the call was cancelled"); }

}  // namespace

void PrepareContext(const CallOptions& options, absl::Time deadline, const std::string& request_id,
                    grpc::ClientContext& context) {
  context.set_deadline(absl::ToChronoTime(deadline));
  if (!options.lease_token.empty()) context.AddMetadata("x-lease-token", options.lease_token);
  if (!options.incarnation.empty()) context.AddMetadata("x-worker-incarnation", options.incarnation);
  if (!request_id.empty()) context.AddMetadata("x-request-id", request_id);
}

absl::Status CallWithRepeats(const CallOptions& options, Repeat repeat,
                             absl::FunctionRef<grpc::Status(grpc::ClientContext&)> attempt) {
  const absl::Time deadline = absl::Now() + options.timeout;
  const std::string request_id = SecureHex(kRequestIdBytes);  // the same in each repetition
  Backoff backoff = MakeBackoff();
  for (int attempts = 1;; ++attempts) {
    if (options.cancellation != nullptr && options.cancellation->cancelled()) return Cancelled();
    grpc::ClientContext context;
    PrepareContext(options, deadline, request_id, context);
    absl::Status status;
    {
      Cancellation::Registration registration(options.cancellation, [&context] { context.TryCancel(); });
      status = FromGrpcStatus(attempt(context));
    }
    if (status.code() != absl::StatusCode::kUnavailable || repeat == Repeat::kUnsafe) return status;
    if (options.max_attempts > 0 && attempts >= options.max_attempts) return status;
    const absl::Duration wait = std::min(backoff.Next(), deadline - absl::Now());
    if (wait <= absl::ZeroDuration()) return status;
    if (options.cancellation == nullptr) {
      absl::SleepFor(wait);
    } else if (options.cancellation->WaitFor(wait)) {
      return Cancelled();
    }
  }
}

}  // namespace photinus
