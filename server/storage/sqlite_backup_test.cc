// Backups of SQLite databases, and their way back.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/temporary_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/storage/sqlite_copy.h"
#include "server/storage/sqlite_storage.h"
#include "tests/support/sample_study.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

absl::Status Put(Storage& storage, const std::string& key, const std::string& value = "v") {
  return storage.Transact([&](Transaction& t) { return t.PutSetting(key, value); });
}

bool Has(Storage& storage, const std::string& key) {
  bool has = false;
  EXPECT_OK(storage.Read([&](Snapshot& s) -> absl::Status {
    ASSIGN_OR_RETURN(const auto value, s.GetSetting(key));
    has = value.has_value();
    return absl::OkStatus();
  }));
  return has;
}

bool Never() { return false; }

class SqliteBackup : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteStorage> Open(const std::string& name) {
    auto storage = SqliteStorage::Open(folder_.File(name));
    if (!storage.ok()) throw std::runtime_error(storage.status().ToString());
    return *std::move(storage);
  }
  std::string Describe(Storage& storage) {
    std::string all;
    EXPECT_OK(storage.Read([&](Snapshot& s) -> absl::Status {
      ASSIGN_OR_RETURN(const auto study, s.FindStudy("ada", "kws"));
      ASSIGN_OR_RETURN(all, DescribeStudy(s, study.has_value() ? study->uid : 0));
      return absl::OkStatus();
    }));
    return all;
  }
  bool Exists(const std::string& name) { return std::filesystem::exists(folder_.File(name)); }

  const TemporaryFolder folder_ = *TemporaryFolder::Make();
};

TEST_F(SqliteBackup, UnderLoadHasAllThatWasAcknowledgedBeforeAndNoHole) {
  constexpr int kWriters = 4;
  auto storage = Open("db");
  // Large enough for many steps.
  for (int i = 0; i < 8; ++i) ASSERT_OK(Put(*storage, absl::StrCat("large", i), std::string(1 << 20, 'x')));
  std::atomic<bool> stop = false;
  std::vector<std::atomic<int>> acknowledged(kWriters);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; !stop; ++i) {
        if (Put(*storage, absl::StrCat(writer, "-", i)).ok()) acknowledged[writer] = i + 1;
      }
    });
  }
  while (std::any_of(acknowledged.begin(), acknowledged.end(), [](const auto& count) { return count < 10; })) {
    std::this_thread::yield();
  }
  std::vector<int> before(acknowledged.begin(), acknowledged.end());
  const absl::Status status = storage->Backup(folder_.File("copy"), Never);
  stop = true;
  for (std::thread& writer : writers) writer.join();
  ASSERT_OK(status);
  EXPECT_TRUE(storage->Healthy());

  ASSERT_OK(RestoreSqliteFile(folder_.File("copy"), folder_.File("restored")));
  auto restored = Open("restored");
  for (int writer = 0; writer < kWriters; ++writer) {
    int count = 0;
    while (Has(*restored, absl::StrCat(writer, "-", count))) ++count;
    EXPECT_GE(count, before[writer]);
    for (int later = count; later < acknowledged[writer]; ++later) {
      ASSERT_FALSE(Has(*restored, absl::StrCat(writer, "-", later))) << "writers write in order";
    }
  }
}

TEST_F(SqliteBackup, IsOneFileThatEqualsTheDatabase) {
  auto storage = Open("db");
  ASSERT_OK(storage->Transact([](Transaction& t) { return PutSampleStudy(t).status(); }));
  ASSERT_OK(storage->Backup(folder_.File("copy"), Never));
  const std::string everything = Describe(*storage);
  ASSERT_OK(Put(*storage, "later"));
  storage.reset();
  ASSERT_OK(RestoreSqliteFile(folder_.File("copy"), folder_.File("restored")));
  EXPECT_FALSE(Exists("copy-wal"));
  EXPECT_FALSE(Exists("copy-shm"));
  auto restored = Open("restored");
  EXPECT_EQ(Describe(*restored), everything);
  EXPECT_FALSE(Has(*restored, "later"));
  EXPECT_OK(Put(*restored, "goes on"));
}

TEST_F(SqliteBackup, OfADatabaseInMemoryWorksToo) {
  auto storage = *SqliteStorage::OpenInMemory();
  ASSERT_OK(Put(*storage, "key"));
  ASSERT_OK(storage->Backup(folder_.File("copy"), Never));
  EXPECT_TRUE(Has(*Open("copy"), "key"));
}

TEST_F(SqliteBackup, NeverReplacesAFileAndLeavesNoneBehind) {
  auto storage = Open("db");
  std::ofstream(folder_.File("copy")) << "precious";
  EXPECT_THAT(storage->Backup(folder_.File("copy"), Never).ToString(), HasSubstr("copy exists already"));
  EXPECT_EQ(std::filesystem::file_size(folder_.File("copy")), 8);
  EXPECT_EQ(storage->Backup(folder_.File("missing/copy"), Never).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(storage->Healthy());
  EXPECT_OK(Put(*storage, "goes on"));
}

TEST_F(SqliteBackup, WithoutAServerIsForFilesThatNoServerUses) {
  auto storage = Open("db");
  ASSERT_OK(Put(*storage, "key"));
  const absl::Status used = BackUpSqliteFile(folder_.File("db"), folder_.File("copy"));
  EXPECT_EQ(used.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(used.ToString(), HasSubstr("photinus server backup FILE"));
  EXPECT_FALSE(Exists("copy"));
  storage.reset();
  ASSERT_OK(BackUpSqliteFile(folder_.File("db"), folder_.File("copy")));
  EXPECT_TRUE(Has(*Open("copy"), "key"));
  EXPECT_EQ(BackUpSqliteFile(folder_.File("missing"), folder_.File("other")).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(Exists("missing"));
}

TEST_F(SqliteBackup, WithoutAServerMeetsAServerThroughALinkToo) {
  auto storage = Open("db");
  ASSERT_OK(Put(*storage, "key"));
  std::filesystem::create_symlink(folder_.File("db"), folder_.File("link"));
  EXPECT_THAT(BackUpSqliteFile(folder_.File("link"), folder_.File("copy")).ToString(),
              HasSubstr("photinus server backup FILE"));
  EXPECT_FALSE(Exists("link.lock"));
}

TEST_F(SqliteBackup, ThroughALinkLeavesTheLogOfAServerThatWasKilled) {
  auto storage = Open("db");
  ASSERT_OK(Put(*storage, "key"));
  ASSERT_TRUE(Exists("db-wal"));
  for (const char* suffix : {"", "-wal", ".open"}) {  // as they are while the server runs
    std::filesystem::copy_file(folder_.File("db") + suffix, folder_.File("killed") + suffix);
  }
  std::filesystem::create_symlink(folder_.File("killed"), folder_.File("link"));
  ASSERT_OK(BackUpSqliteFile(folder_.File("link"), folder_.File("copy")));
  EXPECT_TRUE(Has(*Open("copy"), "key"));
  EXPECT_TRUE(Has(*Open("killed"), "key"));
}

TEST_F(SqliteBackup, EndsEarlyWhenNobodyWantsItAnyMore) {
  auto storage = Open("db");
  for (int i = 0; i < 4; ++i) ASSERT_OK(Put(*storage, absl::StrCat("large", i), std::string(1 << 20, 'x')));
  for (const int questions : {0, 2, 8}) {  // the copy takes more than two steps, then it is checked
    int asked = 0;
    EXPECT_TRUE(absl::IsCancelled(storage->Backup(folder_.File("copy"), [&] { return asked++ >= questions; })));
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr("copy")));
    }
  }
  EXPECT_OK(storage->Backup(folder_.File("copy"), Never));
}

TEST_F(SqliteBackup, OfADamagedDatabaseIsRefused) {
  ASSERT_OK(Put(*Open("db"), "large", std::string(1 << 20, 'x')));
  {
    std::fstream file(folder_.File("db"), std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 200; page < 208; ++page) {
      file.seekp(page * 4096);
      file << std::string(4096, '\x77');
    }
  }
  const absl::Status offline = BackUpSqliteFile(folder_.File("db"), folder_.File("copy"));
  const absl::Status online = Open("db")->Backup(folder_.File("copy"), Never);
  for (const absl::Status& refused : {offline, online}) {
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
    EXPECT_THAT(refused.ToString(), HasSubstr("the database is damaged (table settings"));
  }
  EXPECT_FALSE(Exists("copy"));
}

TEST_F(SqliteBackup, IsRestoredOnlyWhereNothingIs) {
  ASSERT_OK(Put(*Open("db"), "key"));
  ASSERT_OK(BackUpSqliteFile(folder_.File("db"), folder_.File("copy")));
  EXPECT_THAT(RestoreSqliteFile(folder_.File("copy"), folder_.File("db")).ToString(), HasSubstr("db exists already"));
  std::ofstream(folder_.File("new-wal")) << "of another database";
  EXPECT_THAT(RestoreSqliteFile(folder_.File("copy"), folder_.File("new")).ToString(),
              HasSubstr("new-wal exists already"));
  EXPECT_FALSE(Exists("new"));
}

TEST_F(SqliteBackup, IsRestoredOnlyIfItIsWhole) {
  ASSERT_OK(Put(*Open("db"), "large", std::string(1 << 20, 'x')));
  ASSERT_OK(BackUpSqliteFile(folder_.File("db"), folder_.File("copy")));
  std::filesystem::resize_file(folder_.File("copy"), std::filesystem::file_size(folder_.File("copy")) / 2);
  EXPECT_FALSE(RestoreSqliteFile(folder_.File("copy"), folder_.File("new")).ok());
  std::ofstream(folder_.File("text")) << "no database at all, but of some length";
  EXPECT_FALSE(RestoreSqliteFile(folder_.File("text"), folder_.File("new")).ok());
  std::ofstream(folder_.File("empty"));
  EXPECT_THAT(RestoreSqliteFile(folder_.File("empty"), folder_.File("new")).ToString(),
              HasSubstr("holds no database of photinus-server"));
  EXPECT_FALSE(RestoreSqliteFile(folder_.File("missing"), folder_.File("new")).ok());
  EXPECT_FALSE(Exists("new"));
}

}  // namespace
}  // namespace photinus
