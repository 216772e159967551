// Databases of earlier schemas, on both backends. The files testdata/*_schema_1.sql hold what the first schema made of
// PutSampleStudy; whatever steps were added since, their rows read the same.
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/temporary_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/storage/postgres_schema.h"
#include "server/storage/postgres_storage.h"
#include "server/storage/sqlite_schema.h"
#include "server/storage/sqlite_storage.h"
#include "tests/support/postgres_main.h"
#include "tests/support/sample_study.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

using ::testing::ExitedWithCode;
using ::testing::HasSubstr;

constexpr int kCrashed = 9;

std::string TestData(const std::string& name) {
  std::ifstream file(std::string(PHOTINUS_TESTDATA) + "/" + name);
  if (!file) throw std::runtime_error("no file " + name);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The sample study with its operation and setting.
std::string Describe(Storage& storage) {
  std::string all;
  EXPECT_OK(storage.Read([&](Snapshot& s) -> absl::Status {
    ASSIGN_OR_RETURN(const auto study, s.FindStudy("ada", "kws"));
    if (!study.has_value()) return absl::NotFoundError("no study");
    ASSIGN_OR_RETURN(all, DescribeStudy(s, study->uid));
    ASSIGN_OR_RETURN(const auto operation, s.GetOperation(study->uid, "w2.0", 3));
    if (!operation.has_value()) return absl::NotFoundError("no operation");
    absl::StrAppend(&all, operation->count, operation->done, absl::ToUnixMicros(operation->created), " ",
                    absl::ToUnixMicros(operation->finished), " ", operation->trial_ids.size(), operation->error_code,
                    operation->error_message, "\n");
    ASSIGN_OR_RETURN(const auto setting, s.GetSetting("key"));
    absl::StrAppend(&all, setting.value_or("none"), "\n");
    return absl::OkStatus();
  }));
  return all;
}

// What it is in a database that was always of today's schema.
std::string Expected() {
  const auto storage = *SqliteStorage::OpenInMemory();
  EXPECT_OK(storage->Transact([](Transaction& t) { return PutSampleStudy(t).status(); }));
  return Describe(*storage);
}

// Rows say what their lists take, although they were written before there was a column for it.
void ExpectKnowsBytes(Storage& storage) {
  EXPECT_OK(storage.Read([](Snapshot& s) -> absl::Status {
    ASSIGN_OR_RETURN(const auto study, s.FindStudy("ada", "kws"));
    ASSIGN_OR_RETURN(const auto trials, s.ListTrials(study->uid, {}));
    int64_t all_measured = 0;
    int64_t all_measured_before = 0;
    int64_t all_metadata = 0;
    for (const TrialRow& trial : trials) {
      int64_t measured = 0;
      ASSIGN_OR_RETURN(const auto measurements, s.ListMeasurements(study->uid, trial.id, trial.id));
      for (const MeasurementRow& row : measurements) measured += static_cast<int64_t>(row.body.ByteSizeLong()) + 8;
      EXPECT_EQ(trial.measurement_bytes, measured) << trial.id;
      int64_t metadata = 0;
      ASSIGN_OR_RETURN(const auto entries, s.ListMetadata(study->uid, trial.id, trial.id));
      for (const MetadataRow& row : entries) metadata += static_cast<int64_t>(row.entry.ByteSizeLong()) + 8;
      EXPECT_EQ(trial.metadata_bytes, metadata) << trial.id;
      ASSIGN_OR_RETURN(const auto attempts, s.ListAttempts(study->uid, trial.id));
      for (const AttemptRow& attempt : attempts) {
        int64_t earlier = 0;
        ASSIGN_OR_RETURN(const auto rows, s.ListAttemptMeasurements(study->uid, trial.id, attempt.attempt));
        for (const MeasurementRow& row : rows) earlier += static_cast<int64_t>(row.body.ByteSizeLong()) + 8;
        EXPECT_EQ(attempt.measurement_bytes, earlier) << trial.id;
        all_measured_before += earlier;
      }
      all_measured += measured;
      all_metadata += metadata;
    }
    EXPECT_GT(all_measured, 0);
    EXPECT_GT(all_measured_before, 0);
    EXPECT_GT(all_metadata, 0);
    return absl::OkStatus();
  }));
}

void ExpectGoesOn(Storage& storage) {
  EXPECT_OK(storage.Transact([](Transaction& t) -> absl::Status {
    ASSIGN_OR_RETURN(auto study, t.FindStudy("ada", "kws"));
    ++study->version;
    RETURN_IF_ERROR(t.UpdateStudy(*study));
    study->display_name = "second";
    return t.InsertStudy(*study).status();
  }));
}

class SqliteMigration : public ::testing::Test {
 protected:
  SqliteMigration() { EXPECT_OK(Connect()->Execute(TestData("sqlite_schema_1.sql"))); }

  std::unique_ptr<SqliteConnection> Connect() {
    auto connection = SqliteConnection::Open(path_, SqliteConnection::Mode::kWriter, "");
    if (!connection.ok()) throw std::runtime_error(connection.status().ToString());
    return *std::move(connection);
  }
  // This program's steps and one more.
  static std::vector<std::string_view> StepsAnd(std::string_view next) {
    std::vector<std::string_view> steps(SqliteMigrations().begin(), SqliteMigrations().end());
    steps.push_back(next);
    return steps;
  }

  const TemporaryFolder folder_ = *TemporaryFolder::Make();
  const std::string path_ = folder_.File("db");
};

TEST_F(SqliteMigration, OfTheFirstSchemaKeepsEveryRow) {
  const auto storage = SqliteStorage::Open(path_);
  ASSERT_OK(storage);
  EXPECT_EQ(Describe(**storage), Expected());
  ExpectKnowsBytes(**storage);
  ExpectGoesOn(**storage);
}

TEST_F(SqliteMigration, KeepsACopyOfWhatWas) {
  const std::vector<std::string_view> steps = StepsAnd("DELETE FROM settings");
  const std::string copy = absl::StrCat(path_, ".schema1");
  const std::string unfinished = absl::StrCat(copy, ".1f2e3d4c.part");
  for (const std::string& earlier : {copy, unfinished}) std::ofstream(earlier) << "of a start that was killed";
  ASSERT_OK(SqliteStorage::Open(path_, {.migrations = steps}));
  ASSERT_TRUE(std::filesystem::exists(copy));
  EXPECT_FALSE(std::filesystem::exists(unfinished));
  // As it was, so that the program of then can go on with it.
  const auto before = SqliteStorage::Open(copy);
  ASSERT_OK(before);
  EXPECT_EQ(Describe(**before), Expected());
}

TEST_F(SqliteMigration, OfACurrentDatabaseDoesNothing) {
  ASSERT_OK(SqliteStorage::Open(path_));
  std::filesystem::remove(path_ + ".schema1");
  ASSERT_OK(SqliteStorage::Open(path_));
  EXPECT_FALSE(std::filesystem::exists(absl::StrCat(path_, ".schema", SqliteMigrations().size())));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".schema1"));
}

TEST_F(SqliteMigration, OfANewerDatabaseIsRefused) {
  const std::vector<std::string_view> steps = StepsAnd("CREATE TABLE later (x INTEGER) STRICT");
  ASSERT_OK(SqliteStorage::Open(path_, {.migrations = steps}));
  const absl::Status refused = SqliteStorage::Open(path_).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.ToString(), HasSubstr(absl::StrCat("the database has schema version ", steps.size())));
  EXPECT_OK(SqliteStorage::Open(path_, {.migrations = steps})) << "and left alone";
}

TEST_F(SqliteMigration, ThatFailsLeavesTheOldSchema) {
  const std::vector<std::string_view> steps = StepsAnd("DELETE FROM settings; INSERT INTO nowhere VALUES (1)");
  EXPECT_FALSE(SqliteStorage::Open(path_, {.migrations = steps}).ok());
  const auto storage = SqliteStorage::Open(path_);
  ASSERT_OK(storage);
  EXPECT_EQ(Describe(**storage), Expected());
}

TEST_F(SqliteMigration, ThatCrashesLeavesTheOldSchema) {
  const std::vector<std::string_view> steps = StepsAnd("DELETE FROM settings; SELECT crash()");
  const auto migrate_and_crash = [&] {
    const auto connection = Connect();
    connection->Execute("PRAGMA journal_mode = WAL").IgnoreError();
    sqlite3_create_function(
        connection->handle(), "crash", 0, SQLITE_UTF8, nullptr,
        [](sqlite3_context*, int, sqlite3_value**) { std::_Exit(kCrashed); }, nullptr, nullptr);
    MigrateSqlite(*connection, steps, absl::UnixEpoch()).IgnoreError();
  };
  EXPECT_EXIT(migrate_and_crash(), ExitedWithCode(kCrashed), "");
  const auto storage = SqliteStorage::Open(path_);
  ASSERT_OK(storage);
  EXPECT_EQ(Describe(**storage), Expected());
}

class PostgresMigration : public ::testing::Test {
 protected:
  PostgresMigration() { EXPECT_OK(Connect()->Execute(TestData("postgres_schema_1.sql"))); }

  std::unique_ptr<PostgresConnection> Connect() {
    auto connection = PostgresConnection::Open(url_);
    if (!connection.ok()) throw std::runtime_error(connection.status().ToString());
    return *std::move(connection);
  }
  // With this program's steps and one more.
  absl::Status MigrateAnd(std::string_view next) {
    std::vector<std::string_view> steps(PostgresMigrations().begin(), PostgresMigrations().end());
    steps.push_back(next);
    return MigratePostgres(*Connect(), steps, absl::UnixEpoch());
  }

  const std::string url_ = TestPostgres().MakeDatabase();
};

TEST_F(PostgresMigration, OfTheFirstSchemaKeepsEveryRow) {
  const auto storage = PostgresStorage::Open(url_);
  ASSERT_OK(storage);
  EXPECT_EQ(Describe(**storage), Expected());
  ExpectKnowsBytes(**storage);
  ExpectGoesOn(**storage);
}

TEST_F(PostgresMigration, OfANewerDatabaseIsRefused) {
  ASSERT_OK(MigrateAnd("CREATE TABLE later (x integer)"));
  const absl::Status refused = PostgresStorage::Open(url_).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.ToString(),
              HasSubstr(absl::StrCat("the database has schema version ", PostgresMigrations().size() + 1)));
}

TEST_F(PostgresMigration, ThatFailsOrLosesItsConnectionLeavesTheOldSchema) {
  EXPECT_FALSE(MigrateAnd("DELETE FROM settings; INSERT INTO nowhere VALUES (1)").ok());
  EXPECT_FALSE(MigrateAnd("DELETE FROM settings; SELECT pg_terminate_backend(pg_backend_pid())").ok());
  const auto storage = PostgresStorage::Open(url_);
  ASSERT_OK(storage);
  EXPECT_EQ(Describe(**storage), Expected());
}

}  // namespace
}  // namespace photinus
