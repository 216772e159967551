// Where a server is: what --server takes.
#ifndef PHOTINUS_COMMON_RPC_SERVER_ADDRESS_H_
#define PHOTINUS_COMMON_RPC_SERVER_ADDRESS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace photinus {

// "host:port", "dns:///host:port" (all addresses of the host, used in turn) or "unix:/path".
struct ServerAddress {
  std::string target;        // as gRPC takes it
  bool is_local = false;     // a loopback address, "localhost" or a unix socket: the server is on this machine
  bool is_balanced = false;  // dns:///

  // InvalidArgument, with the accepted forms in the message. Looks nothing up.
  static absl::StatusOr<ServerAddress> Parse(std::string_view text);
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_SERVER_ADDRESS_H_
