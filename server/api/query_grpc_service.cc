#include "server/api/query_grpc_service.h"

#include "server/api/analysis_handlers.h"
#include "server/api/query_handlers.h"
#include "server/api/worker_handlers.h"

namespace photinus {

grpc::ServerUnaryReactor* QueryGrpcService::QueryTrials(Context* context, const v1::QueryTrialsRequest* request,
                                                        v1::QueryTrialsResponse* response) {
  return RunUnary<v1::QueryTrialsRequest, v1::QueryTrialsResponse>(
      pools_, "QueryTrials", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleQueryTrials(store_, tokens_, r, c); });
}

grpc::ServerUnaryReactor* QueryGrpcService::GetStudyStatus(Context* context, const v1::GetStudyStatusRequest* request,
                                                           v1::StudyStatus* response) {
  return RunUnary<v1::GetStudyStatusRequest, v1::StudyStatus>(
      pools_, "GetStudyStatus", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleGetStudyStatus(store_, r, c); });
}

grpc::ServerUnaryReactor* QueryGrpcService::ListStudyStatuses(Context* context,
                                                              const v1::ListStudyStatusesRequest* request,
                                                              v1::ListStudyStatusesResponse* response) {
  return RunUnary<v1::ListStudyStatusesRequest, v1::ListStudyStatusesResponse>(
      pools_, "ListStudyStatuses", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleListStudyStatuses(store_, tokens_, r, c); });
}

grpc::ServerUnaryReactor* QueryGrpcService::DrainStudy(Context* context, const v1::DrainStudyRequest* request,
                                                       v1::StudyStatus* response) {
  return RunUnary<v1::DrainStudyRequest, v1::StudyStatus>(
      pools_, "DrainStudy", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleDrainStudy(store_, r, c); });
}

grpc::ServerUnaryReactor* QueryGrpcService::ListAttempts(Context* context, const v1::ListAttemptsRequest* request,
                                                         v1::ListAttemptsResponse* response) {
  return RunUnary<v1::ListAttemptsRequest, v1::ListAttemptsResponse>(
      pools_, "ListAttempts", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleListAttempts(store_, tokens_, r, c); });
}

grpc::ServerUnaryReactor* QueryGrpcService::ListArtifacts(Context* context, const v1::ListArtifactsRequest* request,
                                                          v1::ListArtifactsResponse* response) {
  return RunUnary<v1::ListArtifactsRequest, v1::ListArtifactsResponse>(
      pools_, "ListArtifacts", context, request, response,
      [this](const auto& r, CallContext&) { return HandleListArtifacts(store_, r); });
}

grpc::ServerUnaryReactor* QueryGrpcService::ExplainTrial(Context* context, const v1::ExplainTrialRequest* request,
                                                         v1::ExplainTrialResponse* response) {
  return RunUnary<v1::ExplainTrialRequest, v1::ExplainTrialResponse>(
      pools_, "ExplainTrial", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleExplainTrial(store_, r, c); });
}

grpc::ServerUnaryReactor* QueryGrpcService::GetStudyStops(Context* context, const v1::GetStudyStopsRequest* request,
                                                          v1::GetStudyStopsResponse* response) {
  return RunUnary<v1::GetStudyStopsRequest, v1::GetStudyStopsResponse>(
      pools_, "GetStudyStops", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleGetStudyStops(store_, tokens_, r, c); });
}

grpc::ServerUnaryReactor* QueryGrpcService::GetParameterImportance(Context* context,
                                                                   const v1::GetParameterImportanceRequest* request,
                                                                   v1::GetParameterImportanceResponse* response) {
  return RunUnary<v1::GetParameterImportanceRequest, v1::GetParameterImportanceResponse>(
      pools_, "GetParameterImportance", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleGetParameterImportance(store_, r, c); });
}

grpc::ServerUnaryReactor* QueryGrpcService::ListWorkers(Context* context, const v1::ListWorkersRequest* request,
                                                        v1::ListWorkersResponse* response) {
  return RunUnary<v1::ListWorkersRequest, v1::ListWorkersResponse>(
      pools_, "ListWorkers", context, request, response,
      [this](const auto&, CallContext&) { return HandleListWorkers(leases_, workers_); });
}

grpc::ServerWriteReactor<v1::WatchStudyResponse>* QueryGrpcService::WatchStudy(Context*,
                                                                               const v1::WatchStudyRequest* request) {
  return watches_.Open(*request);
}

grpc::ServerWriteReactor<v1::ExportStudyResponse>* QueryGrpcService::ExportStudy(
    Context*, const v1::ExportStudyRequest* request) {
  return SendStudy(pools_.calls, store_, stopping_, *request);
}

grpc::ServerReadReactor<v1::ImportStudyRequest>* QueryGrpcService::ImportStudy(Context*,
                                                                               v1::ImportStudyResponse* response) {
  return ReceiveStudy(pools_.calls, store_, stopping_, imports_, response);
}

}  // namespace photinus
