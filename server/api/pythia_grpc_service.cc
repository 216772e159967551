#include "server/api/pythia_grpc_service.h"

#include "server/api/grpc_call.h"

namespace photinus {

grpc::ServerUnaryReactor* PythiaGrpcService::Suggest(Context* context, const vizier::SuggestRequest* request,
                                                     vizier::SuggestDecision* response) {
  return RunUnary<vizier::SuggestRequest, vizier::SuggestDecision>(
      {pool_, pool_}, "Suggest", context, request, response,
      [this](const auto& r, CallContext& c) { return policies_.Suggest(r, c.cancelled); });
}

grpc::ServerUnaryReactor* PythiaGrpcService::EarlyStop(Context* context, const vizier::EarlyStopRequest* request,
                                                       vizier::EarlyStopDecisions* response) {
  return RunUnary<vizier::EarlyStopRequest, vizier::EarlyStopDecisions>(
      {pool_, pool_}, "EarlyStop", context, request, response,
      [this](const auto& r, CallContext& c) { return policies_.EarlyStop(r, c.cancelled); });
}

grpc::ServerUnaryReactor* PythiaGrpcService::Ping(Context* context, const google::protobuf::Empty*,
                                                  google::protobuf::Empty*) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace photinus
