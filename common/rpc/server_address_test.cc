#include "common/rpc/server_address.h"

#include <gtest/gtest.h>

#include <string>

namespace photinus {
namespace {

struct AddressCase {
  std::string name;
  std::string text;
  bool ok;
  bool is_local = false;
  bool is_balanced = false;
};

class ServerAddressTest : public ::testing::TestWithParam<AddressCase> {};

TEST_P(ServerAddressTest, IsUnderstoodOrRefused) {
  const AddressCase& c = GetParam();
  const auto address = ServerAddress::Parse(c.text);
  ASSERT_EQ(address.ok(), c.ok) << c.text;
  if (!c.ok) {
    EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(address.status().message().find("HOST:PORT"), std::string::npos);
    return;
  }
  EXPECT_EQ(address->target, c.text);
  EXPECT_EQ(address->is_local, c.is_local);
  EXPECT_EQ(address->is_balanced, c.is_balanced);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ServerAddressTest,
    ::testing::Values(AddressCase{"Localhost", "localhost:28080", true, true},
                      AddressCase{"LoopbackV4", "127.0.0.1:1", true, true},
                      AddressCase{"AllOf127IsLoopback", "127.8.9.10:65535", true, true},
                      AddressCase{"LoopbackV6", "[::1]:28080", true, true},
                      AddressCase{"Unix", "unix:/run/photinus.sock", true, true},
                      AddressCase{"Remote", "tuner.example.org:28080", true, false},
                      AddressCase{"NameThatBeginsLikeLoopback", "127.0.0.1.example.org:28080", true, false},
                      AddressCase{"RemoteV6", "[2001:db8::1]:28080", true, false},
                      AddressCase{"Dns", "dns:///photinus:28080", true, false, true},
                      AddressCase{"DnsLocalhost", "dns:///localhost:28080", true, true, true},
                      AddressCase{"WithoutPort", "localhost", false}, AddressCase{"Empty", "", false},
                      AddressCase{"WithoutHost", ":28080", false}, AddressCase{"BadPort", "localhost:port", false},
                      AddressCase{"PortZero", "localhost:0", false}, AddressCase{"BigPort", "localhost:65536", false},
                      AddressCase{"SignedPort", "localhost:+80", false}, AddressCase{"BareV6", "::1:28080", false},
                      AddressCase{"Http", "http://localhost:28080", false}, AddressCase{"BareUnix", "unix:", false}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus
