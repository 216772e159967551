// PostgreSQL keeps the storage contract; and what is particular to it.
#include "server/storage/postgres_storage.h"

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/storage/storage_contract.h"
#include "tests/support/postgres_main.h"
#include "tests/support/postgres_proxy.h"
#include "tests/support/postgres_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/storage_places.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

INSTANTIATE_TEST_SUITE_P(Postgres, StorageContract,
                         testing::Values(StorageBackend{
                             "Database", true, [] { return std::make_unique<PostgresPlace>(TestPostgres()); }}),
                         [](const auto& info) { return info.param.name; });

std::unique_ptr<PostgresStorage> Open(const std::string& url, const PostgresOptions& options = {}) {
  absl::StatusOr<std::unique_ptr<PostgresStorage>> storage = PostgresStorage::Open(url, options);
  if (!storage.ok()) throw std::runtime_error(storage.status().ToString());
  return *std::move(storage);
}

int64_t AddStudy(Storage& storage, const std::string& name) {
  int64_t uid = 0;
  EXPECT_OK(storage.Transact([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.EnsureOwner("ada"));
    StudyRow study;
    study.owner = "ada";
    study.display_name = name;
    ASSIGN_OR_RETURN(uid, t.InsertStudy(study));
    return absl::OkStatus();
  }));
  return uid;
}

// Counts the study's version up: what is done twice shows.
absl::Status CountUp(Transaction& t, int64_t uid) {
  ASSIGN_OR_RETURN(auto study, t.GetStudy(uid));
  if (!study.has_value()) return absl::NotFoundError("no study");
  ++study->version;
  return t.UpdateStudy(*study);
}

int64_t VersionOf(Storage& storage, int64_t uid) {
  int64_t version = -1;
  EXPECT_OK(storage.Read([&](Snapshot& s) -> absl::Status {
    ASSIGN_OR_RETURN(const auto study, s.GetStudy(uid));
    if (study.has_value()) version = study->version;
    return absl::OkStatus();
  }));
  return version;
}

// Ends all connections to the database but the test's own.
void TerminateConnections(const std::string& url) {
  const size_t name = url.find("@/") + 2;
  TestPostgres().Query("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '" +
                       url.substr(name, url.find('?') - name) + "'");
}

void InThreads(int threads, const std::function<void(int)>& body) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back(body, i);
  for (std::thread& thread : running) thread.join();
}

TEST(PostgresReplicas, CountUpOneStudyWithoutLosingAnUpdate) {
  constexpr int kReplicas = 3, kThreads = 4, kEach = 15;
  const std::string url = TestPostgres().MakeDatabase();
  std::vector<std::unique_ptr<PostgresStorage>> replicas;
  for (int i = 0; i < kReplicas; ++i) replicas.push_back(Open(url));
  const int64_t uid = AddStudy(*replicas[0], "kws");
  InThreads(kReplicas * kThreads, [&](int thread) {
    for (int i = 0; i < kEach; ++i) {
      EXPECT_OK(replicas[thread % kReplicas]->Transact([&](Transaction& t) { return CountUp(t, uid); }));
    }
  });
  EXPECT_EQ(VersionOf(*replicas[1], uid), kReplicas * kThreads * kEach);
}

TEST(PostgresReplicas, StartAtOnceOnAnEmptyDatabase) {
  const std::string url = TestPostgres().MakeDatabase();
  std::vector<std::string> secrets(6);
  InThreads(6, [&](int thread) {
    const auto storage = Open(url);
    EXPECT_OK(storage->Transact([&](Transaction& t) -> absl::Status {
      ASSIGN_OR_RETURN(const auto stored, t.GetSetting("secret"));
      secrets[thread] = stored.value_or(absl::StrCat(thread));
      return stored.has_value() ? absl::OkStatus() : t.PutSetting("secret", secrets[thread]);
    }));
  });
  for (const std::string& secret : secrets) EXPECT_EQ(secret, secrets[0]) << "all hold the same secret";
}

TEST(PostgresReplicas, ABodyThatLookedForAStudyInVainRunsAgainWhenAnotherInsertsIt) {
  const std::string url = TestPostgres().MakeDatabase();
  const auto here = Open(url), there = Open(url);
  int64_t found = 0, inserted = 0;
  EXPECT_OK(here->Transact([&](Transaction& t) -> absl::Status {
    ASSIGN_OR_RETURN(const auto study, t.FindStudy("ada", "kws"));
    if (study.has_value()) {
      found = study->uid;
      return absl::OkStatus();
    }
    inserted = AddStudy(*there, "kws");
    StudyRow row;
    row.owner = "ada";
    row.display_name = "kws";
    return t.InsertStudy(row).status();
  }));
  EXPECT_GT(inserted, 0);
  EXPECT_EQ(found, inserted);
}

TEST(PostgresReplicas, ABodyThatMeetsAConflictEveryTimeIsAborted) {
  const std::string url = TestPostgres().MakeDatabase();
  const auto storage = Open(url);
  const auto other = Open(url);
  AddStudy(*storage, "kws");
  int tries = 0;
  const absl::Status status = storage->Transact([&](Transaction& t) -> absl::Status {
    const std::string name = absl::StrCat("study ", ++tries);
    ASSIGN_OR_RETURN(const auto found, t.FindStudy("ada", name));
    if (found.has_value()) return absl::InternalError("not yet");
    AddStudy(*other, name);
    StudyRow row;
    row.owner = "ada";
    row.display_name = name;
    return t.InsertStudy(row).status();
  });
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_GT(tries, 8);
}

TEST(PostgresReplicas, ADeadlockIsResolvedByRunningOneAgain) {
  const std::string url = TestPostgres().MakeDatabase();
  const std::vector<std::unique_ptr<PostgresStorage>> replicas = [&] {
    std::vector<std::unique_ptr<PostgresStorage>> both;
    both.push_back(Open(url));
    both.push_back(Open(url));
    return both;
  }();
  const int64_t uids[] = {AddStudy(*replicas[0], "a"), AddStudy(*replicas[0], "b")};
  std::atomic<int> locked = 0;
  InThreads(2, [&](int thread) {
    EXPECT_OK(replicas[thread]->Transact([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(CountUp(t, uids[thread]));
      for (++locked; locked < 2;) std::this_thread::yield();
      return CountUp(t, uids[1 - thread]);
    }));
  });
  EXPECT_EQ(VersionOf(*replicas[0], uids[0]), 2);
  EXPECT_EQ(VersionOf(*replicas[0], uids[1]), 2);
}

TEST(PostgresBatches, CallersThatWaitShareOneCommit) {
  constexpr int kCallers = 9;
  const std::string url = TestPostgres().MakeDatabase();
  const auto storage = Open(url);
  const int64_t uid = AddStudy(*storage, "kws");
  const auto commits = [&] {
    auto connection = PostgresConnection::Open(url);
    PostgresStatement statement(**connection, "SELECT sum(last_commit)::bigint FROM writers");
    EXPECT_TRUE(statement.Step().value_or(false));
    return statement.Int();
  };
  const int64_t before = commits();
  std::atomic<int> failed = 0;
  std::atomic<bool> gathered = false;
  InThreads(kCallers, [&](int caller) {
    const absl::Status status = storage->Transact([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(CountUp(t, uid));
      // Every second body asks the server something, so that its change travels before the body ends.
      if (caller % 2 == 0) RETURN_IF_ERROR(t.OwnerExists("ada").status());
      // The one that leads waits for the others, whom it then runs.
      while (!gathered && storage->Queued() < kCallers - 1) std::this_thread::yield();
      gathered = true;
      return caller % 3 == 0 ? absl::FailedPreconditionError("on purpose") : absl::OkStatus();
    });
    if (!status.ok()) ++failed;
  });
  EXPECT_EQ(failed, 3);
  EXPECT_EQ(VersionOf(*storage, uid), kCallers - 3);
  EXPECT_EQ(commits(), before + 1);
}

TEST(PostgresBatches, AndThoseWhoWaitTryOnceToReachALostDatabase) {
  constexpr int kCallers = 9;
  PostgresServer own;
  PostgresProxy proxy(own.MakeDatabase());
  const auto storage = Open(proxy.url());
  const int64_t uid = AddStudy(*storage, "kws");
  std::atomic<bool> gathered = false;
  int before = 0;
  InThreads(kCallers, [&](int) {
    const absl::Status status = storage->Transact([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(CountUp(t, uid));
      while (!gathered && storage->Queued() < kCallers - 1) std::this_thread::yield();
      if (!gathered.exchange(true)) {
        own.Crash();
        before = proxy.accepted();
      }
      return t.OwnerExists("ada").status();
    });
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  });
  EXPECT_EQ(proxy.accepted(), before + 1);
}

TEST(PostgresReplicas, AConflictThatGoesOnIsAbortedAfterEightTries) {
  const std::string url = TestPostgres().MakeDatabase();
  const auto here = Open(url), there = Open(url);
  const auto owners = [](Transaction& t) { return t.EnsureOwner("ada"); };
  ASSERT_OK(here->Transact(owners));
  int tries = 0;
  const absl::Status status = here->Transact([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.OwnerExists("ada").status());  // about no study, so a commit of its own
    StudyRow row;
    row.owner = "ada";
    row.display_name = absl::StrCat("kws", ++tries);
    RETURN_IF_ERROR(t.FindStudy(row.owner, row.display_name).status());
    AddStudy(*there, row.display_name);
    return t.InsertStudy(row).status();
  });
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_EQ(ErrorReason(status), "ABORTED");
  EXPECT_EQ(tries, 8);
}

TEST(PostgresConnections, AreMadeAnewWhenTheServerEndedThem) {
  const std::string url = TestPostgres().MakeDatabase();
  const auto storage = Open(url);
  const int64_t uid = AddStudy(*storage, "kws");
  EXPECT_EQ(VersionOf(*storage, uid), 0);
  TerminateConnections(url);
  EXPECT_EQ(VersionOf(*storage, uid), 0);
  EXPECT_OK(storage->Transact([&](Transaction& t) { return CountUp(t, uid); }));
  bool first = true;
  EXPECT_OK(storage->Transact([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(CountUp(t, uid));
    if (std::exchange(first, false)) TerminateConnections(url);
    return CountUp(t, uid);
  })) << "lost before the commit: run again";
  EXPECT_EQ(VersionOf(*storage, uid), 3);
}

TEST(PostgresConnections, ADatabaseThatIsAwayIsUnavailableUntilItIsBack) {
  PostgresServer own;
  const auto storage = Open(own.MakeDatabase());
  const int64_t uid = AddStudy(*storage, "kws");
  EXPECT_OK(storage->Transact([&](Transaction& t) { return CountUp(t, uid); }));
  own.Crash();
  EXPECT_TRUE(absl::IsUnavailable(storage->Transact([&](Transaction& t) { return CountUp(t, uid); })));
  EXPECT_TRUE(absl::IsUnavailable(storage->Read([&](Snapshot& s) { return s.GetStudy(uid).status(); })));
  EXPECT_TRUE(storage->Healthy());
  own.Start();
  EXPECT_EQ(VersionOf(*storage, uid), 1) << "what was acknowledged is there";
  EXPECT_OK(storage->Transact([&](Transaction& t) { return CountUp(t, uid); }));
  EXPECT_EQ(VersionOf(*storage, uid), 2);
}

// Locks all studies, until it is destroyed.
class LockedStudies {
 public:
  explicit LockedStudies(const std::string& url) : connection_(*PostgresConnection::Open(url)) {
    EXPECT_OK(connection_->Execute("BEGIN; LOCK TABLE studies"));
  }
  // Waits until somebody waits for them; then has the server end that connection.
  void TerminateWhoWaits() {
    while (!PostgresStatement(*connection_,
                              "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted "
                              "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
                .Step()
                .value_or(true)) {
      std::this_thread::yield();
    }
  }

 private:
  const std::unique_ptr<PostgresConnection> connection_;
};

TEST(PostgresConnections, ThatTheServerEndsDuringAStatementAreMadeAnew) {
  const std::string url = TestPostgres().MakeDatabase();
  const auto storage = Open(url);
  const int64_t uid = AddStudy(*storage, "kws");
  const auto call_meanwhile = [&](const std::function<void()>& call) {
    auto lock = std::make_unique<LockedStudies>(url);
    std::thread caller(call);
    lock->TerminateWhoWaits();
    lock.reset();
    caller.join();
  };
  call_meanwhile([&] { EXPECT_OK(storage->Transact([&](Transaction& t) { return CountUp(t, uid); })); });
  call_meanwhile([&] { EXPECT_EQ(VersionOf(*storage, uid), 1); });
}

TEST(PostgresConnections, ThatStaySilentAreGivenUp) {
  const std::string url = TestPostgres().MakeDatabase();
  PostgresOptions options;
  options.answer_time = absl::Milliseconds(50);
  const auto storage = Open(url);
  const int64_t uid = AddStudy(*storage, "kws");
  const auto impatient = Open(url, options);
  {
    const LockedStudies lock(url);
    EXPECT_THAT(impatient->Transact([&](Transaction& t) { return CountUp(t, uid); }),
                FailsWith(absl::StatusCode::kUnavailable, "did not answer for 50ms"));
    EXPECT_THAT(impatient->Read([&](Snapshot& s) { return s.GetStudy(uid).status(); }),
                FailsWith(absl::StatusCode::kUnavailable, "did not answer for 50ms"));
  }
  EXPECT_OK(storage->Transact([&](Transaction& t) { return CountUp(t, uid); }));
  EXPECT_EQ(VersionOf(*storage, uid), 1);
}

TEST(PostgresConnections, KeepTheStatementsThatWerePreparedBeforeAFault) {
  const auto connection = *PostgresConnection::Open(TestPostgres().MakeDatabase());
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(PostgresStatement(*connection, "SELECT 1 / $1", 0).status().ok());
    EXPECT_FALSE(PostgresStatement(*connection, "SELECT nothing FROM nowhere WHERE $1", true).status().ok());
  }
  PostgresStatement prepared(*connection, "SELECT count(*) FROM pg_prepared_statements");
  ASSERT_OK(prepared.Step());
  EXPECT_EQ(prepared.Int(), 1);
}

TEST(PostgresTransactions, BringTheirSettingsAlong) {
  const std::string url = TestPostgres().MakeDatabase();
  const auto owner = *PostgresConnection::Open(url);
  const auto storage = Open(url);
  // As a pooler's sessions are: of the server's own settings, which the transaction of before has not changed.
  const std::string name = url.substr(url.find("@/") + 2, url.find('?') - url.find("@/") - 2);
  ASSERT_OK(owner->Execute(
      absl::StrCat("ALTER DATABASE ", name,
                   " SET synchronous_commit = off; CREATE TABLE seen (at_commit text); "
                   "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES "
                   "(current_setting('synchronous_commit') || ' ' || current_setting('lock_timeout') || ' ' "
                   "|| current_setting('statement_timeout')); RETURN NULL; END $$; "
                   "CREATE CONSTRAINT TRIGGER look AFTER UPDATE ON studies DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
                   "EXECUTE FUNCTION look()")));
  TerminateConnections(url);
  const int64_t uid = AddStudy(*storage, "kws");
  EXPECT_OK(storage->Transact([&](Transaction& t) { return CountUp(t, uid); }));
  const auto session = *PostgresConnection::Open(url);
  PostgresStatement seen(*session, "SELECT convert_to(string_agg(at_commit, ','), 'UTF8') FROM seen");
  ASSERT_OK(seen.Step());
  EXPECT_EQ(seen.Text(), "on 20s 0") << "and a commit may take its time";
  session->Begin("READ COMMITTED READ WRITE");
  PostgresStatement inside(*session, "SELECT convert_to(current_setting('statement_timeout'), 'UTF8')");
  ASSERT_OK(inside.Step());
  EXPECT_EQ(inside.Text(), "25s");
  session->Rollback();
  PostgresStatement after(*session, "SELECT convert_to(current_setting('synchronous_commit'), 'UTF8')");
  ASSERT_OK(after.Step());
  EXPECT_EQ(after.Text(), "off");
}

class InterruptedCommit : public testing::TestWithParam<PostgresProxy::Fault> {};

TEST_P(InterruptedCommit, IsStoredExactlyOnce) {
  PostgresProxy proxy(TestPostgres().MakeDatabase());
  PostgresOptions options;
  options.answer_time = absl::Seconds(1);
  const auto storage = Open(proxy.url(), options);
  const int64_t uid = AddStudy(*storage, "kws");
  proxy.Break(GetParam());
  EXPECT_OK(storage->Transact([&](Transaction& t) { return CountUp(t, uid); }));
  EXPECT_EQ(VersionOf(*storage, uid), 1);
}

TEST_P(InterruptedCommit, IsOfUnknownOutcomeWhileTheDatabaseIsAway) {
  PostgresProxy proxy(TestPostgres().MakeDatabase());
  PostgresOptions options;
  options.limits.outcome_time = absl::Milliseconds(100);
  options.answer_time = absl::Seconds(1);
  const auto storage = Open(proxy.url(), options);
  const int64_t uid = AddStudy(*storage, "kws");
  proxy.Break(GetParam(), /*and_stay_away=*/true);
  EXPECT_THAT(storage->Transact([&](Transaction& t) { return CountUp(t, uid); }),
              FailsWith(absl::StatusCode::kUnavailable, "may have been stored"));
}

std::string NameOf(PostgresProxy::Fault fault) {
  switch (fault) {
    case PostgresProxy::Fault::kCommitLost:
      return "CommitLost";
    case PostgresProxy::Fault::kAnswerLost:
      return "AnswerLost";
    case PostgresProxy::Fault::kCommitLate:
      return "CommitLate";
    case PostgresProxy::Fault::kSilence:
      return "Silence";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Faults, InterruptedCommit,
                         testing::Values(PostgresProxy::Fault::kCommitLost, PostgresProxy::Fault::kAnswerLost,
                                         PostgresProxy::Fault::kCommitLate, PostgresProxy::Fault::kSilence),
                         [](const auto& info) { return NameOf(info.param); });

TEST(PostgresStorageOpen, RefusesDatabasesThatAreNotItsOwn) {
  struct Case {
    std::string before;  // SQL
    std::string message;
  };
  for (const Case& c :
       std::vector<Case>{{"CREATE TABLE studies (uid bigint)", "tables of another program"},
                         {"DROP SCHEMA public", "no schema"},
                         {"CREATE TABLE photinus_migrations (version bigint, checksum bytea, applied_us bigint); "
                          "INSERT INTO photinus_migrations VALUES (1, 'x', 0)",
                          "not the one this program knows"},
                         {"CREATE TABLE photinus_migrations (version bigint, checksum bytea, applied_us bigint); "
                          "INSERT INTO photinus_migrations VALUES (999, 'x', 0)",
                          "newer photinus-server"}}) {
    const std::string url = TestPostgres().MakeDatabase();
    ASSERT_OK((*PostgresConnection::Open(url))->Execute(c.before));
    EXPECT_THAT(PostgresStorage::Open(url), FailsWith(absl::StatusCode::kFailedPrecondition, c.message));
  }
}

TEST(PostgresStorageOpen, NeverRepeatsThePassword) {
  for (const char* url :
       {"postgresql://ada:hunter2@/db?host=/nowhere", "postgresql://ada:hunter2%zz@/db",
        "postgresql://ada:hunter2@/db?hunter2=1", "postgresql://ada:hunter2/et@127.0.0.1:1/db",
        "postgresql://ada:1/hunter2@127.0.0.1:1/db", "postgresql://ada:s3cr@hunter2@127.0.0.1:1/db"}) {
    const auto storage = PostgresStorage::Open(url);
    ASSERT_FALSE(storage.ok());
    EXPECT_THAT(std::string(storage.status().message()), Not(HasSubstr("hunter2")));
  }
}

TEST(PostgresStorageOpen, SaysWhatIsWrong) {
  std::string url = TestPostgres().MakeDatabase();
  url.insert(url.find("/test") + 1, "no_");
  const absl::Status missing = PostgresStorage::Open(url).status();
  EXPECT_THAT(missing, FailsWith(absl::StatusCode::kUnavailable, "does not exist; make it (createdb no_test"));
  EXPECT_THAT(PostgresStorage::Open("postgresql://ada:x%zz@/db"),
              FailsWith(absl::StatusCode::kInvalidArgument, "malformed (invalid percent-encoded token); write"));
  const absl::Status away = PostgresStorage::Open("postgresql://ada@127.0.0.1:1/db").status();
  EXPECT_THAT(away, FailsWith(absl::StatusCode::kUnavailable, "Connection refused; "));
  EXPECT_THAT(away.ToString(), Not(HasSubstr("\n"))) << "one line";
}

TEST(PostgresUrl, IsShownWithoutWhoLogsIn) {
  EXPECT_EQ(ShownPostgresUrl("postgresql://ada:hunter2@db.lan:6432/photinus?sslmode=require"),
            "postgresql://db.lan:6432/photinus");
  EXPECT_EQ(ShownPostgresUrl("postgres://ada@/photinus?host=/run/pg"), "postgresql:///run/pg/photinus");
}

TEST(PostgresStorageCalls, FromInsideABodyAreRefused) {
  const auto storage = Open(TestPostgres().MakeDatabase());
  const auto read = [&] { return storage->Read([](Snapshot&) { return absl::OkStatus(); }); };
  const auto write = [&] { return storage->Transact([](Transaction&) { return absl::OkStatus(); }); };
  EXPECT_TRUE(absl::IsInternal(storage->Read([&](Snapshot&) { return read(); })));
  EXPECT_TRUE(absl::IsInternal(storage->Read([&](Snapshot&) { return write(); })));
  EXPECT_TRUE(absl::IsInternal(storage->Transact([&](Transaction&) { return read(); })));
  EXPECT_TRUE(absl::IsInternal(storage->Transact([&](Transaction&) { return write(); })));
}

TEST(PostgresStorageWrites, HoldTextsOfAnyBytesAndLength) {
  const auto storage = Open(TestPostgres().MakeDatabase());
  const int64_t uid = AddStudy(*storage, "kws");
  pb::KeyValue entry;
  entry.set_ns(std::string(100000, 'n'));
  entry.set_key(std::string("zero\0byte", 9) + std::string(100000, 'k'));
  entry.set_value("v");
  EXPECT_OK(storage->Transact([&](Transaction& t) { return t.PutMetadata(uid, 0, entry); }));
  EXPECT_OK(storage->Read([&](Snapshot& s) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, s.ListMetadata(uid, 0, 0));
    EXPECT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows.at(0).entry.SerializeAsString(), entry.SerializeAsString());
    return absl::OkStatus();
  }));
}

}  // namespace
}  // namespace photinus
