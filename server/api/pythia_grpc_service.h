// vizier.PythiaService over gRPC.
#ifndef PHOTINUS_SERVER_API_PYTHIA_GRPC_SERVICE_H_
#define PHOTINUS_SERVER_API_PYTHIA_GRPC_SERVICE_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "server/pythia/served_policies.h"
#include "server/scheduling/thread_pool.h"
#include "vizier/pythia_service.grpc.pb.h"

namespace photinus {

class PythiaGrpcService final : public vizier::PythiaService::CallbackService {
 public:
  // Both are borrowed. Calls wait and compute on `pool`.
  PythiaGrpcService(ThreadPool& pool, const ServedPolicies& policies) : pool_(pool), policies_(policies) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* Suggest(Context* context, const vizier::SuggestRequest* request, vizier::SuggestDecision* response) override;
  Reactor* EarlyStop(Context* context, const vizier::EarlyStopRequest* request,
                     vizier::EarlyStopDecisions* response) override;
  Reactor* Ping(Context* context, const google::protobuf::Empty* request, google::protobuf::Empty* response) override;

  ThreadPool& pool_;
  const ServedPolicies& policies_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_PYTHIA_GRPC_SERVICE_H_
