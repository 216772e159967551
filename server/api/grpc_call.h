// The one wrapper around every unary RPC: runs the handler on a pool, logs, times, and maps Status.
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
#include "common/rpc/grpc_status.h"
#include "server/api/call_context.h"
#include "server/scheduling/thread_pool.h"

namespace photinus {

// Where calls run. A handler that finds that it has to read a whole study goes on in `long_reads`, so that however many
// of them wait, all other calls go on; its threads are kMaxLongReads.
struct CallPools {
  ThreadPool& calls;
  ThreadPool& long_reads;
};

inline absl::Status TooBusy() { return absl::UnavailableError("the server is too busy or shutting down; try again"); }

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
  bool over() const { return *over_; }  // nobody waits any more

  // Exactly once.
  void Reply(absl::StatusOr<Response> result, const CallContext& context) {
    if (over_->exchange(true)) result = WhyNobodyWaits();
    for (const auto& [key, value] : context.trailing) context_.AddTrailingMetadata(key, value);
    const absl::Status status = result.status();
    if (status.ok()) response_ = *std::move(result);
    LogCall(method_, absl::Now() - begin_, status);
    Finish(ToGrpcStatus(status));
  }

 private:
  absl::Status WhyNobodyWaits() const {
    const bool late = context_.deadline() <= std::chrono::system_clock::now();
    return late ? absl::DeadlineExceededError("the call's deadline passed")
                : absl::CancelledError("the client went away");
  }
  void OnCancel() override { *over_ = true; }
  void OnDone() override { delete this; }

  const char* const method_;
  grpc::CallbackServerContext& context_;
  Response& response_;
  const absl::Time begin_;
  // Shared with those who may look at it after the call is gone.
  const std::shared_ptr<std::atomic<bool>> over_ = std::make_shared<std::atomic<bool>>(false);
};

template <typename Request, typename Response>
using Handler = std::function<absl::StatusOr<Response>(const Request&, CallContext&)>;

// On `pool`. `again`: as a long read, which it said it needs, or where it wants to wait for somebody else.
template <typename Request, typename Response>
void RunHandler(CallPools pools, ThreadPool& pool, UnaryCall<Response>* call, const Request* request,
                Handler<Request, Response> handler, bool again) {
  const bool accepted = pool.Submit([=, &pool, handler = handler] {
    if (call->over()) return call->Reply(absl::CancelledError(), {});
    if (pool.ending()) return call->Reply(TooBusy(), {});
    CallContext context = call->MakeContext();
    context.may_read_long = context.called_again = again;
    auto result = handler(*request, context);
    ThreadPool* next = IsLongReadNeeded(result.status()) ? &pools.long_reads : context.continue_on;
    if (!again && next != nullptr) return RunHandler(pools, *next, call, request, handler, true);
    call->Reply(std::move(result), context);
  });
  if (!accepted) call->Reply(TooBusy(), {});
}

// Runs `handler(request, context)`. Unavailable where the queue is full; what nobody waits for any more is not run.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* RunUnary(CallPools pools, const char* method, grpc::CallbackServerContext* context,
                                   const Request* request, Response* response, Handler<Request, Response> handler) {
  auto* call = new UnaryCall<Response>(method, context, response);
  RunHandler(pools, pools.calls, call, request, std::move(handler), /*again=*/false);
  return call;
}

// As RunUnary for handlers that answer later: `handler(request, context, done)` calls done once.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* RunUnaryAsync(
    CallPools pools, const char* method, grpc::CallbackServerContext* context, const Request* request,
    Response* response,
    std::function<void(const Request&, const CallContext&, std::function<void(absl::StatusOr<Response>)>)> handler) {
  auto* call = new UnaryCall<Response>(method, context, response);
  const bool accepted = pools.calls.Submit([call, request, handler = std::move(handler)] {
    if (call->over()) return call->Reply(absl::CancelledError(), {});
    handler(*request, call->MakeContext(),
            [call](absl::StatusOr<Response> result) { call->Reply(std::move(result), {}); });
  });
  if (!accepted) call->Reply(TooBusy(), {});
  return call;
}

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_GRPC_CALL_H_
