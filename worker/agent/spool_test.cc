#include "worker/agent/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "common/base/random.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

class SpoolTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(spool_.Open().ok()); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static TrialResult AResult(const std::string& trial) {
    TrialResult result;
    result.complete.set_name(trial);
    result.complete.mutable_final_measurement()->set_step_count(3);
    auto& metric = *result.complete.mutable_final_measurement()->add_metrics();
    metric.set_metric_id("loss");
    metric.set_value(std::numeric_limits<double>::quiet_NaN());
    result.lease_token = "token";
    result.artifacts = {{"log.txt", "/spool/log.txt"}};
    result.work_dir = "/spool/" + trial;
    return result;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("photinus_spool_test_" + SecureHex(8));
  Spool spool_{folder_};
};

TEST_F(SpoolTest, GivesAResultBackAfterARestart) {
  ASSERT_TRUE(spool_.Save(AResult("t1")).ok());
  const auto results = Spool(folder_).Open();
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_EQ(results->size(), 1u);
  const TrialResult& result = results->front();
  EXPECT_EQ(result.complete.name(), "t1");
  EXPECT_EQ(result.complete.final_measurement().step_count(), 3);
  EXPECT_TRUE(std::isnan(result.complete.final_measurement().metrics(0).value()));
  EXPECT_EQ(result.lease_token, "token");
  EXPECT_EQ(result.work_dir, "/spool/t1");
  ASSERT_EQ(result.artifacts.size(), 1u);
  EXPECT_EQ(result.artifacts[0].name, "log.txt");
  EXPECT_EQ(result.artifacts[0].path, "/spool/log.txt");
}

TEST_F(SpoolTest, ForgetsWhatIsDelivered) {
  ASSERT_TRUE(spool_.Save(AResult("t1")).ok());
  ASSERT_TRUE(spool_.Save(AResult("t2")).ok());
  spool_.Delete(AResult("t1"));
  const auto results = Spool(folder_).Open();
  ASSERT_TRUE(results.ok());
  ASSERT_EQ(results->size(), 1u);
  EXPECT_EQ(results->front().complete.name(), "t2");
}

TEST_F(SpoolTest, DamagedFilesStandInNobodysWay) {
  std::ofstream(folder_ / "0.json") << "{\"version\": 1, \"complete\"";
  std::ofstream(folder_ / "1.json") << "{\"version\": 2}";
  ASSERT_TRUE(spool_.Save(AResult("t1")).ok());
  std::ofstream(folder_ / "half.json.7.tmp") << "{";
  const auto results = Spool(folder_).Open();
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_EQ(results->size(), 1u);
  EXPECT_EQ(results->front().complete.name(), "t1");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "0.json.broken"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "1.json.broken"));
}

TEST_F(SpoolTest, AFileThatCannotBeReadIsAnErrorAndNotDamage) {
  std::filesystem::create_directory(folder_ / "0.json");  // opens, but reading fails
  const absl::Status status = Spool(folder_).Open().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr((folder_ / "0.json").string()));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "0.json"));
}

TEST_F(SpoolTest, LeavesNothingBehindThatItCouldNotWrite) {
  struct rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit tiny = {10, limit.rlim_max};  // as a disk that is full after 10 bytes
  const auto former = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tiny), 0);
  const absl::Status status = spool_.Save(AResult("t1"));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, former);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(SpoolTest, IsForItsOwnerAlone) {  // it has lease tokens
  EXPECT_EQ(std::filesystem::status(folder_).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(SpoolTest, SaysThatItCannotWrite) {
  std::filesystem::remove_all(folder_);
  EXPECT_EQ(spool_.Save(AResult("t1")).code(), absl::StatusCode::kUnavailable);
  std::ofstream(folder_.string()) << "a file where the folder should be";
  EXPECT_EQ(spool_.Open().status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace photinus
