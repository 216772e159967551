#include "tests/benchmarks/echo_server.h"

#include <cstdio>

#include "server/api/grpc_server.h"
#include "tests/benchmarks/measure.h"
#include "tests/support/study_builder.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {
namespace {

class EchoService final : public vizier::VizierService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetTrial(grpc::CallbackServerContext* context, const vizier::GetTrialRequest* request,
                                     vizier::Trial* response) override {
    *response = trial_;
    response->set_name(request->name());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  static vizier::Trial ATypicalTrial() {
    vizier::Trial trial = ASucceededTrial({{"learning_rate", 0.1}, {"filters", 32}, {"depth", 4}}, {{"accuracy", 0.9}});
    trial.set_infeasible_reason(std::string(150, 'x'));
    return trial;
  }

  const vizier::Trial trial_ = ATypicalTrial();
};

}  // namespace

int RunEchoServer() {
  EchoService service;
  const auto server = Check(GrpcServer::Start("127.0.0.1:0", {&service}));
  std::printf("listening on %s\n", server->address().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace photinus
