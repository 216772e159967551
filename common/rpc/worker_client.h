// photinus.v1.WorkerService, called: leases for worker daemons, artifacts for everyone.
#ifndef PHOTINUS_COMMON_RPC_WORKER_CLIENT_H_
#define PHOTINUS_COMMON_RPC_WORKER_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call_options.h"
#include "common/rpc/channel.h"
#include "photinus/v1/worker_service.pb.h"

namespace photinus {

// As VizierClient: methods block, repeat while Unavailable, and are thread-safe.
class WorkerClient {
 public:
  explicit WorkerClient(const Channel& channel);
  ~WorkerClient();
  WorkerClient(WorkerClient&&) noexcept;
  WorkerClient& operator=(WorkerClient&&) noexcept;

  absl::StatusOr<v1::PullTrialResponse> PullTrial(const v1::PullTrialRequest& request, const CallOptions& options = {});
  absl::StatusOr<v1::HeartbeatResponse> Heartbeat(const v1::HeartbeatRequest& request, const CallOptions& options = {});
  absl::Status Release(const v1::ReleaseRequest& request, const CallOptions& options = {});

  // Stores the file at `path` as artifact `name` of `trial`. Also NotFound (no such file), InvalidArgument (not a
  // regular file) and ResourceExhausted (over 64 MiB). The trial's lease token is options.lease_token.
  absl::Status PutArtifact(const std::string& trial, const std::string& name, const std::string& path,
                           const CallOptions& options = {});

  struct Fetched {
    int64_t size = 0;
    std::string sha256;
  };
  // Writes the artifact to `path`, replacing a file there only once everything has come and the checksum fits.
  // DataLoss: size or checksum differ.
  absl::StatusOr<Fetched> GetArtifact(const std::string& trial, const std::string& name, const std::string& path,
                                      const CallOptions& options = {});

 private:
  struct Stub;  // keeps gRPC out of this header
  std::unique_ptr<Stub> stub_;
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_WORKER_CLIENT_H_
