// photinus.v1.QueryService over gRPC.
#ifndef PHOTINUS_SERVER_API_QUERY_GRPC_SERVICE_H_
#define PHOTINUS_SERVER_API_QUERY_GRPC_SERVICE_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>

#include "photinus/v1/query_service.grpc.pb.h"
#include "server/api/grpc_call.h"
#include "server/api/study_streams.h"
#include "server/api/watch_stream.h"
#include "server/scheduling/lease_table.h"
#include "server/scheduling/worker_table.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"

namespace photinus {

class QueryGrpcService final : public v1::QueryService::CallbackService {
 public:
  // All are borrowed. Exports and imports end soon once `stopping`.
  QueryGrpcService(CallPools pools, StudyStore& store, LeaseTable& leases, WorkerTable& workers, Watches& watches,
                   const PageTokens& tokens, const std::atomic<bool>& stopping)
      : pools_(pools),
        store_(store),
        leases_(leases),
        workers_(workers),
        watches_(watches),
        tokens_(tokens),
        stopping_(stopping) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* QueryTrials(Context* context, const v1::QueryTrialsRequest* request,
                       v1::QueryTrialsResponse* response) override;
  Reactor* GetStudyStatus(Context* context, const v1::GetStudyStatusRequest* request,
                          v1::StudyStatus* response) override;
  Reactor* ListStudyStatuses(Context* context, const v1::ListStudyStatusesRequest* request,
                             v1::ListStudyStatusesResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchStudyResponse>* WatchStudy(Context* context,
                                                               const v1::WatchStudyRequest* request) override;
  Reactor* DrainStudy(Context* context, const v1::DrainStudyRequest* request, v1::StudyStatus* response) override;
  Reactor* ListAttempts(Context* context, const v1::ListAttemptsRequest* request,
                        v1::ListAttemptsResponse* response) override;
  Reactor* ListArtifacts(Context* context, const v1::ListArtifactsRequest* request,
                         v1::ListArtifactsResponse* response) override;
  Reactor* ExplainTrial(Context* context, const v1::ExplainTrialRequest* request,
                        v1::ExplainTrialResponse* response) override;
  Reactor* GetStudyStops(Context* context, const v1::GetStudyStopsRequest* request,
                         v1::GetStudyStopsResponse* response) override;
  Reactor* GetParameterImportance(Context* context, const v1::GetParameterImportanceRequest* request,
                                  v1::GetParameterImportanceResponse* response) override;
  Reactor* ListWorkers(Context* context, const v1::ListWorkersRequest* request,
                       v1::ListWorkersResponse* response) override;
  grpc::ServerWriteReactor<v1::ExportStudyResponse>* ExportStudy(Context* context,
                                                                 const v1::ExportStudyRequest* request) override;
  grpc::ServerReadReactor<v1::ImportStudyRequest>* ImportStudy(Context* context,
                                                               v1::ImportStudyResponse* response) override;

  const CallPools pools_;
  StudyStore& store_;
  LeaseTable& leases_;
  WorkerTable& workers_;
  Watches& watches_;
  const PageTokens& tokens_;
  const std::atomic<bool>& stopping_;
  std::atomic<int> imports_ = 0;  // in progress
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_QUERY_GRPC_SERVICE_H_
