#include "server/api/grpc_server.h"

#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <netdb.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <mutex>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/api/malformed_requests.h"

namespace photinus {
namespace {

constexpr int kMaxReceiveBytes = 16 << 20;
constexpr int kMaxSendBytes = 80 << 20;  // the largest list (64 MiB) and its frame
constexpr size_t kMemoryQuota = size_t{1} << 30;
constexpr int kMaxThreads = 64;              // of gRPC's own, for what is not on our executor
constexpr int kMaxConcurrentStreams = 1024;  // stock clients share one connection between all their threads
constexpr int kMinPingIntervalMs = 10'000;
// A client's machine that went without a word, and may hold a stream open, is noticed after about so long.
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;

// gRPC's own lines repeat, in its words, what our errors say: they are for debugging.
void LogLine(gpr_log_func_args* line) { spdlog::debug("gRPC {}:{}: {}", line->file, line->line, line->message); }

// Must be set up once per process, before the first server.
void InitPlugins() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function(&LogLine);
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

absl::StatusOr<std::string> HostOf(const std::string& address) {
  const size_t colon = address.rfind(':');
  int port = -1;
  if (colon == std::string::npos || colon == 0 || !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return FieldError("listen", absl::StrCat("'", address, "' is not HOST:PORT, such as 127.0.0.1:28080"));
  }
  return address.substr(0, colon);
}

absl::Status CannotListen(const std::string& address) {
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address,
                                             ": the port is in use or the address is not of this machine; "
                                             "choose another with --listen HOST:PORT"));
}

// Bound, not listening: a client that waits for the server does not find this one.
bool CanBind(const addrinfo& address) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;  // such as for want of IPv6, where gRPC may know another way
  const int reuse = 1;      // as gRPC does: what closed connections left is no hindrance
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  const bool bound = bind(fd, address.ai_addr, address.ai_addrlen) == 0;
  close(fd);
  return bound;
}

}  // namespace

absl::Status CheckListenAddress(const std::string& address) {
  ASSIGN_OR_RETURN(std::string host, HostOf(address));
  const std::string port = address.substr(host.size() + 1);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": the name '", host,
                                               "' does not resolve (", gai_strerror(error),
                                               "); choose another with --listen HOST:PORT"));
  }
  bool bound = false;  // one is enough for gRPC, too
  for (const addrinfo* each = found; each != nullptr && !bound; each = each->ai_next) bound = CanBind(*each);
  freeaddrinfo(found);
  return bound ? absl::OkStatus() : CannotListen(address);
}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const std::string& address,
                                                              const std::vector<grpc::Service*>& services) {
  ASSIGN_OR_RETURN(const std::string host, HostOf(address));
  InitPlugins();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  builder.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  builder.SetMaxSendMessageSize(kMaxSendBytes);
  grpc::ResourceQuota quota("photinus-server");
  quota.Resize(kMemoryQuota);
  quota.SetMaxThreads(kMaxThreads);
  builder.SetResourceQuota(quota);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // else two servers would share a port
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxConcurrentStreams);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinPingIntervalMs);
  builder.experimental().SetInterceptorCreators(ExplainMalformedRequests());
  auto server = std::unique_ptr<GrpcServer>(new GrpcServer());
  const MutexLock lock(server->mutex_);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || port == 0) {
    return CannotListen(address);
  }
  server->address_ = absl::StrCat(host, ":", port);
  return server;
}

GrpcServer::~GrpcServer() { Shutdown(absl::ZeroDuration()); }

void GrpcServer::SetServing(bool serving) {
  const MutexLock lock(mutex_);
  if (server_ == nullptr) return;
  if (auto* health = server_->GetHealthCheckService(); health != nullptr) health->SetServingStatus(serving);
}

void GrpcServer::Shutdown(absl::Duration grace) {
  SetServing(false);
  std::unique_ptr<grpc::Server> server;
  {
    const MutexLock lock(mutex_);
    server = std::move(server_);
  }
  if (server == nullptr) return;
  server->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(grace));
  server->Wait();
}

}  // namespace photinus
