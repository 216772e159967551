// The one wrapper around every unary RPC: runs the handler on the executor, logs, times, and maps Status.
#ifndef PHOTINUS_SERVER_API_GRPC_CALL_H_
#define PHOTINUS_SERVER_API_GRPC_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/api/call_context.h"
#include "server/scheduling/thread_pool.h"

namespace photinus {

// What the client's headers and deadline say. `over` becomes true once nobody waits any more.
CallContext MakeCallContext(const grpc::CallbackServerContext& context, std::shared_ptr<const std::atomic<bool>> over);

// One line per call: at debug level, as an error where the fault is ours.
void LogCall(const char* method, absl::Duration elapsed, const absl::Status& status);

// A call in progress; deletes itself when gRPC is done with it.
template <typename Response>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  UnaryCall(const char* method, grpc::CallbackServerContext* context, Response* response)
      : method_(method), context_(*context), response_(*response), begin_(absl::Now()) {}

  CallContext MakeContext() const { return MakeCallContext(context_, over_); }

  // Exactly once.
  void Reply(absl::StatusOr<Response> result, const CallContext& context) {
    if (over_->exchange(true)) result = WhyNobodyWaits();
    for (const auto& [key, value] : context.trailing) context_.AddTrailingMetadata(key, value);
    const absl::Status status = result.status();
    if (status.ok()) response_ = *std::move(result);
    LogCall(method_, absl::Now() - begin_, status);
    FinishWith(status);
  }

 private:
  absl::Status WhyNobodyWaits() const {
    const bool late = context_.deadline() <= std::chrono::system_clock::now();
    return late ? absl::DeadlineExceededError("the call's deadline passed")
                : absl::CancelledError("the client went away");
  }
  void FinishWith(const absl::Status& status);
  void OnCancel() override { *over_ = true; }
  void OnDone() override { delete this; }

  const char* const method_;
  grpc::CallbackServerContext& context_;
  Response& response_;
  const absl::Time begin_;
  // Shared with those who may look at it after the call is gone.
  const std::shared_ptr<std::atomic<bool>> over_ = std::make_shared<std::atomic<bool>>(false);
};

// Errors as gRPC sends them.
grpc::Status MapStatus(const absl::Status& status);

template <typename Response>
void UnaryCall<Response>::FinishWith(const absl::Status& status) {
  Finish(MapStatus(status));
}

// Runs `handler(request, context)` on the executor. Unavailable where its queue is full.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* RunUnary(ThreadPool& executor, const char* method, grpc::CallbackServerContext* context,
                                   const Request* request, Response* response,
                                   std::function<absl::StatusOr<Response>(const Request&, CallContext&)> handler) {
  auto* call = new UnaryCall<Response>(method, context, response);
  const bool accepted = executor.Submit([call, request, handler = std::move(handler)] {
    CallContext call_context = call->MakeContext();
    auto result = handler(*request, call_context);
    call->Reply(std::move(result), call_context);
  });
  if (!accepted) call->Reply(absl::UnavailableError("the server is too busy or shutting down; try again"), {});
  return call;
}

// As RunUnary for handlers that answer later: `handler(request, context, done)` calls done once.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* RunUnaryAsync(
    ThreadPool& executor, const char* method, grpc::CallbackServerContext* context, const Request* request,
    Response* response,
    std::function<void(const Request&, const CallContext&, std::function<void(absl::StatusOr<Response>)>)> handler) {
  auto* call = new UnaryCall<Response>(method, context, response);
  const bool accepted = executor.Submit([call, request, handler = std::move(handler)] {
    handler(*request, call->MakeContext(),
            [call](absl::StatusOr<Response> result) { call->Reply(std::move(result), {}); });
  });
  if (!accepted) call->Reply(absl::UnavailableError("the server is too busy or shutting down; try again"), {});
  return call;
}

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_GRPC_CALL_H_
