#include "server/api/worker_grpc_service.h"

#include <utility>

#include "server/api/artifact_streams.h"
#include "server/api/worker_handlers.h"

namespace photinus {

grpc::ServerUnaryReactor* WorkerGrpcService::PullTrial(Context* context, const v1::PullTrialRequest* request,
                                                       v1::PullTrialResponse* response) {
  return RunUnaryAsync<v1::PullTrialRequest, v1::PullTrialResponse>(
      pools_, "PullTrial", context, request, response, [this](const auto& r, const CallContext& c, auto done) {
        HandlePullTrial(puller_, leases_, workers_, r, c, std::move(done));
      });
}

grpc::ServerUnaryReactor* WorkerGrpcService::Heartbeat(Context* context, const v1::HeartbeatRequest* request,
                                                       v1::HeartbeatResponse* response) {
  return RunUnary<v1::HeartbeatRequest, v1::HeartbeatResponse>(
      pools_, "Heartbeat", context, request, response,
      [this](const auto& r, CallContext&) { return HandleHeartbeat(leases_, workers_, r); });
}

grpc::ServerUnaryReactor* WorkerGrpcService::Release(Context* context, const v1::ReleaseRequest* request,
                                                     v1::ReleaseResponse* response) {
  return RunUnary<v1::ReleaseRequest, v1::ReleaseResponse>(
      pools_, "Release", context, request, response,
      [this](const auto& r, CallContext&) { return HandleRelease(store_, r); });
}

grpc::ServerReadReactor<v1::PutArtifactRequest>* WorkerGrpcService::PutArtifact(Context*,
                                                                                v1::PutArtifactResponse* response) {
  return ReceiveArtifact(pools_.calls, store_, upload_bytes_, response);
}

grpc::ServerWriteReactor<v1::GetArtifactResponse>* WorkerGrpcService::GetArtifact(
    Context*, const v1::GetArtifactRequest* request) {
  return SendArtifact(pools_.calls, store_, stopping_, request);
}

}  // namespace photinus
