#include "server/api/vizier_grpc_service.h"

#include <utility>

#include "server/api/study_handlers.h"
#include "server/api/suggest_handlers.h"
#include "server/api/trial_handlers.h"

namespace photinus {

grpc::ServerUnaryReactor* VizierGrpcService::CreateStudy(Context* context, const vizier::CreateStudyRequest* request,
                                                         vizier::Study* response) {
  return RunUnary<vizier::CreateStudyRequest, vizier::Study>(
      pools_, "CreateStudy", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleCreateStudy(store_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::GetStudy(Context* context, const vizier::GetStudyRequest* request,
                                                      vizier::Study* response) {
  return RunUnary<vizier::GetStudyRequest, vizier::Study>(
      pools_, "GetStudy", context, request, response,
      [this](const auto& r, CallContext&) { return HandleGetStudy(store_, r); });
}

grpc::ServerUnaryReactor* VizierGrpcService::ListStudies(Context* context, const vizier::ListStudiesRequest* request,
                                                         vizier::ListStudiesResponse* response) {
  return RunUnary<vizier::ListStudiesRequest, vizier::ListStudiesResponse>(
      pools_, "ListStudies", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleListStudies(store_, tokens_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::DeleteStudy(Context* context, const vizier::DeleteStudyRequest* request,
                                                         google::protobuf::Empty* response) {
  return RunUnary<vizier::DeleteStudyRequest, google::protobuf::Empty>(
      pools_, "DeleteStudy", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleDeleteStudy(store_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::SetStudyState(Context* context,
                                                           const vizier::SetStudyStateRequest* request,
                                                           vizier::Study* response) {
  return RunUnary<vizier::SetStudyStateRequest, vizier::Study>(
      pools_, "SetStudyState", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleSetStudyState(store_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::GetOperation(Context* context,
                                                          const google::longrunning::GetOperationRequest* request,
                                                          google::longrunning::Operation* response) {
  return RunUnary<google::longrunning::GetOperationRequest, google::longrunning::Operation>(
      pools_, "GetOperation", context, request, response,
      [this](const auto& r, CallContext&) { return HandleGetOperation(store_, suggester_, r); });
}

grpc::ServerUnaryReactor* VizierGrpcService::CreateTrial(Context* context, const vizier::CreateTrialRequest* request,
                                                         vizier::Trial* response) {
  return RunUnary<vizier::CreateTrialRequest, vizier::Trial>(
      pools_, "CreateTrial", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleCreateTrial(store_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::GetTrial(Context* context, const vizier::GetTrialRequest* request,
                                                      vizier::Trial* response) {
  return RunUnary<vizier::GetTrialRequest, vizier::Trial>(
      pools_, "GetTrial", context, request, response,
      [this](const auto& r, CallContext&) { return HandleGetTrial(store_, r); });
}

grpc::ServerUnaryReactor* VizierGrpcService::ListTrials(Context* context, const vizier::ListTrialsRequest* request,
                                                        vizier::ListTrialsResponse* response) {
  return RunUnary<vizier::ListTrialsRequest, vizier::ListTrialsResponse>(
      pools_, "ListTrials", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleListTrials(store_, tokens_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::AddTrialMeasurement(Context* context,
                                                                 const vizier::AddTrialMeasurementRequest* request,
                                                                 vizier::Trial* response) {
  return RunUnary<vizier::AddTrialMeasurementRequest, vizier::Trial>(
      pools_, "AddTrialMeasurement", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleAddTrialMeasurement(store_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::CompleteTrial(Context* context,
                                                           const vizier::CompleteTrialRequest* request,
                                                           vizier::Trial* response) {
  return RunUnary<vizier::CompleteTrialRequest, vizier::Trial>(
      pools_, "CompleteTrial", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleCompleteTrial(store_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::DeleteTrial(Context* context, const vizier::DeleteTrialRequest* request,
                                                         google::protobuf::Empty* response) {
  return RunUnary<vizier::DeleteTrialRequest, google::protobuf::Empty>(
      pools_, "DeleteTrial", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleDeleteTrial(store_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::CheckTrialEarlyStoppingState(
    Context* context, const vizier::CheckTrialEarlyStoppingStateRequest* request,
    vizier::CheckTrialEarlyStoppingStateResponse* response) {
  return RunUnary<vizier::CheckTrialEarlyStoppingStateRequest, vizier::CheckTrialEarlyStoppingStateResponse>(
      pools_, "CheckTrialEarlyStoppingState", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleCheckTrialEarlyStoppingState(early_stopping_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::StopTrial(Context* context, const vizier::StopTrialRequest* request,
                                                       vizier::Trial* response) {
  return RunUnary<vizier::StopTrialRequest, vizier::Trial>(
      pools_, "StopTrial", context, request, response,
      [this](const auto& r, CallContext&) { return HandleStopTrial(store_, r); });
}

grpc::ServerUnaryReactor* VizierGrpcService::ListOptimalTrials(Context* context,
                                                               const vizier::ListOptimalTrialsRequest* request,
                                                               vizier::ListOptimalTrialsResponse* response) {
  return RunUnary<vizier::ListOptimalTrialsRequest, vizier::ListOptimalTrialsResponse>(
      pools_, "ListOptimalTrials", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleListOptimalTrials(store_, tokens_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::UpdateMetadata(Context* context,
                                                            const vizier::UpdateMetadataRequest* request,
                                                            vizier::UpdateMetadataResponse* response) {
  return RunUnary<vizier::UpdateMetadataRequest, vizier::UpdateMetadataResponse>(
      pools_, "UpdateMetadata", context, request, response,
      [this](const auto& r, CallContext& c) { return HandleUpdateMetadata(store_, r, c); });
}

grpc::ServerUnaryReactor* VizierGrpcService::SuggestTrials(Context* context,
                                                           const vizier::SuggestTrialsRequest* request,
                                                           google::longrunning::Operation* response) {
  return RunUnaryAsync<vizier::SuggestTrialsRequest, google::longrunning::Operation>(
      pools_, "SuggestTrials", context, request, response, [this](const auto& r, const CallContext& c, auto done) {
        HandleSuggestTrials(suggester_, r, c, std::move(done));
      });
}

}  // namespace photinus
