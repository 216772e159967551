// vizier.VizierService over gRPC.
#ifndef PHOTINUS_SERVER_API_VIZIER_GRPC_SERVICE_H_
#define PHOTINUS_SERVER_API_VIZIER_GRPC_SERVICE_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "server/api/grpc_call.h"
#include "server/scheduling/early_stopping.h"
#include "server/scheduling/suggester.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {

class VizierGrpcService final : public vizier::VizierService::CallbackService {
 public:
  // All are borrowed.
  VizierGrpcService(CallPools pools, StudyStore& store, Suggester& suggester, EarlyStopping& early_stopping,
                    const PageTokens& tokens)
      : pools_(pools), store_(store), suggester_(suggester), early_stopping_(early_stopping), tokens_(tokens) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* CreateStudy(Context* context, const vizier::CreateStudyRequest* request, vizier::Study* response) override;
  Reactor* GetStudy(Context* context, const vizier::GetStudyRequest* request, vizier::Study* response) override;
  Reactor* ListStudies(Context* context, const vizier::ListStudiesRequest* request,
                       vizier::ListStudiesResponse* response) override;
  Reactor* DeleteStudy(Context* context, const vizier::DeleteStudyRequest* request,
                       google::protobuf::Empty* response) override;
  Reactor* SetStudyState(Context* context, const vizier::SetStudyStateRequest* request,
                         vizier::Study* response) override;
  Reactor* SuggestTrials(Context* context, const vizier::SuggestTrialsRequest* request,
                         google::longrunning::Operation* response) override;
  Reactor* GetOperation(Context* context, const google::longrunning::GetOperationRequest* request,
                        google::longrunning::Operation* response) override;
  Reactor* CreateTrial(Context* context, const vizier::CreateTrialRequest* request, vizier::Trial* response) override;
  Reactor* GetTrial(Context* context, const vizier::GetTrialRequest* request, vizier::Trial* response) override;
  Reactor* ListTrials(Context* context, const vizier::ListTrialsRequest* request,
                      vizier::ListTrialsResponse* response) override;
  Reactor* AddTrialMeasurement(Context* context, const vizier::AddTrialMeasurementRequest* request,
                               vizier::Trial* response) override;
  Reactor* CompleteTrial(Context* context, const vizier::CompleteTrialRequest* request,
                         vizier::Trial* response) override;
  Reactor* DeleteTrial(Context* context, const vizier::DeleteTrialRequest* request,
                       google::protobuf::Empty* response) override;
  Reactor* CheckTrialEarlyStoppingState(Context* context, const vizier::CheckTrialEarlyStoppingStateRequest* request,
                                        vizier::CheckTrialEarlyStoppingStateResponse* response) override;
  Reactor* StopTrial(Context* context, const vizier::StopTrialRequest* request, vizier::Trial* response) override;
  Reactor* ListOptimalTrials(Context* context, const vizier::ListOptimalTrialsRequest* request,
                             vizier::ListOptimalTrialsResponse* response) override;
  Reactor* UpdateMetadata(Context* context, const vizier::UpdateMetadataRequest* request,
                          vizier::UpdateMetadataResponse* response) override;

  const CallPools pools_;
  StudyStore& store_;
  Suggester& suggester_;
  EarlyStopping& early_stopping_;
  const PageTokens& tokens_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_VIZIER_GRPC_SERVICE_H_
