#include "common/rpc/server_address.h"

#include <arpa/inet.h>

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr std::string_view kDnsScheme = "dns:///";
constexpr std::string_view kUnixScheme = "unix:";

struct HostPort {
  std::string host;
  int port = 0;
};

absl::Status Malformed(std::string_view text) {
  return Error(
      absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT",
      "server address '" + std::string(text) + "' is not understood; write HOST:PORT, dns:///HOST:PORT or unix:/PATH");
}

std::optional<HostPort> SplitHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // an IPv6 address needs its brackets
  }
  if (host.empty() || host.find_first_of("/ \t[]") != std::string_view::npos) return std::nullopt;
  int port = 0;
  const std::string digits(text.substr(colon + 1));
  if (digits.find_first_not_of("0123456789") != std::string::npos || !absl::SimpleAtoi(digits, &port)) {
    return std::nullopt;
  }
  if (port < 1 || port > 65535) return std::nullopt;
  return HostPort{std::string(host), port};
}

bool IsLoopback(const std::string& host) {
  if (absl::EqualsIgnoreCase(host, "localhost")) return true;
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

absl::StatusOr<ServerAddress> ServerAddress::Parse(std::string_view text) {
  ServerAddress address;
  address.target = std::string(text);
  if (text.substr(0, kUnixScheme.size()) == kUnixScheme) {
    if (text.size() == kUnixScheme.size()) return Malformed(text);
    address.is_local = true;
    return address;
  }
  address.is_balanced = text.substr(0, kDnsScheme.size()) == kDnsScheme;
  const auto host_port = SplitHostPort(address.is_balanced ? text.substr(kDnsScheme.size()) : text);
  if (!host_port.has_value()) return Malformed(text);
  address.is_local = IsLoopback(host_port->host);
  return address;
}

}  // namespace photinus
