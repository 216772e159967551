#include "common/rpc/channel.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr int kMaxReceiveBytes = 80 << 20;  // what the server sends at most: a list of 64 MiB and its frame
constexpr int kMaxSendBytes = 16 << 20;
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr int kConnectTimeoutMs = 5'000;
constexpr int kFirstReconnectMs = 200;
constexpr int kLongestReconnectMs = 3'000;

grpc::ChannelArguments ArgumentsFor(const ServerAddress& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetMaxSendMessageSize(kMaxSendBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);  // in spite of its name
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestReconnectMs);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // unary_call.h repeats, and knows what may be repeated
  if (address.is_local) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // $http_proxy is not for this machine
  if (address.is_balanced) arguments.SetLoadBalancingPolicyName("round_robin");
  return arguments;
}

}  // namespace

Channel::Channel(ServerAddress address, std::shared_ptr<grpc::Channel> channel)
    : address_(std::move(address)), channel_(std::move(channel)) {}

absl::StatusOr<Channel> Channel::Open(std::string_view text) {
  ASSIGN_OR_RETURN(ServerAddress address, ServerAddress::Parse(text));
  auto channel = grpc::CreateCustomChannel(address.target, grpc::InsecureChannelCredentials(), ArgumentsFor(address));
  return Channel(std::move(address), std::move(channel));
}

absl::Status Channel::WaitUntilConnected(absl::Duration timeout) const {
  if (channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + timeout))) return absl::OkStatus();
  return Error(absl::StatusCode::kUnavailable, "UNAVAILABLE",
               "no server answers at " + address_.target + "; is photinus-server running there?");
}

}  // namespace photinus
