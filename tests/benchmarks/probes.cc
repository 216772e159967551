#include "tests/benchmarks/probes.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <filesystem>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/mutex.h"

namespace photinus {
namespace {

constexpr int kTrialBytes = 400;

struct Producer {
  int64_t study = 0;
  int64_t next_trial = 1;
  std::binary_semaphore stored{0};
};

// The bare loop: a queue, a thread, a file.
class GroupCommitLoop {
 public:
  GroupCommitLoop(const std::string& path, int producers) : producers_(producers) {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) Fail();
    Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    Execute("CREATE TABLE studies (uid INTEGER PRIMARY KEY, next_trial_id INTEGER NOT NULL)");
    Execute(
        "CREATE TABLE trials (study_uid INTEGER, id INTEGER, body BLOB, PRIMARY KEY (study_uid, id)) WITHOUT ROWID");
    for (int i = 0; i < producers; ++i) {
      producers_[i].study = i + 1;
      Execute(absl::StrCat("INSERT INTO studies VALUES (", i + 1, ", 1)"));
    }
    insert_ = Prepare("INSERT INTO trials VALUES (?, ?, ?)");
    update_ = Prepare("UPDATE studies SET next_trial_id = ? WHERE uid = ?");
    writer_ = std::thread([this] { Loop(); });
  }
  ~GroupCommitLoop() {
    {
      const MutexLock lock(mutex_);
      closing_ = true;
    }
    changed_.NotifyAll();
    writer_.join();
    sqlite3_finalize(insert_);
    sqlite3_finalize(update_);
    sqlite3_close(database_);
  }

  // Returns once the producer's next row is on disk.
  void AddRow(int index) {
    Producer& producer = producers_[index];
    {
      const MutexLock lock(mutex_);
      queue_.push_back(&producer);
    }
    changed_.NotifyOne();
    producer.stored.acquire();
  }

 private:
  [[noreturn]] void Fail() {
    Check(absl::UnavailableError(sqlite3_errmsg(database_)));
    std::abort();
  }
  void Execute(const std::string& sql) {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) Fail();
  }
  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK) Fail();
    return statement;
  }
  void Run(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) Fail();
    sqlite3_reset(statement);
  }

  void Loop() {
    std::deque<Producer*> batch;
    while (Take(batch)) {
      Execute("BEGIN IMMEDIATE");
      for (Producer* producer : batch) Write(*producer);
      Execute("COMMIT");
      for (Producer* producer : batch) producer->stored.release();
      batch.clear();
    }
  }
  bool Take(std::deque<Producer*>& batch) {
    const MutexLock lock(mutex_);
    while (queue_.empty() && !closing_) changed_.Wait(mutex_);
    batch.swap(queue_);
    return !batch.empty();
  }
  void Write(Producer& producer) {
    sqlite3_bind_int64(insert_, 1, producer.study);
    sqlite3_bind_int64(insert_, 2, producer.next_trial++);
    sqlite3_bind_blob(insert_, 3, body_.data(), static_cast<int>(body_.size()), SQLITE_STATIC);
    Run(insert_);
    sqlite3_bind_int64(update_, 1, producer.next_trial);
    sqlite3_bind_int64(update_, 2, producer.study);
    Run(update_);
  }

  const std::string body_ = std::string(kTrialBytes, 'x');
  std::vector<Producer> producers_;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* update_ = nullptr;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Producer*> queue_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread writer_;
};

class BareConnection {
 public:
  explicit BareConnection(const std::string& url) : connection_(PQconnectdb(url.c_str())) {}
  ~BareConnection() { PQfinish(connection_); }
  BareConnection(const BareConnection&) = delete;
  BareConnection& operator=(const BareConnection&) = delete;

  void Run(const std::string& sql) {
    PGresult* result = PQexec(connection_, sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      Check(absl::UnavailableError(absl::StrCat(sql, ": ", PQerrorMessage(connection_))));
    }
  }
  void Begin(int64_t study) {
    study_ = study;
    Run(absl::StrCat("INSERT INTO probe_studies VALUES (", study, ", 1)"));
    Run("PREPARE add AS INSERT INTO probe_trials VALUES ($1, $2, $3)");
    Run("PREPARE note AS UPDATE probe_studies SET next_trial_id = $1 WHERE uid = $2");
  }
  void AddRow() {
    Run("BEGIN");
    Run(absl::StrCat("SELECT next_trial_id FROM probe_studies WHERE uid = ", study_, " FOR UPDATE"));
    Run(absl::StrCat("EXECUTE add(", study_, ", ", next_trial_++, ", '", body_, "')"));
    Run(absl::StrCat("EXECUTE note(", next_trial_, ", ", study_, ")"));
    Run("COMMIT");
  }

 private:
  PGconn* const connection_;
  const std::string body_ = std::string(kTrialBytes, 'x');
  int64_t study_ = 0;
  int64_t next_trial_ = 1;
};

}  // namespace

SyncProbe::SyncProbe(const std::string& folder)
    : path_(folder + "/sync-probe"), file_(open(path_.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {}

SyncProbe::~SyncProbe() {
  close(file_);
  unlink(path_.c_str());
}

void SyncProbe::Sync() {
  static const std::string block(4096, 'x');
  if (write(file_, block.data(), block.size()) < 0 || fdatasync(file_) != 0) {
    Check(absl::UnavailableError(absl::StrCat("cannot write ", path_)));
  }
}

Rate ProbeSync(const std::string& folder, double seconds) {
  SyncProbe probe(folder);
  return MeasureRate(1, seconds, [&](int) { probe.Sync(); });
}

Rate ProbeGroupCommit(const std::string& folder, int producers, double seconds) {
  const std::string path = folder + "/group-commit-probe";
  Rate rate;
  {
    GroupCommitLoop loop(path, producers);
    rate = MeasureRate(producers, seconds, [&](int producer) { loop.AddRow(producer); });
  }
  for (const char* end : {"", "-wal", "-shm"}) unlink((path + end).c_str());
  return rate;
}

Rate ProbePostgres(const std::string& url, int connections, double seconds) {
  BareConnection owner(url);
  owner.Run("CREATE TABLE probe_studies (uid bigint PRIMARY KEY, next_trial_id bigint) WITH (fillfactor = 70)");
  owner.Run("CREATE TABLE probe_trials (study_uid bigint, id bigint, body text, PRIMARY KEY (study_uid, id))");
  std::vector<std::unique_ptr<BareConnection>> each;
  for (int i = 0; i < connections; ++i) {
    each.push_back(std::make_unique<BareConnection>(url));
    each.back()->Begin(i);
  }
  const Rate rate = MeasureRate(connections, seconds, [&](int connection) { each[connection]->AddRow(); });
  each.clear();
  owner.Run("DROP TABLE probe_studies, probe_trials");
  return rate;
}

}  // namespace photinus
