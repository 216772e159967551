// The connection to a server that the clients of this room share.
#ifndef PHOTINUS_COMMON_RPC_CHANNEL_H_
#define PHOTINUS_COMMON_RPC_CHANNEL_H_

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/server_address.h"

namespace grpc {
class Channel;
}

namespace photinus {

// Plaintext. Thread-safe, cheap to copy; the copies share one connection, which is made at the first call and again
// whenever it is lost (at most 5 s after the server is back).
class Channel {
 public:
  // InvalidArgument: see ServerAddress. Does not connect.
  static absl::StatusOr<Channel> Open(std::string_view address);

  // Unavailable, with the address in the message, if there is no connection after `timeout`.
  absl::Status WaitUntilConnected(absl::Duration timeout) const;

  const ServerAddress& address() const { return address_; }
  // For the clients of this room.
  const std::shared_ptr<grpc::Channel>& grpc_channel() const { return channel_; }

 private:
  Channel(ServerAddress address, std::shared_ptr<grpc::Channel> channel);

  ServerAddress address_;
  std::shared_ptr<grpc::Channel> channel_;  // shared by all stubs made from it
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_CHANNEL_H_
