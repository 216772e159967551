// The gRPC server: address, limits, health and reflection around the services.
#ifndef PHOTINUS_SERVER_API_GRPC_SERVER_H_
#define PHOTINUS_SERVER_API_GRPC_SERVER_H_

#include <grpcpp/impl/service_type.h>
#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace photinus {

// Whether a server could listen there now. Errors as GrpcServer::Start.
absl::Status CheckListenAddress(const std::string& address);

class GrpcServer {
 public:
  // Serves on "HOST:PORT", unencrypted; port 0 takes a free one. The services are borrowed. InvalidArgument: no such
  // address. Unavailable: the port is busy.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const std::string& address,
                                                           const std::vector<grpc::Service*>& services);
  ~GrpcServer();

  // HOST:PORT with the port in use.
  const std::string& address() const { return address_; }

  // What health checkers are told; at first, that it serves.
  void SetServing(bool serving);

  // Tells health checkers and refuses new calls, lets running ones finish within `grace`, and cancels the rest.
  void Shutdown(absl::Duration grace);

 private:
  GrpcServer() = default;

  std::string address_;

  Mutex mutex_;
  std::unique_ptr<grpc::Server> server_ ABSL_GUARDED_BY(mutex_);  // null once it was shut down
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_GRPC_SERVER_H_
