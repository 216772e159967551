#include "worker/energy/rapl_counter.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace photinus::energy {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;

// A folder that looks like /sys/class/powercap.
class RaplCounterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const std::string& package, const std::string& file, const std::string& content) const {
    fs::create_directories(root_ / package);
    std::ofstream(root_ / package / file) << content;
  }
  void AddPackage(const std::string& package, const std::string& energy_uj,
                  const std::string& name = "package-0") const {
    Write(package, "name", name + "\n");
    Write(package, "energy_uj", energy_uj);
    Write(package, "max_energy_range_uj", "1000000000\n");
  }

  const fs::path root_ = fs::path(::testing::TempDir()) / ("rapl." + std::to_string(getpid()));
};

TEST_F(RaplCounterTest, AddsPackagesButNotTheirParts) {
  AddPackage("intel-rapl:0", "1000000\n");
  AddPackage("intel-rapl:1", "5000000\n", "package-1");
  AddPackage("intel-rapl:0:0", "700\n", "core");
  const auto counter = RaplCounter::Open(root_);
  ASSERT_TRUE(counter.ok()) << counter.error().message;
  ASSERT_TRUE((*counter)->Start().ok());
  AddPackage("intel-rapl:0", "3000000\n");
  AddPackage("intel-rapl:1", "5500000\n", "package-1");
  AddPackage("intel-rapl:0:0", "99999999\n", "core");
  EXPECT_DOUBLE_EQ((*counter)->Stop(1).value(), 2.5);
}

// The platform's domain contains the package.
TEST_F(RaplCounterTest, CountsNothingTwice) {
  AddPackage("intel-rapl:0", "1000000\n");
  AddPackage("intel-rapl:1", "4000000\n", "psys");
  const auto counter = RaplCounter::Open(root_);
  ASSERT_TRUE(counter.ok()) << counter.error().message;
  ASSERT_TRUE((*counter)->Start().ok());
  AddPackage("intel-rapl:0", "3000000\n");
  AddPackage("intel-rapl:1", "9000000\n", "psys");
  EXPECT_DOUBLE_EQ((*counter)->Stop(1).value(), 2);
}

TEST_F(RaplCounterTest, NeedsAPackage) {
  AddPackage("intel-rapl:0", "4000000\n", "psys");
  const auto counter = RaplCounter::Open(root_);
  ASSERT_FALSE(counter.ok());
  EXPECT_EQ(counter.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(counter.error().message, HasSubstr("package-0"));
}

TEST_F(RaplCounterTest, CountsAcrossTheWrapAround) {
  AddPackage("intel-rapl:0", "999000000");
  const auto counter = RaplCounter::Open(root_);
  ASSERT_TRUE(counter.ok()) << counter.error().message;
  ASSERT_TRUE((*counter)->Start().ok());
  AddPackage("intel-rapl:0", "2000000");
  EXPECT_DOUBLE_EQ((*counter)->Stop(1).value(), 3);
}

TEST_F(RaplCounterTest, SaysThatTheMachineHasNone) {
  const auto counter = RaplCounter::Open(root_);
  ASSERT_FALSE(counter.ok());
  EXPECT_EQ(counter.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(counter.error().message, HasSubstr(root_.string()));
  EXPECT_EQ(RaplCounter::Open(root_ / "nowhere").error().code, ErrorCode::kNotFound);
}

TEST_F(RaplCounterTest, SaysHowToGetThePermission) {
  AddPackage("intel-rapl:0", "1");
  fs::permissions(root_ / "intel-rapl:0" / "energy_uj", fs::perms::none);
  const uid_t user = geteuid();
  if (user == 0) {  // who may read everything
    ASSERT_EQ(seteuid(kNobody), 0);
  }
  const auto counter = RaplCounter::Open(root_);
  ASSERT_EQ(seteuid(user), 0);
  ASSERT_FALSE(counter.ok());
  EXPECT_EQ(counter.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(counter.error().message, HasSubstr("chmod a+r"));
}

TEST_F(RaplCounterTest, SaysThatACounterHoldsNoNumberOrIsGone) {
  AddPackage("intel-rapl:0", "many");
  EXPECT_THAT(RaplCounter::Open(root_).error().message, HasSubstr("holds no number"));
  AddPackage("intel-rapl:0", "1");
  const auto counter = RaplCounter::Open(root_);
  ASSERT_TRUE(counter.ok());
  fs::remove(root_ / "intel-rapl:0" / "energy_uj");
  const auto started = (*counter)->Start();
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().message, HasSubstr("No such file"));
}

}  // namespace
}  // namespace photinus::energy
