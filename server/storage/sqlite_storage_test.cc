// What SqliteStorage promises beyond the contract: opening files, group commit, the log.
#include "server/storage/sqlite_storage.h"

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/temporary_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/storage/sqlite_schema.h"
#include "server/storage/sqlite_transaction.h"
#include "tests/support/faulty_vfs.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<SqliteStorage> MustOpen(const std::string& path, const SqliteOptions& options = {}) {
  absl::StatusOr<std::unique_ptr<SqliteStorage>> storage = SqliteStorage::Open(path, options);
  if (!storage.ok()) throw std::runtime_error(storage.status().ToString());
  return *std::move(storage);
}

// The status of an Open that must be refused.
absl::Status Refusal(const std::string& path) {
  const absl::Status status = SqliteStorage::Open(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  return status;
}

absl::Status Put(Storage& storage, std::string_view key, std::string_view value = "v") {
  return storage.Transact([&](Transaction& t) { return t.PutSetting(key, value); });
}

bool Has(Storage& storage, std::string_view key) {
  bool has = false;
  const absl::Status status = storage.Read([&](Snapshot& s) -> absl::Status {
    ASSIGN_OR_RETURN(const auto value, s.GetSetting(key));
    has = value.has_value();
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return has;
}

// Changes the file behind the storage's back.
void Tamper(const std::string& path, const std::string& sql) {
  auto connection = SqliteConnection::Open(path, SqliteConnection::Mode::kWriter, "");
  ASSERT_TRUE(connection.ok()) << connection.status();
  const absl::Status status = (*connection)->Execute(sql);
  ASSERT_TRUE(status.ok()) << status;
}

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// This thread works on files as another user until the end of the scope; no effect unless run as root.
class AsNobody {
 public:
  AsNobody() : before_(setfsuid(65534)) {}
  ~AsNobody() { setfsuid(static_cast<uid_t>(before_)); }

 private:
  const int before_;
};

// --- Opening ---------------------------------------------------------------------------------------------------------

TEST(SqliteOpen, RefusesASecondServerOnOneFileAndNamesTheFirst) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  auto first = MustOpen(folder.File("db"));
  EXPECT_THAT(Refusal(folder.File("db")).ToString(),
              testing::AllOf(HasSubstr(folder.File("db")), HasSubstr(absl::StrCat("process ", getpid()))));
  std::filesystem::create_symlink(folder.File("db"), folder.File("link"));
  EXPECT_THAT(Refusal(folder.File("link")).ToString(), HasSubstr("in use by process")) << "by another name";
  first.reset();
  EXPECT_TRUE(SqliteStorage::Open(folder.File("db")).ok()) << "free again once the first is gone";
}

TEST(SqliteOpen, MakesAFileWhereALinkLeadsAndLocksItThere) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  std::filesystem::create_symlink("db", folder.File("relative"));
  std::filesystem::create_symlink(folder.File("relative"), folder.File("link"));
  auto first = MustOpen(folder.File("link"));
  EXPECT_THAT(Refusal(folder.File("db")).ToString(), HasSubstr("in use by process"));
}

TEST(SqliteOpen, RemovesOnlyTheLockThatItMade) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  std::ofstream(folder.File("notes.txt")) << std::string(5000, 'x');
  std::ofstream(folder.File("notes.txt.lock")) << "of another process, which ended";
  Refusal(folder.File("notes.txt")).IgnoreError();
  EXPECT_TRUE(std::filesystem::exists(folder.File("notes.txt.lock")));
}

TEST(SqliteOpen, ExplainsAMissingFolder) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  EXPECT_THAT(Refusal(folder.File("no/such/db")).ToString(), HasSubstr("mkdir -p " + folder.File("no/such")));
}

TEST(SqliteOpen, ExplainsAFolderInPlaceOfAFile) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  EXPECT_THAT(Refusal(folder.path()).ToString(), HasSubstr("is a folder"));
}

TEST(SqliteOpen, ExplainsAFolderThatCannotBeWritten) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  ASSERT_EQ(chmod(folder.path().c_str(), 0555), 0);
  const AsNobody nobody;
  EXPECT_THAT(Refusal(folder.File("db")).ToString(), HasSubstr("write access to the folder " + folder.path()));
}

TEST(SqliteOpen, ExplainsAFileThatCannotBeWritten) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  ASSERT_TRUE(Put(*MustOpen(folder.File("db")), "key").ok());
  ASSERT_EQ(chmod(folder.path().c_str(), 0777), 0);
  ASSERT_EQ(chmod(folder.File("db.lock").c_str(), 0666), 0);
  ASSERT_EQ(chmod(folder.File("db").c_str(), 0444), 0);
  {
    const AsNobody nobody;
    EXPECT_THAT(Refusal(folder.File("db")).ToString(), HasSubstr("read-only; make it writable"));
  }
  ASSERT_EQ(chmod(folder.File("db").c_str(), 0644), 0);
  EXPECT_TRUE(Has(*MustOpen(folder.File("db")), "key"));
}

TEST(SqliteOpen, RefusesAFileThatIsNoDatabase) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  std::ofstream(folder.File("notes.txt")) << std::string(5000, 'x');
  EXPECT_THAT(Refusal(folder.File("notes.txt")).ToString(), HasSubstr("is no database"));
  EXPECT_EQ(std::filesystem::file_size(folder.File("notes.txt")), 5000u) << "left as it was";
  EXPECT_FALSE(std::filesystem::exists(folder.File("notes.txt.lock")));
}

TEST(SqliteOpen, RefusesTheDatabaseOfAnotherProgram) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  for (const char* journal : {"DELETE", "WAL"}) {
    SCOPED_TRACE(journal);
    const std::string path = folder.File(journal);
    Tamper(path, absl::StrCat("PRAGMA journal_mode = ", journal, "; CREATE TABLE recipes (name TEXT)"));
    const std::string before = Bytes(path);
    EXPECT_THAT(Refusal(path).ToString(), HasSubstr("another program"));
    EXPECT_TRUE(Bytes(path) == before) << "left as it was";
    for (const char* suffix : {"-wal", "-shm", ".lock", ".open", ".unchecked"}) {
      EXPECT_FALSE(std::filesystem::exists(path + suffix)) << suffix;
    }
  }
}

TEST(SqliteOpen, RefusesASchemaThatItDoesNotKnowAndChangesNothing) {
  struct Case {
    const char* name;
    const char* sql;
    const char* message;
  };
  for (const Case& c : {
           Case{"newer", "INSERT INTO schema_migrations VALUES (99, 'abc', 0)", "schema version 99"},
           Case{"tampered", "UPDATE schema_migrations SET checksum = '0123456789abcdef'", "0123456789abcdef"},
           Case{"gap", "UPDATE schema_migrations SET version = 0 WHERE version = 1", "restore a backup"},
       }) {
    SCOPED_TRACE(c.name);
    TemporaryFolder folder = *TemporaryFolder::Make();
    ASSERT_TRUE(Put(*MustOpen(folder.File("db")), "key").ok());
    Tamper(folder.File("db"), c.sql);
    EXPECT_THAT(Refusal(folder.File("db")).ToString(), testing::AllOf(HasSubstr(c.message), HasSubstr("db: ")));
    EXPECT_THAT(Refusal(folder.File("db")).ToString(), HasSubstr(c.message)) << "still";
  }
}

TEST(SqliteOpen, TwoDatabasesInMemoryAreStrangers) {
  auto first = SqliteStorage::OpenInMemory();
  auto second = SqliteStorage::OpenInMemory();
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_TRUE(Put(**first, "key").ok());
  EXPECT_FALSE(Has(**second, "key"));
}

// --- Group commit ----------------------------------------------------------------------------------------------------

// Keeps the writer busy inside a transaction until the end of the scope.
class BusyWriter {
 public:
  explicit BusyWriter(Storage& storage)
      : thread_([&storage, this] {
          storage
              .Transact([&](Transaction&) {
                if (!entered_.exchange(true)) entry_.set_value();  // a body may run again
                released_.wait();
                return absl::OkStatus();
              })
              .IgnoreError();
        }) {
    entry_.get_future().wait();
  }
  ~BusyWriter() {
    release_.set_value();
    thread_.join();
  }

 private:
  std::atomic<bool> entered_ = false;
  std::promise<void> entry_, release_;
  std::shared_future<void> released_ = release_.get_future().share();
  std::thread thread_;
};

// Transactions in threads of their own, whose results come later.
class Callers {
 public:
  explicit Callers(Storage& storage) : storage_(storage) {}
  void Put(std::string key, std::string value = "v") {
    results_.push_back(
        std::async(std::launch::async, [this, key, value] { return photinus::Put(storage_, key, value); }));
  }
  absl::Status Result(size_t i) { return results_[i].get(); }
  size_t size() const { return results_.size(); }

 private:
  Storage& storage_;
  std::vector<std::future<absl::Status>> results_;
};

void WaitUntilQueued(const SqliteStorage& storage, size_t callers) {
  while (storage.Queued() < callers) std::this_thread::yield();
}

TEST(GroupCommit, ManyWaitingTransactionsShareOneSync) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  FaultyVfs vfs;
  auto storage = MustOpen(folder.File("db"), {.vfs = vfs.name()});
  ASSERT_TRUE(Put(*storage, "warm up").ok());
  Callers callers(*storage);
  {
    BusyWriter busy(*storage);
    for (int i = 0; i < 32; ++i) callers.Put(absl::StrCat(i));
    WaitUntilQueued(*storage, 32);
    vfs.syncs = 0;
  }
  for (size_t i = 0; i < callers.size(); ++i) EXPECT_TRUE(callers.Result(i).ok());
  EXPECT_LE(vfs.syncs, 3) << "not one for each of the 32";
  EXPECT_GE(vfs.syncs, 1);
}

TEST(GroupCommit, AFullQueueRefusesAtOnce) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  SqliteOptions options;
  options.limits.queue = 2;
  auto storage = MustOpen(folder.File("db"), options);
  Callers callers(*storage);
  {
    BusyWriter busy(*storage);
    callers.Put("a");
    callers.Put("b");
    WaitUntilQueued(*storage, 2);
    const absl::Status refused = Put(*storage, "c");
    EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  }
  EXPECT_TRUE(callers.Result(0).ok());
  EXPECT_TRUE(callers.Result(1).ok());
  EXPECT_FALSE(Has(*storage, "c"));
}

TEST(GroupCommit, ClosingFinishesWhatIsQueued) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  auto storage = MustOpen(folder.File("db"));
  Callers callers(*storage);
  std::thread closing;
  {
    BusyWriter busy(*storage);
    for (int i = 0; i < 8; ++i) callers.Put(absl::StrCat(i));
    WaitUntilQueued(*storage, 8);
    closing = std::thread([&] { storage.reset(); });
  }
  closing.join();
  for (size_t i = 0; i < callers.size(); ++i) EXPECT_TRUE(callers.Result(i).ok());
  storage = MustOpen(folder.File("db"));
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(Has(*storage, absl::StrCat(i)));
}

TEST(GroupCommit, CallsFromInsideABodyAreRefused) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  auto on_disk = MustOpen(folder.File("db"));
  auto in_memory = SqliteStorage::OpenInMemory();
  ASSERT_TRUE(in_memory.ok());
  for (Storage* storage : {static_cast<Storage*>(on_disk.get()), static_cast<Storage*>(in_memory->get())}) {
    const auto transact = [&] { return Put(*storage, "inner"); };
    const auto read = [&] { return storage->Read([](Snapshot&) { return absl::OkStatus(); }); };
    EXPECT_TRUE(absl::IsInternal(storage->Transact([&](Transaction&) { return transact(); })));
    EXPECT_TRUE(absl::IsInternal(storage->Transact([&](Transaction&) { return read(); })));
    EXPECT_TRUE(absl::IsInternal(storage->Read([&](Snapshot&) { return transact(); })));
    EXPECT_TRUE(absl::IsInternal(storage->Read([&](Snapshot&) { return read(); })));
    EXPECT_TRUE(transact().ok());
    EXPECT_TRUE(read().ok());
  }
}

// --- Faults ----------------------------------------------------------------------------------------------------------

TEST(SqliteFaults, AfterAFailedSyncNothingIsAcknowledgedUntilARestart) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  FaultyVfs vfs;
  auto storage = MustOpen(folder.File("db"), {.vfs = vfs.name()});
  ASSERT_TRUE(Put(*storage, "before").ok());
  EXPECT_TRUE(storage->Healthy());
  vfs.syncs_fail.Begin();
  const absl::Status failed = Put(*storage, "during");
  EXPECT_TRUE(absl::IsUnavailable(failed)) << failed;
  EXPECT_FALSE(storage->Healthy());
  vfs.syncs_fail.End();
  const absl::Status later = Put(*storage, "after");
  EXPECT_TRUE(absl::IsUnavailable(later)) << later;
  EXPECT_THAT(later.ToString(), HasSubstr("restart the server"));
  EXPECT_TRUE(Has(*storage, "before")) << "reads go on";
  EXPECT_FALSE(Has(*storage, "after"));
  storage.reset();
  storage = MustOpen(folder.File("db"));
  EXPECT_TRUE(Has(*storage, "before"));
  EXPECT_FALSE(Has(*storage, "after"));
  EXPECT_TRUE(Put(*storage, "after").ok());
}

// SQLite finds room for the index of its log only once the commit is in the log, so the refused change may come back.
TEST(SqliteFaults, ACommitThatDoesNotFitTheIndexOfTheLogIsLikeAFailedSync) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  FaultyVfs vfs;
  SqliteOptions options{.vfs = vfs.name()};
  options.limits.restart_pages = 256;  // the index starts with its one block, of 4,062 pages
  {
    auto storage = MustOpen(folder.File("db"), options);
    ASSERT_TRUE(Put(*storage, "before").ok());
    vfs.index_is_full.Begin();
    const absl::Status refused = Put(*storage, "large", std::string(20 << 20, 'x'));
    EXPECT_TRUE(vfs.index_is_full.HasStruck());
    EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
    EXPECT_THAT(refused.ToString(), HasSubstr("may have been stored"));
    EXPECT_FALSE(storage->Healthy());
    EXPECT_TRUE(absl::IsUnavailable(Put(*storage, "after")));
    vfs.index_is_full.End();
  }
  auto storage = MustOpen(folder.File("db"));
  EXPECT_TRUE(Has(*storage, "before"));
  EXPECT_TRUE(Has(*storage, "large")) << "it was in the log";
  EXPECT_FALSE(Has(*storage, "after"));
}

TEST(SqliteFaults, AFailedWriteIsNeverAcknowledged) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  FaultyVfs vfs;
  auto storage = MustOpen(folder.File("db"), {.vfs = vfs.name()});
  vfs.writes_fail.Begin();
  EXPECT_TRUE(absl::IsUnavailable(Put(*storage, "key")));
  EXPECT_FALSE(storage->Healthy());
  vfs.writes_fail.End();
  storage.reset();
  EXPECT_FALSE(Has(*MustOpen(folder.File("db")), "key"));
}

TEST(SqliteFaults, AFullDiskRefusesWritesAndRecoversByItself) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  FaultyVfs vfs;
  auto storage = MustOpen(folder.File("db"), {.vfs = vfs.name()});
  ASSERT_TRUE(Put(*storage, "before").ok());
  vfs.disk_is_full.Begin();
  for (int i = 0; i < 3; ++i) {
    const absl::Status full = Put(*storage, "during");
    EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  }
  EXPECT_TRUE(storage->Healthy());
  EXPECT_TRUE(Has(*storage, "before"));
  EXPECT_FALSE(Has(*storage, "during"));
  vfs.disk_is_full.End();
  EXPECT_TRUE(Put(*storage, "after").ok());
  EXPECT_TRUE(Has(*storage, "after"));
}

TEST(SqliteFaults, ABodyThatOverlooksAFullDiskIsNotAcknowledged) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  auto storage = MustOpen(folder.File("db"), {.max_pages = 100});
  const absl::Status full = storage->Transact([](Transaction& t) {
    t.PutSetting("large", std::string(1 << 20, 'x')).IgnoreError();
    return absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
}

TEST(SqliteFaults, OnlyTheTransactionThatDoesNotFitIsRefused) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  auto storage = MustOpen(folder.File("db"), {.max_pages = 200});
  Callers callers(*storage);
  {
    BusyWriter busy(*storage);
    callers.Put("a");
    callers.Put("large", std::string(2 << 20, 'x'));
    callers.Put("b");
    WaitUntilQueued(*storage, 3);
  }
  EXPECT_TRUE(callers.Result(0).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(callers.Result(1)));
  EXPECT_TRUE(callers.Result(2).ok());
  EXPECT_TRUE(Has(*storage, "a"));
  EXPECT_FALSE(Has(*storage, "large"));
  EXPECT_TRUE(Has(*storage, "b"));
}

TEST(SqliteFaults, DeletingAStudyMakesRoomAgain) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  auto storage = MustOpen(folder.File("db"), {.max_pages = 300});
  int64_t uid = 0;
  ASSERT_TRUE(storage
                  ->Transact([&](Transaction& t) -> absl::Status {
                    RETURN_IF_ERROR(t.EnsureOwner("ada"));
                    StudyRow study;
                    study.owner = "ada";
                    study.display_name = "kws";
                    ASSIGN_OR_RETURN(uid, t.InsertStudy(study));
                    return absl::OkStatus();
                  })
                  .ok());
  const std::string bytes(100000, 'x');
  absl::Status status;
  int64_t trials = 0;
  while (status.ok()) {
    ASSERT_LT(trials, 100);
    status = storage->Transact([&](Transaction& t) -> absl::Status {
      TrialRow trial;
      trial.study_uid = uid;
      trial.id = trials + 1;
      RETURN_IF_ERROR(t.PutTrial(trial));
      return t.PutArtifact(uid, ArtifactRow{trial.id, "model.tflite", "00", 0}, bytes);
    });
    if (status.ok()) ++trials;
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_GE(trials, 5);
  EXPECT_TRUE(storage->Transact([&](Transaction& t) { return t.DeleteStudy(uid); }).ok());
  for (bool more = true; more;) {
    EXPECT_TRUE(storage
                    ->Transact([&](Transaction& t) -> absl::Status {
                      ASSIGN_OR_RETURN(more, t.EraseDeleted(10));
                      return absl::OkStatus();
                    })
                    .ok());
  }
  EXPECT_TRUE(Put(*storage, "large", bytes).ok());
}

// --- The write-ahead log ---------------------------------------------------------------------------------------------

int64_t LogBytes(const TemporaryFolder& folder) {
  std::error_code error;
  const auto size = std::filesystem::file_size(folder.File("db-wal"), error);
  return error ? 0 : static_cast<int64_t>(size);
}

TEST(SqliteLog, StaysShortUnderManyWritesAndShrinksAfterAReaderHeldItUp) {
  constexpr int64_t kKiB = 1024;
  TemporaryFolder folder = *TemporaryFolder::Make();
  SqliteOptions options;
  options.limits.checkpoint_pages = 32;  // 128 KiB
  options.limits.restart_pages = 256;    // 1 MiB
  auto storage = MustOpen(folder.File("db"), options);
  char letter = 'a';  // SQLite does not write what stays the same
  const auto write = [&](int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(Put(*storage, "key", std::string(16 * kKiB, ++letter)).ok());
  };
  write(50);
  EXPECT_LE(LogBytes(folder), 400 * kKiB) << "of more than 800 KiB written";
  const absl::Status read = storage->Read([&](Snapshot& s) -> absl::Status {
    RETURN_IF_ERROR(s.GetSetting("key").status());  // the view begins here
    std::thread([&] { write(80); }).join();
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_GE(LogBytes(folder), 1280 * kKiB) << "a view is kept whole, whatever the cost";
  write(20);
  EXPECT_LE(LogBytes(folder), 1200 * kKiB) << "truncated once the reader was gone";
  storage.reset();
  EXPECT_EQ(LogBytes(folder), 0) << "an orderly close leaves no log";
}

// --- The schema ------------------------------------------------------------------------------------------------------

TEST(SqliteSchema, NoStatementScansATable) {
  auto connection = SqliteConnection::Open(":memory:", SqliteConnection::Mode::kWriter, "");
  ASSERT_TRUE(connection.ok());
  ASSERT_TRUE(MigrateSqlite(**connection, SqliteMigrations(), absl::UnixEpoch()).ok());
  SqliteTransaction t(**connection);
  ASSERT_TRUE(t.EnsureOwner("ada").ok());
  StudyRow study;
  study.owner = "ada";
  study.display_name = "kws";
  study.uid = t.InsertStudy(study).value();
  const int64_t uid = study.uid;
  pb::KeyValue entry;
  for (int64_t id = 1; id <= 3; ++id) {
    TrialRow trial;
    trial.study_uid = uid;
    trial.id = id;
    ASSERT_TRUE(t.PutTrial(trial).ok());
    ASSERT_TRUE(t.AddMeasurement(uid, id, 1, pb::Measurement()).ok());
    ASSERT_TRUE(t.PutMetadata(uid, id, entry).ok());
    ASSERT_TRUE(t.PutAttempt(uid, AttemptRow{id}).ok());
    ASSERT_TRUE(t.PutOperation(OperationRow{uid, "w", id}).ok());
    ASSERT_TRUE(t.PutArtifact(uid, ArtifactRow{id, "a", "", 1}, "x").ok());
    ASSERT_TRUE(t.PutRequest(uid, {std::to_string(id), "call"}).ok() && t.FindRequest(uid, "1").ok());
  }
  ASSERT_TRUE(t.PutAlgorithmState(uid, "GA", "x").ok() && t.PutSetting("k", "v").ok() && t.UpdateStudy(study).ok());
  ASSERT_TRUE(t.GetStudy(uid).ok() && t.FindStudy("ada", "kws").ok() && t.ListStudies("ada", 0, -1).ok());
  ASSERT_TRUE(t.ListStudyBytes("ada", 0, -1).ok() && t.FindAttempt(uid, 1, 0).ok());
  ASSERT_TRUE(t.GetTrial(uid, 1).ok() && t.CountTrials(uid).ok() && t.ListTrials(uid, {}).ok());
  using T = pb::Trial;
  for (const std::vector<T::State>& states : std::vector<std::vector<T::State>>{
           {}, {T::REQUESTED}, {T::ACTIVE}, {T::STOPPING}, {T::ACTIVE, T::STOPPING}, {T::SUCCEEDED, T::INFEASIBLE}}) {
    ASSERT_TRUE(t.ListTrials(uid, {.states = states}).ok() && t.ListTrialBytes(uid, {.states = states}).ok());
    ASSERT_TRUE(t.ListTrials(uid, {.states = states, .client_id = "w"}).ok());
    ASSERT_TRUE(t.ListTrials(uid, {.states = states, .since_version = 0}).ok());
  }
  ASSERT_TRUE(t.ListTrials(uid, {.states = {T::REQUESTED}, .tried_before = true}).ok());
  ASSERT_TRUE(t.ListDeletedTrials(uid, 0).ok());
  ASSERT_TRUE(t.ListMeasurements(uid, 1, 2).ok() && t.ListAttemptMeasurements(uid, 1, 1).ok());
  ASSERT_TRUE(t.ListMetadata(uid, 0, 2).ok() && t.ListAttempts(uid, 1, 0, -1).ok() && t.ListArtifacts(uid, 1).ok());
  ASSERT_TRUE(t.GetOperation(uid, "w", 1).ok() && t.LastOperationNumber(uid, "w").ok());
  ASSERT_TRUE(t.GetAlgorithmState(uid, "GA").ok() && t.GetSetting("k").ok() && t.OwnerExists("ada").ok());
  ASSERT_TRUE(t.ReadArtifact(uid, 1, "a", 0, 1).ok() && t.DeleteTrial(uid, 1, 1).ok());
  ASSERT_TRUE(t.ListUnfinishedOperations(uid, "w").ok() && t.DeleteOldOperations(uid, "w", 2, absl::Now(), 2).ok());
  ASSERT_TRUE(t.DeleteOldRequests(uid, 2, absl::UnixEpoch(), 2).ok());
  ASSERT_TRUE(t.DeleteStudy(uid).ok() && t.HasDeleted().ok());
  while (t.EraseDeleted(2).value()) {
  }
  int statements = 0;
  for (sqlite3_stmt* s = sqlite3_next_stmt((*connection)->handle(), nullptr); s != nullptr;
       s = sqlite3_next_stmt((*connection)->handle(), s)) {
    const std::string sql = sqlite3_sql(s);
    if (sql.find("sqlite_schema") != std::string::npos || sql.find("schema_migrations") != std::string::npos) continue;
    ++statements;
    EXPECT_EQ(sqlite3_stmt_status(s, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0), 0) << sql;
  }
  EXPECT_GE(statements, 40);
}

}  // namespace
}  // namespace photinus
