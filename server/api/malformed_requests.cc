#include "server/api/malformed_requests.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/rpc/grpc_status.h"
#include "server/api/grpc_call.h"

namespace photinus {
namespace {

// method: "/vizier.VizierService/GetStudy". Returns "vizier.GetStudyRequest", or "" if there is no such method.
std::string RequestTypeOf(std::string method) {
  method.erase(0, 1);
  std::replace(method.begin(), method.end(), '/', '.');
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(method);
  return descriptor == nullptr ? "" : descriptor->input_type()->full_name();
}

absl::Status Malformed(const std::string& type) {
  return FieldError("", absl::StrCat("the request is not a valid ", type,
                                     ": its bytes are damaged, nested too deep, or hold text that is not UTF-8"));
}

class Explainer final : public grpc::experimental::Interceptor {
 public:
  explicit Explainer(const char* method) : method_(method) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* call) override {
    if (call->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = call->GetSendStatus();
      // Errors of ours are never without a message.
      const bool refused = status.error_code() == grpc::StatusCode::UNIMPLEMENTED && status.error_message().empty();
      const std::string type = refused ? RequestTypeOf(method_) : "";
      if (!type.empty()) call->ModifySendStatus(ToGrpcStatus(Malformed(type)));
    }
    call->Proceed();
  }

 private:
  const char* const method_;
};

class ExplainerFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    return new Explainer(info->method());
  }
};

}  // namespace

std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> ExplainMalformedRequests() {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<ExplainerFactory>());
  return factories;
}

}  // namespace photinus
