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
  // At trial `id` of the study `s`.
  CheckpointDir Open(int id, int attempt) const { return dirs_.Open(Trial("s", id), Token(7, id, attempt), attempt); }
  static std::string Token(int study_uid, int id, int epoch) {
    return std::to_string(study_uid) + "-" + std::to_string(id) + "-" + std::to_string(epoch);
  }
  static void Write(const std::string& dir) { std::ofstream(fs::path(dir) / "state") << "weights"; }
  static bool IsWritten(const std::string& dir) { return fs::exists(fs::path(dir) / "state"); }
  static fs::file_time_type LongAgo() { return fs::file_time_type::clock::now() - std::chrono::hours(8 * 24); }
  // As if nobody had written to the folder, nor to anything in it, for long.
  static void Age(const std::string& dir) {
    for (const auto& entry : fs::recursive_directory_iterator(dir)) fs::last_write_time(entry.path(), LongAgo());
    fs::last_write_time(dir, LongAgo());
  }

  const fs::path folder_ = fs::temp_directory_path() / ("photinus_checkpoints_" + SecureHex(8));
  const CheckpointDirs dirs_{folder_.string()};
};

TEST_F(CheckpointDirsTest, TheNextAttemptFindsWhatTheLastOneLeft) {
  const std::string dir = Open(3, 1).path;
  Write(dir);
  EXPECT_EQ(Open(3, 2).path, dir);
  EXPECT_TRUE(IsWritten(dir));
}

TEST_F(CheckpointDirsTest, AStudyMadeAnewUnderItsNameFindsNothing) {
  Write(dirs_.Open(Trial("s", 3), "7-3-1", 1).path);
  EXPECT_FALSE(IsWritten(dirs_.Open(Trial("s", 3), "12-3-2", 2).path)) << "its first attempt was elsewhere";
}

TEST_F(CheckpointDirsTest, AFirstAttemptFindsNothing) {
  Write(Open(3, 1).path);
  EXPECT_FALSE(IsWritten(Open(3, 1).path));
}

TEST_F(CheckpointDirsTest, NamesThatLookAlikeAreApart) {
  EXPECT_NE(dirs_.Open(Trial("s-1", 3), "7-3-1", 1).path, dirs_.Open(Trial("s.1", 3), "7-3-1", 1).path);
  EXPECT_NE(Open(3, 1).path, Open(4, 1).path);
}

TEST_F(CheckpointDirsTest, AnEndedTrialLeavesNothing) {
  const CheckpointDir dir = Open(3, 1);
  Write(dir.path);
  dirs_.Remove(Trial("s", 3), Token(7, 3, 1));
  EXPECT_FALSE(fs::exists(dir.path));
}

TEST_F(CheckpointDirsTest, OnlyAbandonedOnesAreRemoved) {
  const std::string old = Open(1, 1).path, written = Open(2, 1).path;
  Write(old);
  Write(written);
  Age(old);
  Age(written);
  fs::last_write_time(fs::path(written) / "state", fs::file_time_type::clock::now());
  dirs_.RemoveAbandoned(absl::Now());
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(IsWritten(written));
}

TEST_F(CheckpointDirsTest, AFileThatIsWrittenOverCountsHoweverDeepItLies) {
  const std::string dir = Open(1, 1).path;
  const fs::path deep = fs::path(dir) / "a" / "b";
  fs::create_directories(deep);
  Write(deep.string());
  Age(dir);
  fs::last_write_time(deep / "state", fs::file_time_type::clock::now());
  dirs_.RemoveAbandoned(absl::Now());
  EXPECT_TRUE(IsWritten(deep.string()));
}

TEST_F(CheckpointDirsTest, ALinkToNothingKeepsNoFolder) {
  const std::string dir = Open(1, 1).path;
  Write(dir);
  fs::create_symlink("nowhere", fs::path(dir) / "latest");
  fs::last_write_time(fs::path(dir) / "state", LongAgo());
  fs::last_write_time(dir, LongAgo());
  dirs_.RemoveAbandoned(absl::Now());
  EXPECT_FALSE(fs::exists(dir));
}

TEST_F(CheckpointDirsTest, OneInUseIsLeftHoweverOldItIs) {
  CheckpointDir dir = Open(1, 1);
  Age(dir.path);
  dirs_.RemoveAbandoned(absl::Now());
  EXPECT_TRUE(fs::exists(dir.path));
  dir.lock.Close();
  dirs_.RemoveAbandoned(absl::Now());
  EXPECT_FALSE(fs::exists(dir.path));
}

TEST_F(CheckpointDirsTest, OneThatIsOpenedAgainIsAsGoodAsNew) {
  const std::string dir = Open(1, 1).path;
  Write(dir);
  Age(dir);
  Open(1, 2).lock.Close();
  dirs_.RemoveAbandoned(absl::Now());
  EXPECT_TRUE(IsWritten(dir));
}

TEST_F(CheckpointDirsTest, WithoutAPlaceThereIsNone) {
  std::ofstream(folder_) << "a file";
  EXPECT_EQ(Open(1, 2).path, "");
}

}  // namespace
}  // namespace photinus
