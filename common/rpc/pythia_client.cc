#include "common/rpc/pythia_client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/rpc/grpc_status.h"
#include "vizier/pythia_service.grpc.pb.h"

namespace photinus {
namespace {

constexpr absl::Duration kWaitSlice = absl::Milliseconds(100);  // how soon a cancellation is noticed

bool IsCancelled(const PolicyCallOptions& options) { return options.cancelled != nullptr && options.cancelled(); }

absl::Status Cancelled() { return absl::CancelledError("the call was cancelled"); }

// gRPC fails a call at once while it waits before it connects anew: so the wait is here.
absl::Status Connect(const Channel& channel, const PolicyCallOptions& options) {
  const absl::Time end = absl::Now() + options.connect_timeout;
  while (true) {
    if (IsCancelled(options)) return Cancelled();
    const absl::Duration left = end - absl::Now();
    const absl::Status connected = channel.WaitUntilConnected(std::min(left, kWaitSlice));
    if (connected.ok() || left <= kWaitSlice) return connected;
  }
}

// The end of a call that is under way.
class CallEnd {
 public:
  void Set(const grpc::Status& status) {
    const MutexLock lock(mutex_);
    status_ = status;
    ended_ = true;
    changed_.NotifyOne();
  }
  // Cancels the call once `options` say so.
  grpc::Status Await(grpc::ClientContext& context, const PolicyCallOptions& options) {
    const MutexLock lock(mutex_);
    while (!ended_) {
      changed_.WaitFor(mutex_, absl::ToChronoNanoseconds(kWaitSlice));
      if (!ended_ && IsCancelled(options)) context.TryCancel();
    }
    return status_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

struct PythiaClient::Stub {
  Channel channel;
  std::unique_ptr<vizier::PythiaService::Stub> service;

  // `start(context, response, on_end)` starts the call.
  template <typename Response, typename Start>
  absl::StatusOr<Response> Call(const PolicyCallOptions& options, Start start) {
    RETURN_IF_ERROR(Connect(channel, options));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + options.timeout));
    Response response;
    CallEnd end;
    start(&context, &response, [&end](const grpc::Status& status) { end.Set(status); });
    RETURN_IF_ERROR(FromGrpcStatus(end.Await(context, options)));
    return response;
  }
};

PythiaClient::PythiaClient(const Channel& channel)
    : stub_(new Stub{channel, vizier::PythiaService::NewStub(channel.grpc_channel())}) {}
PythiaClient::~PythiaClient() = default;
PythiaClient::PythiaClient(PythiaClient&&) noexcept = default;
PythiaClient& PythiaClient::operator=(PythiaClient&&) noexcept = default;

absl::StatusOr<vizier::SuggestDecision> PythiaClient::Suggest(const vizier::SuggestRequest& request,
                                                              const PolicyCallOptions& options) {
  return stub_->Call<vizier::SuggestDecision>(options, [&](auto* context, auto* response, auto on_end) {
    stub_->service->async()->Suggest(context, &request, response, std::move(on_end));
  });
}

absl::StatusOr<vizier::EarlyStopDecisions> PythiaClient::EarlyStop(const vizier::EarlyStopRequest& request,
                                                                   const PolicyCallOptions& options) {
  return stub_->Call<vizier::EarlyStopDecisions>(options, [&](auto* context, auto* response, auto on_end) {
    stub_->service->async()->EarlyStop(context, &request, response, std::move(on_end));
  });
}

}  // namespace photinus
