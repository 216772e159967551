// photinus.v1.AdminService, called.
#ifndef PHOTINUS_COMMON_RPC_ADMIN_CLIENT_H_
#define PHOTINUS_COMMON_RPC_ADMIN_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/rpc/call_options.h"
#include "common/rpc/channel.h"

namespace photinus {

// Thread-safe.
class AdminClient {
 public:
  explicit AdminClient(const Channel& channel);
  ~AdminClient();
  AdminClient(AdminClient&&) noexcept;
  AdminClient& operator=(AdminClient&&) noexcept;

  // Writes a copy of the server's database to `path`, replacing a file there only once everything has come and the
  // checksum fits. Calls `on_progress` with the bytes that have come and those of the whole. Never repeated;
  // options.timeout is of the whole: absl::InfiniteDuration() is allowed. DataLoss: size or checksum differ.
  absl::Status Backup(const std::string& path, absl::FunctionRef<void(int64_t done, int64_t total)> on_progress,
                      const CallOptions& options = {});

 private:
  struct Stub;  // keeps gRPC out of this header
  std::unique_ptr<Stub> stub_;
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_ADMIN_CLIENT_H_
