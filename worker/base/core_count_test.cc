#include "worker/base/core_count.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <thread>

#include "common/base/random.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

struct Case {
  std::string name;
  std::string membership;
  std::map<std::string, std::string> files;  // below the root
  double quota;
};

class CoreQuotaTest : public ::testing::TestWithParam<Case> {
 protected:
  ~CoreQuotaTest() override { fs::remove_all(root_); }

  const fs::path root_ = fs::temp_directory_path() / ("photinus_cgroup_" + SecureHex(8));
};

TEST_P(CoreQuotaTest, IsTheLeastOfAllGroupsAround) {
  for (const auto& [path, content] : GetParam().files) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content << '\n';
  }
  EXPECT_EQ(CoreQuota(GetParam().membership, root_), GetParam().quota);
}

constexpr char kVersion1[] = "9:name=systemd:/\n2:cpuset:/pod\n1:cpu,cpuacct:/pod/box\n0::/\n";

INSTANTIATE_TEST_SUITE_P(
    Table, CoreQuotaTest,
    ::testing::Values(Case{"InAContainer", "0::/\n", {{"cpu.max", "250000 100000"}}, 2.5},
                      Case{"OfItsOwnGroup", "0::/user/worker\n", {{"user/worker/cpu.max", "50000 100000"}}, 0.5},
                      Case{"OfAGroupAbove",
                           "0::/user/worker\n",
                           {{"user/worker/cpu.max", "400000 100000"}, {"user/cpu.max", "150000 50000"}},
                           3},
                      Case{"None", "0::/user\n", {{"user/cpu.max", "max 100000"}}, kUnlimited},
                      Case{"OfAnotherGroup", "0::/user\n", {{"other/cpu.max", "100000 100000"}}, kUnlimited},
                      Case{"NotUnderstood", "0::/\nwhat\n", {{"cpu.max", "many"}}, kUnlimited},
                      Case{"NoControlGroups", "", {}, kUnlimited},
                      Case{"OfVersion1",
                           kVersion1,
                           {{"cpu/pod/box/cpu.cfs_quota_us", "150000"}, {"cpu/pod/box/cpu.cfs_period_us", "100000"}},
                           1.5},
                      Case{"OfVersion1InAContainer",
                           kVersion1,
                           {{"cpu/cpu.cfs_quota_us", "200000"}, {"cpu/cpu.cfs_period_us", "100000"}},
                           2},
                      Case{"NoneOfVersion1",
                           kVersion1,
                           {{"cpu/cpu.cfs_quota_us", "-1"}, {"cpu/cpu.cfs_period_us", "100000"}},
                           kUnlimited},
                      Case{"OfOtherControllers",
                           "1:cpuset:/\n",
                           {{"cpu/cpu.cfs_quota_us", "100000"}, {"cpu/cpu.cfs_period_us", "100000"}},
                           kUnlimited}),
    [](const auto& info) { return info.param.name; });

TEST(CoresWithin, AreWholeAndAtLeastOne) {
  EXPECT_EQ(CoresWithin(kUnlimited, 8), 8);
  EXPECT_EQ(CoresWithin(8.5, 8), 8);
  EXPECT_EQ(CoresWithin(2.9, 8), 2);
  EXPECT_EQ(CoresWithin(0.2, 8), 1);
}

TEST(CountCores, LeavesOutCoresThatTheProcessMayNotRunOn) {
  int cores = 0;
  std::thread([&cores] {  // affinity is a thread's
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
    cores = CountCores();
  })
      .join();
  EXPECT_EQ(cores, 1);
}

}  // namespace
}  // namespace photinus
