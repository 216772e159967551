// What guards a SQLite file: the check after an unclean end, room on a full disk.
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
#include "tests/support/captured_log.h"
#include "tests/support/faulty_vfs.h"
#include "tests/support/sample_study.h"
#include "tests/support/small_disk.h"
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

  void Damage() {
    std::fstream file(crashed_, std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 200; page < 208; ++page) {
      file.seekp(page * kPageBytes);
      file << std::string(kPageBytes, '\x77');
    }
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
  Damage();
  auto storage = MustOpen(crashed_);
  EXPECT_TRUE(storage->Healthy()) << "it serves before it has looked";
  storage->BeginSelfCheck();
  storage->AwaitSelfCheck();
  EXPECT_FALSE(storage->Healthy());
  EXPECT_TRUE(absl::IsUnavailable(Put(*storage, "refused")));
  EXPECT_TRUE(std::filesystem::exists(crashed_ + "-wal")) << "left for recovery to judge";
  storage.reset();
  for (const char* start : {"the next start", "and the one after"}) {
    const absl::Status refused = SqliteStorage::Open(crashed_).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << start;
    EXPECT_THAT(refused.ToString(), testing::AllOf(HasSubstr("is damaged (table settings"),
                                                   HasSubstr("restore a backup"), HasSubstr(crashed_ + ".unchecked")));
    EXPECT_THAT(refused.ToString(), testing::Not(HasSubstr("\n"))) << "one line";
  }
}

TEST_F(UncleanEnd, IsRememberedUntilACheckHasPassed) {
  Damage();
  for (const char* start : {"first", "second"}) {
    auto storage = MustOpen(crashed_);
    EXPECT_OK(Put(*storage, start)) << "closed cleanly before anybody looked";
  }
  auto storage = MustOpen(crashed_);
  storage->BeginSelfCheck();
  storage->AwaitSelfCheck();
  EXPECT_FALSE(storage->Healthy());
}

TEST_F(UncleanEnd, IsForgottenOnceACheckHasPassed) {
  for (const bool expected : {true, false}) {
    auto storage = MustOpen(crashed_);
    EXPECT_EQ(std::filesystem::exists(crashed_ + ".unchecked"), expected);
    storage->BeginSelfCheck();
    storage->AwaitSelfCheck();
  }
}

TEST_F(UncleanEnd, DoesNotHoldUpTheEnd) {
  auto storage = MustOpen(crashed_);
  storage->BeginSelfCheck();
  storage.reset();  // at once
}

TEST_F(UncleanEnd, IsNoMatterOfARestoredBackup) {
  Damage();
  auto storage = MustOpen(crashed_);
  storage->BeginSelfCheck();
  storage->AwaitSelfCheck();
  storage = MustOpen(folder_.File("other"));
  ASSERT_OK(Put(*storage, "key"));
  ASSERT_OK(storage->Backup(folder_.File("backup"), [] { return false; }));
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(crashed_ + suffix);
  ASSERT_OK(RestoreSqliteFile(folder_.File("backup"), crashed_));
  storage = MustOpen(crashed_);
  EXPECT_OK(Put(*storage, "goes on"));
}

// A database of which a process made a commit before it was killed.
class KilledServer : public ::testing::Test {
 protected:
  KilledServer() {
    auto storage = MustOpen(folder_.File("db"));
    EXPECT_OK(Put(*storage, "first"));
    storage = nullptr;
    EXPECT_EQ(Files("db"), std::vector<std::string>({"", ".lock"})) << "a clean end leaves nothing to miss";
  }

  // What a kill leaves of "db", as "killed".
  void Kill(bool after_a_commit = true) {
    auto storage = MustOpen(folder_.File("db"));
    EXPECT_OK(storage->Read([](Snapshot& s) { return s.GetSetting("first").status(); }));
    if (after_a_commit) {
      EXPECT_OK(Put(*storage, "last"));
    }
    for (const std::string& suffix : Files("db")) {
      std::filesystem::copy_file(folder_.File("db" + suffix), killed_ + suffix);
    }
  }
  // Their suffixes.
  std::vector<std::string> Files(const std::string& name) {
    std::vector<std::string> suffixes;
    for (const char* suffix : {"", "-wal", "-shm", ".lock", ".open", ".unchecked"}) {
      if (std::filesystem::exists(folder_.File(name + suffix))) suffixes.emplace_back(suffix);
    }
    return suffixes;
  }
  void Remove(const std::string& suffix) { ASSERT_TRUE(std::filesystem::remove(killed_ + suffix)); }

  const TemporaryFolder folder_ = *TemporaryFolder::Make();
  const std::string killed_ = folder_.File("killed");
};

TEST_F(KilledServer, MissesALogThatIsGone) {
  Kill();
  std::filesystem::rename(killed_ + "-wal", folder_.File("elsewhere"));
  for (const absl::Status& refused :
       {SqliteStorage::Open(killed_).status(), BackUpSqliteFile(killed_, folder_.File("copy"))}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
    EXPECT_THAT(refused.ToString(),
                testing::AllOf(HasSubstr(killed_ + "-wal is missing"), HasSubstr("Put the file back"),
                               HasSubstr("restore a backup"), HasSubstr("remove " + killed_ + ".open")));
  }
  std::filesystem::rename(folder_.File("elsewhere"), killed_ + "-wal");
  EXPECT_OK(Put(*MustOpen(killed_), "last"));
}

TEST_F(KilledServer, GoesOnWithoutItsLogWhenTold) {
  Kill();
  Remove("-wal");
  EXPECT_FALSE(SqliteStorage::Open(killed_).ok());
  Remove(".open");
  auto storage = MustOpen(killed_);
  EXPECT_TRUE(std::filesystem::exists(killed_ + ".unchecked")) << "what the log had may be in the file in part";
  storage->BeginSelfCheck();
  storage->AwaitSelfCheck();
  EXPECT_OK(Put(*storage, "goes on"));
}

TEST_F(KilledServer, NeedsItsLogAfterALaterKillToo) {
  Kill();
  Remove(".open");  // as where only the database and its log were copied
  auto storage = MustOpen(killed_);
  EXPECT_TRUE(std::filesystem::exists(killed_ + ".open"));
}

TEST_F(KilledServer, ThatStoredNothingNeedsNoLog) {
  Kill(/*after_a_commit=*/false);
  Remove("-wal");
  EXPECT_OK(Put(*MustOpen(killed_), "goes on"));
}

TEST_F(KilledServer, ThatHadJustEmptiedItsLogNeedsNone) {
  Kill();
  std::filesystem::resize_file(killed_ + "-wal", 0);  // between the checkpoint and the mark's end
  EXPECT_OK(Put(*MustOpen(killed_), "goes on"));
  EXPECT_THAT(Files("killed"), testing::Not(testing::Contains(".open")));
}

TEST_F(KilledServer, IsNoMatterOfADatabaseThatTakesItsPlace) {
  Kill();
  for (const char* suffix : {"", "-wal", "-shm"}) Remove(suffix);
  ASSERT_OK(RestoreSqliteFile(folder_.File("db"), killed_));
  EXPECT_OK(Put(*MustOpen(killed_), "goes on"));
}

TEST_F(KilledServer, IsNoMatterOfANewDatabase) {
  Kill();
  for (const char* suffix : {"", "-wal", "-shm"}) Remove(suffix);
  EXPECT_OK(Put(*MustOpen(killed_), "begins"));
}

TEST(DamagedFile, LeavesNothingInTheWayOfABackup) {
  const TemporaryFolder folder = *TemporaryFolder::Make();
  ASSERT_OK(Put(*MustOpen(folder.File("db")), "key", std::string(100'000, 'x')));
  ASSERT_OK(BackUpSqliteFile(folder.File("db"), folder.File("copy")));
  std::fstream(folder.File("db"), std::ios::in | std::ios::out | std::ios::binary).seekp(100)
      << std::string(3 * kPageBytes, '\x77');
  const absl::Status refused = SqliteStorage::Open(folder.File("db")).status();
  EXPECT_THAT(refused.ToString(),
              testing::AllOf(HasSubstr("SQLite 11"), HasSubstr("restore a backup (photinus-server restore")));
  std::filesystem::remove(folder.File("db"));
  EXPECT_OK(RestoreSqliteFile(folder.File("copy"), folder.File("db")));
}

TEST(DamagedFile, StopsTheWriterOnceAReaderMeetsIt) {
  const TemporaryFolder folder = *TemporaryFolder::Make();
  FaultyVfs disk;
  auto storage = MustOpen(folder.File("db"), {.vfs = disk.name()});
  for (int i = 0; i < 10; ++i) ASSERT_OK(Put(*storage, absl::StrCat("key", i), std::string(10'000, 'x')));
  storage.reset();
  storage = MustOpen(folder.File("db"), {.vfs = disk.name()});
  const auto read = [&](const char* key) {
    return storage->Read([&](Snapshot& s) { return s.GetSetting(key).status(); });
  };
  ASSERT_OK(read("key0"));
  disk.reads_fail.Begin();
  EXPECT_FALSE(read("key7").ok());
  disk.reads_fail.End();
  EXPECT_FALSE(storage->Healthy());
  EXPECT_TRUE(absl::IsUnavailable(Put(*storage, "refused")));
  storage.reset();
  EXPECT_TRUE(std::filesystem::exists(folder.File("db.unchecked"))) << "the next server looks for damage";
}

// A storage on a disk of 2 MiB with a log of 100 pages, and two studies.
class FullDisk : public ::testing::Test {
 protected:
  FullDisk() {
    EXPECT_OK(storage_->Transact([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(t.EnsureOwner("ada"));
      for (int64_t* study : {&study_, &other_study_}) {
        StudyRow row;
        row.owner = "ada";
        row.display_name = absl::StrCat("study ", study == &study_);
        ASSIGN_OR_RETURN(*study, t.InsertStudy(row));
      }
      return absl::OkStatus();
    }));
  }

  SqliteOptions Options() {
    SqliteOptions options{.vfs = disk_.name()};
    options.limits.checkpoint_pages = 100;
    options.limits.restart_pages = 200;
    options.limits.full_for = std::chrono::seconds(0);
    return options;
  }

  absl::Status AddTrial(int64_t study, size_t bytes) {
    const absl::Status status = storage_->Transact([&](Transaction& t) -> absl::Status {
      TrialRow trial;
      trial.study_uid = study;
      trial.id = trials_ + 1;
      RETURN_IF_ERROR(t.PutTrial(trial));
      return PutArtifact(t, study, trial.id, "model", std::string(bytes, 'x'));
    });
    if (status.ok()) ++trials_;
    return status;
  }
  // How many trials of ever smaller size fit.
  int64_t FillUp(int64_t study) {
    const int64_t before = trials_;
    for (const size_t bytes : {size_t{50'000}, size_t{1000}, size_t{1}}) {
      absl::Status status;
      while (trials_ < 10'000 && (status = AddTrial(study, bytes)).ok()) {
      }
      EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
      EXPECT_THAT(status.ToString(), HasSubstr("free some space"));
    }
    return trials_ - before;
  }
  absl::Status DeleteStudy(int64_t study) {
    return storage_->Transact([&](Transaction& t) { return t.DeleteStudy(study); });
  }
  void Erase() {
    for (bool more = true; more;) {
      ASSERT_OK(storage_->Transact([&](Transaction& t) -> absl::Status {
        ASSIGN_OR_RETURN(more, t.EraseDeleted(50));
        return absl::OkStatus();
      }));
    }
  }

  const TemporaryFolder folder_ = *TemporaryFolder::Make();
  SmallDisk disk_{2 << 20};
  std::unique_ptr<SqliteStorage> storage_ = MustOpen(folder_.File("db"), Options());
  int64_t study_ = 0;
  int64_t other_study_ = 0;
  int64_t trials_ = 0;
};

TEST_F(FullDisk, ThatTheDatabaseFilledAloneTakesWritesAgainOnceAStudyIsDeleted) {
  EXPECT_GE(FillUp(study_), 20);
  for (int round = 0; round < 3; ++round) {
    ASSERT_OK(DeleteStudy(round == 0 ? study_ : other_study_));
    Erase();
    ASSERT_OK(storage_->Transact([&](Transaction& t) -> absl::Status {
      StudyRow row;
      row.owner = "ada";
      row.display_name = absl::StrCat("round ", round);
      ASSIGN_OR_RETURN(other_study_, t.InsertStudy(row));
      return absl::OkStatus();
    }));
    EXPECT_GE(FillUp(other_study_), 20) << "in round " << round;
  }
  EXPECT_TRUE(storage_->Healthy());
  storage_.reset();
  storage_ = MustOpen(folder_.File("db"), Options());
  EXPECT_OK(DeleteStudy(other_study_)) << "after a restart, too";
  Erase();
}

TEST_F(FullDisk, ThatOthersFilledTakesDeletionsHoweverManyWritesWereRefused) {
  while (trials_ < 10) ASSERT_OK(AddTrial(study_, 50'000));
  for (int i = 0; i < 20; ++i) {
    disk_.Fill();  // whatever became free, another program has it now
    EXPECT_TRUE(absl::IsResourceExhausted(AddTrial(study_, 400'000)));
  }
  EXPECT_OK(storage_->Transact([&](Transaction& t) { return t.GetStudy(study_).status(); })) << "needs no room";
  disk_.Fill();
  EXPECT_OK(DeleteStudy(study_));
  disk_.Fill();
  Erase();
  disk_.Fill();
  EXPECT_GE(FillUp(other_study_), 8) << "there is room inside the file";
  disk_.Empty();
  EXPECT_OK(AddTrial(other_study_, 400'000));
}

TEST_F(FullDisk, TakesADeletionThatIsTheFirstToFindItFull) {
  ASSERT_OK(AddTrial(study_, 50'000));
  disk_.Fill();
  EXPECT_OK(DeleteStudy(study_));
}

TEST_F(FullDisk, GetsBackWhatTheLogTookWhileAReaderNeededIt) {
  const absl::Status read = storage_->Read([&](Snapshot& s) -> absl::Status {
    RETURN_IF_ERROR(s.GetStudy(study_).status());  // the view begins here
    std::thread([&] { FillUp(study_); }).join();
    return absl::OkStatus();
  });
  EXPECT_OK(read);
  EXPECT_GE(std::filesystem::file_size(folder_.File("db-wal")), 800'000);
  EXPECT_OK(DeleteStudy(study_));
  Erase();
  EXPECT_GE(FillUp(other_study_), 20);
  EXPECT_LE(std::filesystem::file_size(folder_.File("db-wal")), 500'000);
}

TEST_F(FullDisk, IsLoggedOnceAndSoIsItsEnd) {
  const CapturedLog log;
  for (int round = 1; round <= 2; ++round) {
    disk_.Fill();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(absl::IsResourceExhausted(AddTrial(study_, 400'000)));
    EXPECT_EQ(log.Count("[error] the disk is full"), round) << log.text();
    EXPECT_EQ(log.Count("room again"), round - 1);
    disk_.Empty();
    EXPECT_OK(storage_->Transact([&](Transaction& t) { return t.GetStudy(study_).status(); }));
    EXPECT_EQ(log.Count("room again"), round - 1) << "nothing has been stored yet";
    for (int i = 0; i < 3; ++i) EXPECT_OK(AddTrial(study_, 1000));
    EXPECT_EQ(log.Count("[info] the disk has room again"), round) << log.text();
  }
  EXPECT_EQ(log.Count("[error]") + log.Count("[info]"), 4) << log.text();
}

// A new server on a disk where there is not even the log's room.
TEST_F(FullDisk, AtTheStartTakesDeletionsOnly) {
  while (trials_ < 10) ASSERT_OK(AddTrial(study_, 50'000));
  storage_.reset();
  SqliteOptions options = Options();
  options.limits.checkpoint_pages = 1000;
  disk_.Fill();
  disk_.Free(100'000);
  storage_ = MustOpen(folder_.File("db"), options);
  const absl::Status refused = AddTrial(study_, 1);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(refused.ToString(), HasSubstr("only deletions are stored"));
  EXPECT_OK(DeleteStudy(study_));
  disk_.Empty();
  EXPECT_TRUE(absl::IsResourceExhausted(AddTrial(other_study_, 1))) << "too small for such a log";
}

}  // namespace
}  // namespace photinus
