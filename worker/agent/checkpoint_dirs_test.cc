#include "worker/agent/checkpoint_dirs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/time/clock.h"
#include "common/base/random.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

class CheckpointDirsTest : public ::testing::Test {
 protected:
  ~CheckpointDirsTest() override { fs::remove_all(folder_); }

  static TrialName Trial(const std::string& study, int id) {
    return *TrialName::Parse("owners/a/studies/" + study + "/trials/" + std::to_string(id));
  }
  static void Write(const std::string& dir) { std::ofstream(fs::path(dir) / "state") << "weights"; }
  static bool IsWritten(const std::string& dir) { return fs::exists(fs::path(dir) / "state"); }

  const fs::path folder_ = fs::temp_directory_path() / ("photinus_checkpoints_" + SecureHex(8));
  const CheckpointDirs dirs_{folder_.string()};
};

TEST_F(CheckpointDirsTest, TheNextAttemptFindsWhatTheLastOneLeft) {
  const std::string dir = dirs_.Open(Trial("s", 3), 1);
  Write(dir);
  EXPECT_EQ(dirs_.Open(Trial("s", 3), 2), dir);
  EXPECT_TRUE(IsWritten(dir));
}

TEST_F(CheckpointDirsTest, ATrialOfAnEarlierStudyOfThisNameLeavesNothing) {
  Write(dirs_.Open(Trial("s", 3), 1));
  EXPECT_FALSE(IsWritten(dirs_.Open(Trial("s", 3), 1)));
}

TEST_F(CheckpointDirsTest, NamesThatLookAlikeAreApart) {
  EXPECT_NE(dirs_.Open(Trial("s-1", 3), 1), dirs_.Open(Trial("s.1", 3), 1));
  EXPECT_NE(dirs_.Open(Trial("s", 3), 1), dirs_.Open(Trial("s", 4), 1));
}

TEST_F(CheckpointDirsTest, AnEndedTrialLeavesNothing) {
  const std::string dir = dirs_.Open(Trial("s", 3), 1);
  Write(dir);
  dirs_.Remove(Trial("s", 3));
  EXPECT_FALSE(fs::exists(dir));
}

TEST_F(CheckpointDirsTest, OnlyAbandonedOnesAreRemoved) {
  const std::string old = dirs_.Open(Trial("s", 1), 1), written = dirs_.Open(Trial("s", 2), 1);
  Write(old);
  Write(written);
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(8 * 24);
  fs::last_write_time(fs::path(old) / "state", long_ago);
  fs::last_write_time(old, long_ago);
  fs::last_write_time(written, long_ago);  // but not its file
  dirs_.RemoveAbandoned(absl::Now());
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(IsWritten(written));
}

TEST_F(CheckpointDirsTest, WithoutAPlaceThereIsNone) {
  std::ofstream(folder_) << "a file";
  EXPECT_EQ(dirs_.Open(Trial("s", 1), 2), "");
}

}  // namespace
}  // namespace photinus
