#include "common/rpc/query_client.h"

#include <grpcpp/grpcpp.h>

#include "common/rpc/grpc_status.h"
#include "common/rpc/unary_call.h"
#include "photinus/v1/query_service.grpc.pb.h"

namespace photinus {
namespace {

using Service = v1::QueryService::Stub;

}  // namespace

struct QueryClient::Stub {
  std::shared_ptr<grpc::Channel> channel;  // outlives the stub
  std::unique_ptr<Service> service;
};

QueryClient::QueryClient(const Channel& channel)
    : stub_(new Stub{channel.grpc_channel(), v1::QueryService::NewStub(channel.grpc_channel())}) {}
QueryClient::~QueryClient() = default;
QueryClient::QueryClient(QueryClient&&) noexcept = default;
QueryClient& QueryClient::operator=(QueryClient&&) noexcept = default;

absl::StatusOr<v1::QueryTrialsResponse> QueryClient::QueryTrials(const v1::QueryTrialsRequest& request,
                                                                 const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::QueryTrials, request, options);
}

absl::StatusOr<v1::StudyStatus> QueryClient::GetStudyStatus(const v1::GetStudyStatusRequest& request,
                                                            const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::GetStudyStatus, request, options);
}

absl::StatusOr<v1::ListStudyStatusesResponse> QueryClient::ListStudyStatuses(
    const v1::ListStudyStatusesRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::ListStudyStatuses, request, options);
}

absl::Status QueryClient::WatchStudy(const v1::WatchStudyRequest& request,
                                     absl::FunctionRef<bool(const v1::WatchStudyResponse&)> on_message,
                                     const CallOptions& options) {
  grpc::ClientContext context;
  PrepareContext(options, absl::Now() + options.timeout, context);
  Cancellation::Registration registration(options.cancellation, [&context] { context.TryCancel(); });
  const auto reader = stub_->service->WatchStudy(&context, request);
  v1::WatchStudyResponse message;
  bool enough = false;
  while (!enough && reader->Read(&message)) enough = !on_message(message);
  if (enough) context.TryCancel();
  const absl::Status status = FromGrpcStatus(reader->Finish());
  return enough ? absl::OkStatus() : status;
}

absl::StatusOr<v1::StudyStatus> QueryClient::DrainStudy(const v1::DrainStudyRequest& request,
                                                        const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::DrainStudy, request, WithRequestId(options));
}

absl::StatusOr<v1::ListAttemptsResponse> QueryClient::ListAttempts(const v1::ListAttemptsRequest& request,
                                                                   const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::ListAttempts, request, options);
}

absl::StatusOr<v1::ListArtifactsResponse> QueryClient::ListArtifacts(const v1::ListArtifactsRequest& request,
                                                                     const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::ListArtifacts, request, options);
}

absl::StatusOr<v1::ListWorkersResponse> QueryClient::ListWorkers(const v1::ListWorkersRequest& request,
                                                                 const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::ListWorkers, request, options);
}

}  // namespace photinus
