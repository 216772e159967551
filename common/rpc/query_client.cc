#include "common/rpc/query_client.h"

#include <grpcpp/grpcpp.h>

#include "common/base/status_macros.h"
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

absl::StatusOr<v1::ExplainTrialResponse> QueryClient::ExplainTrial(const v1::ExplainTrialRequest& request,
                                                                   const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::ExplainTrial, request, options);
}

absl::StatusOr<v1::GetParameterImportanceResponse> QueryClient::GetParameterImportance(
    const v1::GetParameterImportanceRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::GetParameterImportance, request, options);
}

absl::StatusOr<v1::GetStudyStopsResponse> QueryClient::GetStudyStops(const v1::GetStudyStopsRequest& request,
                                                                     const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::GetStudyStops, request, options);
}

absl::StatusOr<v1::ListWorkersResponse> QueryClient::ListWorkers(const v1::ListWorkersRequest& request,
                                                                 const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::ListWorkers, request, options);
}

absl::Status QueryClient::ExportStudy(const v1::ExportStudyRequest& request,
                                      absl::FunctionRef<absl::Status(const v1::ExportStudyResponse&)> on_part,
                                      const CallOptions& options) {
  grpc::ClientContext context;
  PrepareContext(options, absl::Now() + options.timeout, context);
  Cancellation::Registration registration(options.cancellation, [&context] { context.TryCancel(); });
  const auto reader = stub_->service->ExportStudy(&context, request);
  v1::ExportStudyResponse part;
  absl::Status local;
  while (local.ok() && reader->Read(&part)) local = on_part(part);
  if (!local.ok()) context.TryCancel();
  const absl::Status status = FromGrpcStatus(reader->Finish());
  return local.ok() ? status : local;
}

absl::StatusOr<v1::ImportStudyResponse> QueryClient::ImportStudy(const v1::ImportStudyRequest::Header& header,
                                                                 absl::FunctionRef<absl::StatusOr<std::string>()> next,
                                                                 const CallOptions& options) {
  grpc::ClientContext context;
  PrepareContext(options, absl::Now() + options.timeout, context);
  Cancellation::Registration registration(options.cancellation, [&context] { context.TryCancel(); });
  v1::ImportStudyResponse response;
  const auto writer = stub_->service->ImportStudy(&context, &response);
  v1::ImportStudyRequest part;
  *part.mutable_header() = header;
  absl::Status local;
  // Write is false once the server has answered already.
  for (bool more = writer->Write(part); more; more = writer->Write(part)) {
    absl::StatusOr<std::string> lines = next();
    local = lines.status();
    if (!local.ok() || lines->empty()) break;
    part.set_lines(*std::move(lines));
  }
  if (!local.ok()) context.TryCancel();
  writer->WritesDone();
  const absl::Status status = FromGrpcStatus(writer->Finish());
  RETURN_IF_ERROR(local);
  RETURN_IF_ERROR(status);
  return response;
}

}  // namespace photinus
