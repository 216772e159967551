// photinus.v1.WorkerService over gRPC.
#ifndef PHOTINUS_SERVER_API_WORKER_GRPC_SERVICE_H_
#define PHOTINUS_SERVER_API_WORKER_GRPC_SERVICE_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstdint>

#include "photinus/v1/worker_service.grpc.pb.h"
#include "server/api/grpc_call.h"
#include "server/scheduling/lease_table.h"
#include "server/scheduling/puller.h"
#include "server/scheduling/worker_table.h"
#include "server/study/study_store.h"

namespace photinus {

class WorkerGrpcService final : public v1::WorkerService::CallbackService {
 public:
  // All are borrowed. Downloads end soon once `stopping`.
  WorkerGrpcService(CallPools pools, StudyStore& store, Puller& puller, LeaseTable& leases, WorkerTable& workers,
                    const std::atomic<bool>& stopping)
      : pools_(pools), store_(store), puller_(puller), leases_(leases), workers_(workers), stopping_(stopping) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* PullTrial(Context* context, const v1::PullTrialRequest* request, v1::PullTrialResponse* response) override;
  Reactor* Heartbeat(Context* context, const v1::HeartbeatRequest* request, v1::HeartbeatResponse* response) override;
  Reactor* Release(Context* context, const v1::ReleaseRequest* request, v1::ReleaseResponse* response) override;
  grpc::ServerReadReactor<v1::PutArtifactRequest>* PutArtifact(Context* context,
                                                               v1::PutArtifactResponse* response) override;
  grpc::ServerWriteReactor<v1::GetArtifactResponse>* GetArtifact(Context* context,
                                                                 const v1::GetArtifactRequest* request) override;

  const CallPools pools_;
  StudyStore& store_;
  Puller& puller_;
  LeaseTable& leases_;
  WorkerTable& workers_;
  const std::atomic<bool>& stopping_;
  std::atomic<int64_t> upload_bytes_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_WORKER_GRPC_SERVICE_H_
