// One call with deadline, headers, cancellation and repetition. Used by the clients of this room only.
#ifndef PHOTINUS_COMMON_RPC_UNARY_CALL_H_
#define PHOTINUS_COMMON_RPC_UNARY_CALL_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call_options.h"

namespace photinus {

// Sets deadline and headers.
void PrepareContext(const CallOptions& options, absl::Time deadline, grpc::ClientContext& context);

// The options of a call that the server knows again only by a request id: with one, unless they have one.
CallOptions WithRequestId(CallOptions options);

// Runs `attempt` with a prepared context until it is neither Unavailable nor Aborted, or the attempts or the timeout
// are used up: the server answers a repetition as it answered the first time (service.md C2). Waits in between, but not
// longer than it takes to connect anew.
// Errors: the server's (grpc_status.h); Cancelled; DeadlineExceeded.
absl::Status CallWithRepeats(grpc::Channel& channel, const CallOptions& options,
                             absl::FunctionRef<grpc::Status(grpc::ClientContext&)> attempt);

// stub.Method(context, request, response) as a StatusOr.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> UnaryCall(grpc::Channel& channel, Stub& stub,
                                   grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                   const Request& request, const CallOptions& options) {
  Response response;
  const absl::Status status = CallWithRepeats(channel, options, [&](grpc::ClientContext& context) {
    response.Clear();
    return (stub.*method)(&context, request, &response);
  });
  if (!status.ok()) return status;
  return response;
}

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_UNARY_CALL_H_
