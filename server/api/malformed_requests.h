// Requests whose bytes are no message of the method's type.
#ifndef PHOTINUS_SERVER_API_MALFORMED_REQUESTS_H_
#define PHOTINUS_SERVER_API_MALFORMED_REQUESTS_H_

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <vector>

namespace photinus {

// gRPC refuses such a request before any handler sees it, as UNIMPLEMENTED and without a word. With this it is
// InvalidArgument, as every other mistake of the caller's. For grpc::ServerBuilder.
std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> ExplainMalformedRequests();

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_MALFORMED_REQUESTS_H_
