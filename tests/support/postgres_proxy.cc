#include "tests/support/postgres_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace photinus {
namespace {

constexpr char kSocketName[] = ".s.PGSQL.5432";
// The server's answer to a commit: a CommandComplete message.
constexpr std::string_view kCommitted{
    "C\0\0\0\x0b"
    "COMMIT\0",
    12};
// The command itself, as it stands in a message.
constexpr std::string_view kCommit{"\0COMMIT\0", 8};

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return address;
}

void SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
}

bool Contains(std::string_view bytes, std::string_view part) { return bytes.find(part) != std::string_view::npos; }

}  // namespace

PostgresProxy::PostgresProxy(const std::string& url) : folder_(*TemporaryFolder::Make()) {
  const size_t host = url.find("host=") + 5;
  server_path_ = url.substr(host) + "/" + kSocketName;
  url_ = url.substr(0, host) + folder_.path();
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(folder_.File(kSocketName));
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 64) != 0) {
    throw std::runtime_error("a socket in " + folder_.path());
  }
  acceptor_ = std::thread([this] { Accept(); });
}

PostgresProxy::~PostgresProxy() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  close(listener_);
}

void PostgresProxy::Break(Fault fault, bool and_stay_away) {
  fault_ = fault;
  stay_away_ = and_stay_away;
  state_ = State::kArmed;
}

bool PostgresProxy::Breaks() {
  State armed = State::kArmed;
  return state_.compare_exchange_strong(armed, State::kBroken);
}

void PostgresProxy::Accept() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    ++accepted_;
    if (state_ == State::kBroken && stay_away_) {
      close(client);
    } else {
      connections_.emplace_back([this, client] { Serve(client); });
    }
  }
}

void PostgresProxy::Serve(int client) {
  const bool later = state_ == State::kBroken;
  int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(server_path_);
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  std::array<char, 1 << 16> buffer;
  while (open) {
    pollfd sides[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(sides, 2, -1) < 0) break;
    const bool from_client = sides[0].revents != 0;
    const ssize_t size = recv(from_client ? client : server, buffer.data(), buffer.size(), 0);
    if (size <= 0) break;
    const std::string_view bytes(buffer.data(), static_cast<size_t>(size));
    const bool by_answer = fault_ == Fault::kAnswerLost || fault_ == Fault::kSilence;
    const bool moment =
        by_answer ? !from_client && Contains(bytes, kCommitted) : from_client && Contains(bytes, kCommit);
    if (moment && Breaks()) {
      if (fault_ == Fault::kSilence) {
        while (recv(client, buffer.data(), buffer.size(), 0) > 0) {
        }
      }
      if (fault_ == Fault::kCommitLate) {
        const std::lock_guard<std::mutex> lock(mutex_);
        late_server_ = std::exchange(server, -1);
        late_bytes_ = bytes;
      }
      break;
    }
    SendAll(from_client ? server : client, bytes);
  }
  close(client);
  if (server >= 0) close(server);
  if (later) DeliverLate();
}

void PostgresProxy::DeliverLate() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (late_server_ < 0) return;
  SendAll(late_server_, late_bytes_);
  shutdown(late_server_, SHUT_WR);
  std::array<char, 4096> answer;
  while (recv(late_server_, answer.data(), answer.size(), 0) > 0) {
  }
  close(std::exchange(late_server_, -1));
}

}  // namespace photinus
