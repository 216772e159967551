#include "worker/agent/late_artifacts.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>

#include "common/base/random.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

class LateArtifactsTest : public ::testing::Test {
 protected:
  void TearDown() override { fs::remove_all(folder_); }

  // A result with one artifact, which lies in its work dir.
  TrialResult AResult(const std::string& work_dir) const {
    TrialResult result;
    result.complete.set_name("owners/a/studies/s/trials/1");
    result.work_dir = (folder_ / work_dir).string();
    fs::create_directories(result.work_dir);
    result.artifacts = {{"model.tflite", result.work_dir + "/out.bin"}};
    std::ofstream(result.artifacts[0].path) << "weights of " << work_dir;
    return result;
  }
  static std::string Content(const fs::path& path) {
    std::string content;
    std::getline(std::ifstream(path), content);
    return content;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("photinus_late_artifacts_test_" + SecureHex(8));
  const fs::path late_ = folder_ / "late";
};

TEST_F(LateArtifactsTest, AreMovedOutOfTheWorkDirUnderTheirNames) {
  KeepLateArtifacts(late_, AResult("s.1.2-ab"));
  EXPECT_EQ(Content(late_ / "s.1.2-ab" / "model.tflite"), "weights of s.1.2-ab");
}

TEST_F(LateArtifactsTest, FilesOfOthersStayWhereTheyAreAndMissingOnesStopNothing) {
  TrialResult result = AResult("s.1.2-ab");
  const fs::path elsewhere = folder_ / "elsewhere.bin";
  std::ofstream(elsewhere) << "keep";
  result.artifacts.insert(result.artifacts.begin(), {{"gone", result.work_dir + "/gone"},
                                                     {"elsewhere", elsewhere.string()},
                                                     {"sneaky", result.work_dir + "/x/../../elsewhere.bin"}});
  KeepLateArtifacts(late_, result);
  EXPECT_TRUE(fs::exists(elsewhere));
  EXPECT_TRUE(fs::exists(late_ / "s.1.2-ab" / "model.tflite"));
  EXPECT_FALSE(fs::exists(late_ / "s.1.2-ab" / "elsewhere"));
}

TEST_F(LateArtifactsTest, OfTheLatestTrialsAreKept) {
  for (size_t i = 0; i <= kMaxLateTrials; ++i) {
    const fs::path folder = late_ / ("old" + std::to_string(i));
    fs::create_directories(folder);
    fs::last_write_time(folder, fs::file_time_type::clock::now() - std::chrono::hours(1000 - i));
  }
  KeepLateArtifacts(late_, AResult("s.1.2-ab"));
  size_t kept = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(late_)) ++kept;
  EXPECT_EQ(kept, kMaxLateTrials);
  EXPECT_TRUE(fs::exists(late_ / "s.1.2-ab"));
  EXPECT_FALSE(fs::exists(late_ / "old0"));
  EXPECT_FALSE(fs::exists(late_ / "old1"));
  EXPECT_TRUE(fs::exists(late_ / "old2"));
}

}  // namespace
}  // namespace photinus
