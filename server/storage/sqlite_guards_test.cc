// What guards a SQLite file: the check after an unclean end, the space reserve.
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/temporary_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/storage/space_reserve.h"
#include "server/storage/sqlite_storage.h"
#include "tests/support/faulty_vfs.h"
#include "tests/support/sample_study.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kPageBytes = 4096;

std::unique_ptr<SqliteStorage> MustOpen(const std::string& path, const SqliteOptions& options = {}) {
  auto storage = SqliteStorage::Open(path, options);
  if (!storage.ok()) throw std::runtime_error(storage.status().ToString());
  return *std::move(storage);
}

absl::Status Put(Storage& storage, const std::string& key, const std::string& value = "v") {
  return storage.Transact([&](Transaction& t) { return t.PutSetting(key, value); });
}

// A database as a crash leaves it: most of it in the file, the last change in the log.
class UncleanEnd : public ::testing::Test {
 protected:
  UncleanEnd() {
    auto storage = MustOpen(folder_.File("db"));
    for (int i = 0; i < 100; ++i) EXPECT_OK(Put(*storage, absl::StrCat("key", i), std::string(10'000, 'x')));
    storage = nullptr;
    storage = MustOpen(folder_.File("db"));
    EXPECT_OK(Put(*storage, "last"));
    std::filesystem::copy_file(folder_.File("db"), crashed_);
    std::filesystem::copy_file(folder_.File("db-wal"), crashed_ + "-wal");
  }

  const TemporaryFolder folder_ = *TemporaryFolder::Make();
  const std::string crashed_ = folder_.File("crashed");
};

TEST_F(UncleanEnd, IsFollowedByACheckThatFindsNothingInAGoodFile) {
  auto storage = MustOpen(crashed_);
  storage->BeginSelfCheck();
  storage->AwaitSelfCheck();
  EXPECT_TRUE(storage->Healthy());
  EXPECT_OK(Put(*storage, "goes on"));
}

TEST_F(UncleanEnd, IsFollowedByACheckThatFindsDamage) {
  {
    std::fstream file(crashed_, std::ios::in | std::ios::out | std::ios::binary);
    const auto pages = static_cast<int64_t>(std::filesystem::file_size(crashed_)) / kPageBytes;
    file.seekp(pages * 3 / 4 * kPageBytes);
    for (int page = 0; page < 8; ++page) file << std::string(kPageBytes, '\x77');
  }
  auto storage = MustOpen(crashed_);
  EXPECT_TRUE(storage->Healthy()) << "it serves before it has looked";
  storage->BeginSelfCheck();
  storage->AwaitSelfCheck();
  EXPECT_FALSE(storage->Healthy());
  EXPECT_TRUE(absl::IsUnavailable(Put(*storage, "refused")));
}

TEST_F(UncleanEnd, DoesNotHoldUpTheEnd) {
  auto storage = MustOpen(crashed_);
  storage->BeginSelfCheck();
  storage.reset();  // at once
}

TEST(SpaceReserveTest, IsAFileThatComesAndGoes) {
  const TemporaryFolder folder = *TemporaryFolder::Make();
  const std::string path = folder.File("reserve");
  {
    SpaceReserve reserve(path, 1 << 20);
    EXPECT_TRUE(reserve.held());
    EXPECT_EQ(std::filesystem::file_size(path), 1 << 20);
    EXPECT_TRUE(reserve.Release());
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_FALSE(reserve.Release());
    EXPECT_TRUE(reserve.Hold());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

// Writes fail while the reserve stands; once it was given up, it cannot be made again until `room`.
class FullDisk : public ::testing::Test {
 protected:
  void Fill() {
    vfs_.full_while_exists = folder_.File("db.reserve");
    vfs_.disk_is_full.Begin();
  }
  // Nothing can be made under the reserve's name any more.
  void Block() { std::filesystem::create_directory(folder_.File("db.reserve")); }
  void Unblock() {
    std::filesystem::remove(folder_.File("db.reserve"));
    vfs_.disk_is_full.End();
  }

  const TemporaryFolder folder_ = *TemporaryFolder::Make();
  FaultyVfs vfs_;
  std::unique_ptr<SqliteStorage> storage_ = MustOpen(folder_.File("db"), {.vfs = vfs_.name()});
};

TEST_F(FullDisk, GivesUpTheReserveForDeletionsOnly) {
  int64_t uid = 0;
  ASSERT_OK(storage_->Transact([&](Transaction& t) -> absl::Status {
    ASSIGN_OR_RETURN(uid, PutSampleStudy(t));
    return absl::OkStatus();
  }));
  Fill();
  // The reserve is given up, but not for this.
  const absl::Status full = Put(*storage_, "key");
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(full.ToString(), HasSubstr("only deletions are stored"));
  Block();
  EXPECT_TRUE(absl::IsResourceExhausted(Put(*storage_, "key")));
  EXPECT_OK(storage_->Transact([&](Transaction& t) { return t.DeleteTrial(uid, 4, 2); }));
  EXPECT_OK(storage_->Transact([&](Transaction& t) { return t.GetStudy(uid).status(); })) << "needs no room";
  EXPECT_TRUE(absl::IsResourceExhausted(Put(*storage_, "key")));
  EXPECT_TRUE(storage_->Healthy());
  Unblock();
  EXPECT_OK(Put(*storage_, "key"));
  EXPECT_TRUE(std::filesystem::exists(folder_.File("db.reserve"))) << "held again";
}

TEST_F(FullDisk, TakesADeletionThatIsTheFirstToFindItFull) {
  int64_t uid = 0;
  ASSERT_OK(storage_->Transact([&](Transaction& t) -> absl::Status {
    ASSIGN_OR_RETURN(uid, PutSampleStudy(t));
    return absl::OkStatus();
  }));
  Fill();
  EXPECT_OK(storage_->Transact([&](Transaction& t) { return t.DeleteStudy(uid); }));
}

TEST_F(FullDisk, RoomInsideTheFileIsAsGood) {
  int64_t uid = 0;
  ASSERT_OK(storage_->Transact([&](Transaction& t) -> absl::Status {
    ASSIGN_OR_RETURN(uid, PutSampleStudy(t));
    return PutArtifact(t, uid, 4, "large", std::string(10 << 20, 'x'));
  }));
  Fill();
  EXPECT_TRUE(absl::IsResourceExhausted(Put(*storage_, "key")));
  Block();
  EXPECT_OK(storage_->Transact([&](Transaction& t) { return t.DeleteTrial(uid, 4, 2); }));
  for (bool more = true; more;) {
    ASSERT_OK(storage_->Transact([&](Transaction& t) -> absl::Status {
      ASSIGN_OR_RETURN(more, t.EraseDeleted(1000));
      return absl::OkStatus();
    }));
  }
  EXPECT_OK(Put(*storage_, "key"));
}

}  // namespace
}  // namespace photinus
