#include "common/rpc/unary_call.h"

#include <algorithm>

#include "common/base/backoff.h"
#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/rpc/grpc_status.h"

namespace photinus {
namespace {

constexpr int kRequestIdBytes = 16;
constexpr absl::Duration kWaitSlice = absl::Milliseconds(100);  // how soon a cancellation is noticed

absl::Status Cancelled() { return Error(absl::StatusCode::kCancelled, "CANCELLED", "the call was cancelled"); }

bool IsCancelled(const CallOptions& options) {
  return options.cancellation != nullptr && options.cancellation->cancelled();
}

// Waits for `duration`, or until there is a connection where there was none. gRPC works on a connection only while some
// thread waits for it inside of gRPC: a thread that sleeps between two calls would find it as broken as before.
void WaitForRepeat(grpc::Channel& channel, absl::Duration duration, const CallOptions& options) {
  const absl::Time end = absl::Now() + duration;
  const bool connected = channel.GetState(/*try_to_connect=*/true) == GRPC_CHANNEL_READY;
  while (absl::Now() < end && !IsCancelled(options)) {
    const absl::Time slice_end = std::min(end, absl::Now() + kWaitSlice);
    if (connected) {
      absl::SleepFor(slice_end - absl::Now());
    } else if (channel.WaitForConnected(absl::ToChronoTime(slice_end))) {
      return;
    }
  }
}

}  // namespace

void PrepareContext(const CallOptions& options, absl::Time deadline, grpc::ClientContext& context) {
  context.set_deadline(absl::ToChronoTime(deadline));
  context.set_wait_for_ready(options.wait_for_connection);
  if (!options.lease_token.empty()) context.AddMetadata("x-lease-token", options.lease_token);
  if (options.strict_create) context.AddMetadata("x-strict-create", "1");
  if (!options.request_id.empty()) context.AddMetadata("x-request-id", options.request_id);
}

CallOptions WithRequestId(CallOptions options) {
  if (options.request_id.empty()) options.request_id = SecureHex(kRequestIdBytes);
  return options;
}

absl::Status CallWithRepeats(grpc::Channel& channel, const CallOptions& options,
                             absl::FunctionRef<grpc::Status(grpc::ClientContext&)> attempt) {
  const absl::Time deadline = absl::Now() + options.timeout;
  Backoff backoff = MakeBackoff();
  for (int attempts = 1;; ++attempts) {
    if (IsCancelled(options)) return Cancelled();
    grpc::ClientContext context;
    PrepareContext(options, deadline, context);
    absl::Status status;
    {
      Cancellation::Registration registration(options.cancellation, [&context] { context.TryCancel(); });
      status = FromGrpcStatus(attempt(context));
    }
    if (!absl::IsUnavailable(status) && !absl::IsAborted(status)) return status;
    if (options.max_attempts > 0 && attempts >= options.max_attempts) return status;
    const absl::Duration wait = std::min(backoff.Next(), deadline - absl::Now());
    if (wait <= absl::ZeroDuration()) return status;
    WaitForRepeat(channel, wait, options);
  }
}

}  // namespace photinus
