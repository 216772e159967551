#include "server/storage/group_commit.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/storage/sqlite_copy.h"
#include "server/storage/sqlite_room.h"
#include "server/storage/sqlite_transaction.h"

namespace photinus {
namespace {

constexpr int kReadersWaitMs = 200;      // how long a checkpoint may hold up the writer for readers to finish
constexpr int64_t kPageBytes = 4096;     // SQLite's default, which we keep
constexpr int64_t kLogHeaderBytes = 32;  // once, and
constexpr int64_t kLoggedPageBytes = kPageBytes + 24;  // for each page
constexpr int64_t kIndexedLogs = 4;                    // how often the longest usual log fits into its index
constexpr int64_t kPagesForDeletions = 64;             // in the file, for what deletions note down

absl::Status FullStatus() {
  return absl::ResourceExhaustedError(
      "the disk is full: only deletions are stored until there is room; free some space, then try again");
}

// Other lists and sizes that are too large have reasons of their own.
bool IsDiskFull(const absl::Status& status) {
  return absl::IsResourceExhausted(status) && ErrorReason(status) == "RESOURCE_EXHAUSTED";
}

absl::Status MayBeStored(const absl::Status& status) {
  if (status.ok()) return status;
  return absl::UnavailableError(absl::StrCat("the change may have been stored: ", status.message()));
}

}  // namespace

int64_t GroupCommit::LogBytes(const Limits& limits) {
  return kLogHeaderBytes + limits.checkpoint_pages * kLoggedPageBytes;
}

GroupCommit::GroupCommit(std::unique_ptr<SqliteConnection> connection, const Limits& limits,
                         std::unique_ptr<LogMark> log_mark)
    : limits_(limits),
      log_mark_(std::move(log_mark)),
      in_file_(log_mark_ != nullptr),
      connection_(std::move(connection)),
      log_marked_(in_file_ && log_mark_->IsSet()),
      log_{limits.checkpoint_pages} {
  MutexLock lock(connection_mutex_);
  // Called after each commit with the length of the log; in place of automatic checkpoints.
  sqlite3_wal_hook(
      connection_->handle(),
      [](void* log, sqlite3*, const char*, int pages) {
        *static_cast<LogLength*>(log) = {pages, true};
        return SQLITE_OK;
      },
      &log_);
  // Whether there is room now shows later.
  if (in_file_) HoldLogIndexRoom(*connection_, kIndexedLogs * limits_.restart_pages);
  writer_ = std::thread([this] { Loop(); });
}

GroupCommit::~GroupCommit() {
  {
    MutexLock lock(queue_mutex_);
    closing_ = true;
  }
  queue_changed_.NotifyAll();
  writer_.join();
  const MutexLock lock(connection_mutex_);
  if (in_file_) FinishLog();
}

absl::Status GroupCommit::Transact(Body body) {
  if (!Healthy()) return PoisonedStatus();
  Pending pending(body);
  {
    MutexLock lock(queue_mutex_);
    if (closing_) return absl::UnavailableError("the server is shutting down; try again when it is back");
    if (queue_.size() >= limits_.queue) {
      return absl::UnavailableError("too many changes are waiting to be stored; try again in a moment");
    }
    queue_.push_back(&pending);
    if (queue_.size() == 1) queue_changed_.NotifyOne();
  }
  return pending.Await();
}

absl::Status GroupCommit::Read(absl::FunctionRef<absl::Status(Snapshot&)> body) {
  MutexLock lock(connection_mutex_);
  SqliteTransaction snapshot(*connection_);
  return body(snapshot);
}

absl::Status GroupCommit::Backup(const std::string& path, const std::function<bool()>& stopped) {
  // Ends its use of the connection under the mutex, too.
  struct Copying {
    Mutex& mutex;
    std::unique_ptr<SqliteCopy> copy;
    ~Copying() {
      const MutexLock lock(mutex);
      copy.reset();
    }
  } copying{connection_mutex_, nullptr};
  {
    const MutexLock lock(connection_mutex_);
    ASSIGN_OR_RETURN(copying.copy, SqliteCopy::Begin(*connection_, path));
  }
  for (bool more = true; more;) {
    if (stopped()) return absl::CancelledError("the backup was ended early");
    const auto begin = std::chrono::steady_clock::now();
    {
      const MutexLock lock(connection_mutex_);
      ASSIGN_OR_RETURN(more, copying.copy->Step());
    }
    // The writer gets at least half of the time.
    std::this_thread::sleep_for(std::chrono::steady_clock::now() - begin);
  }
  return copying.copy->Finish(stopped);
}

size_t GroupCommit::Queued() const {
  MutexLock lock(queue_mutex_);
  return queue_.size();
}

void GroupCommit::Loop() {
  while (Pending* first = Pop(/*wait=*/true)) RunBatch(first);
}

GroupCommit::Pending* GroupCommit::Pop(bool wait) {
  MutexLock lock(queue_mutex_);
  while (wait && queue_.empty() && !closing_) queue_changed_.Wait(queue_mutex_);
  if (queue_.empty()) return nullptr;
  Pending* front = queue_.front();
  queue_.pop_front();
  return front;
}

void GroupCommit::RunBatch(Pending* first) {
  std::vector<Pending*> batch;
  {
    MutexLock lock(connection_mutex_);
    short_of_space_ = in_file_ && !HoldLogRoom();
    CommitBatch(first, batch);
    NoteHealth();
    NoteRoom(batch);
    MarkLog();
  }
  for (Pending* pending : batch) pending->Acknowledge();
  MutexLock lock(connection_mutex_);
  MaybeCheckpoint();
}

void GroupCommit::CommitBatch(Pending* first, std::vector<Pending*>& batch) {
  if (const absl::Status begun = Begin(); !begun.ok()) {
    for (Pending* pending = first; pending != nullptr; pending = Pop(/*wait=*/false)) {
      pending->result = begun;
      batch.push_back(pending);
      if (batch.size() >= limits_.batch) break;
    }
    return;
  }
  const bool ran = RunBodies(first, batch);
  const absl::Status committed = ran ? Commit() : absl::OkStatus();
  if (ran && committed.ok()) return;
  Rollback();
  if (!committed.ok() && !Healthy()) {
    for (Pending* pending : batch) pending->result = MayBeStored(committed);
    return;
  }
  // Nothing of the batch is stored. One member may be to blame, such as the artifact that fills the disk: so each gets
  // a commit of its own and its own answer.
  for (Pending* pending : batch) pending->result = RunAlone(pending->body);
}

bool GroupCommit::RunBodies(Pending* first, std::vector<Pending*>& batch) {
  const auto deadline = std::chrono::steady_clock::now() + limits_.batch_time;
  for (Pending* pending = first; pending != nullptr; pending = Pop(/*wait=*/false)) {
    batch.push_back(pending);
    if (!RunInSavepoint(*pending)) return false;
    if (batch.size() >= limits_.batch || std::chrono::steady_clock::now() >= deadline) break;
  }
  return true;
}

// False if the enclosing transaction is lost, as when a page could not be written.
bool GroupCommit::RunInSavepoint(Pending& pending) {
  if (!Step("SAVEPOINT body")) return false;
  pending.result = RunBody(pending.body);
  if (connection_->autocommit()) return false;
  if (!pending.result.ok() && !Step("ROLLBACK TO body")) return false;
  return Step("RELEASE body");
}

absl::Status GroupCommit::RunAlone(Body body) {
  const absl::Status status = TryAlone(body);
  if (!absl::IsResourceExhausted(status) || !in_file_) return status;
  RestartLog();
  return TryAlone(body);
}

absl::Status GroupCommit::TryAlone(Body body) {
  RETURN_IF_ERROR(Begin());
  absl::Status status = RunBody(body);
  if (!status.ok()) {
    Rollback();
    return status;
  }
  status = Commit();
  Rollback();
  return Healthy() ? status : MayBeStored(status);
}

absl::Status GroupCommit::RunBody(Body body) {
  connection_->TakeFault().IgnoreError();
  SqliteTransaction transaction(*connection_);
  const int64_t changes_before = sqlite3_total_changes64(connection_->handle());
  const absl::Status status = body(transaction);
  // A body may overlook a failed statement; the disk's word counts.
  RETURN_IF_ERROR(connection_->TakeFault());
  RETURN_IF_ERROR(status);
  if (transaction.frees_space() || sqlite3_total_changes64(connection_->handle()) == changes_before) {
    return absl::OkStatus();
  }
  if (short_of_space_) return FullStatus();
  grows_ = true;
  return absl::OkStatus();
}

bool GroupCommit::HoldLogRoom() { return HoldRoom(LogFile(*connection_), LogBytes(limits_)); }

absl::Status GroupCommit::HoldFileRoom() {
  ASSIGN_OR_RETURN(int64_t pages, OneInt(*connection_, "PRAGMA page_count"));
  if (grows_) {
    ASSIGN_OR_RETURN(const int64_t unused, OneInt(*connection_, "PRAGMA freelist_count"));
    pages += std::max<int64_t>(0, kPagesForDeletions - unused);
  }
  return HoldRoom(DatabaseFile(*connection_), pages * kPageBytes) ? absl::OkStatus() : FullStatus();
}

absl::Status GroupCommit::Begin() {
  if (!Healthy()) return PoisonedStatus();
  grows_ = false;
  SqliteStatement begin(*connection_, "BEGIN IMMEDIATE");
  return begin.Run();
}

absl::Status GroupCommit::Commit() {
  if (in_file_) RETURN_IF_ERROR(HoldFileRoom());
  SqliteStatement commit(*connection_, "COMMIT");
  return commit.Run();
}

void GroupCommit::Rollback() {
  if (!connection_->autocommit()) Step("ROLLBACK");
  NoteHealth();
}

bool GroupCommit::Step(std::string_view sql) {
  SqliteStatement statement(*connection_, sql);
  return statement.Run().ok();
}

void GroupCommit::NoteHealth() {
  if (connection_->broken()) poisoned_.store(true, std::memory_order_release);
}

void GroupCommit::NoteRoom(const std::vector<Pending*>& batch) {
  const auto refused = std::find_if(batch.begin(), batch.end(), [](const Pending* p) { return IsDiskFull(p->result); });
  const auto now = std::chrono::steady_clock::now();
  if (refused != batch.end()) {
    refused_at_ = now;
    if (!std::exchange(full_, true)) spdlog::error("{}", std::string((*refused)->result.message()));
  } else if (full_ && grows_ && Healthy() && now - refused_at_ >= limits_.full_for) {
    full_ = false;
    spdlog::info("the disk has room again: changes are stored");
  }
}

void GroupCommit::MaybeCheckpoint() {
  if (log_.pages < checkpointed_at_) checkpointed_at_ = restarted_at_ = 0;  // the log has begun anew
  if (log_.pages - checkpointed_at_ < limits_.checkpoint_pages || !Healthy()) return;
  checkpointed_at_ = log_.pages;
  if (log_.pages < limits_.restart_pages || log_.pages - restarted_at_ < limits_.restart_pages / 4) {
    Checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  } else {
    restarted_at_ = log_.pages;
    RestartLog();
  }
}

void GroupCommit::RestartLog() {
  if (log_.pages <= 1 || Checkpoint(SQLITE_CHECKPOINT_RESTART) != SQLITE_OK) return;
  // SQLite begins the log anew with the next commit, and cuts off what is beyond its limit; any commit will do.
  Step("PRAGMA user_version = 1");
  NoteHealth();
}

void GroupCommit::MarkLog() {
  if (!in_file_ || log_marked_ || !log_.committed) return;
  log_mark_->Set();
  log_marked_ = true;
}

void GroupCommit::FinishLog() {
  // The mark goes before the log, which SQLite removes when the connection closes.
  const bool finished =
      Healthy() && (!log_marked_ || (Checkpoint(SQLITE_CHECKPOINT_TRUNCATE) == SQLITE_OK && log_mark_->Clear()));
  if (!finished) connection_->LeaveLog();  // it is better left for recovery to judge
}

int GroupCommit::Checkpoint(int mode) {
  sqlite3_busy_timeout(connection_->handle(), kReadersWaitMs);
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, mode, nullptr, nullptr);
  sqlite3_busy_timeout(connection_->handle(), kSqliteBusyMs);
  // Busy: a reader still needs the log. Full: the changes stay in the log for now.
  if (code != SQLITE_OK && code != SQLITE_BUSY) connection_->ToStatus(code).IgnoreError();
  NoteHealth();
  return code;
}

absl::Status GroupCommit::PoisonedStatus() const {
  return absl::UnavailableError(
      "the disk failed or the database is damaged, so nothing more is stored; see the server's log, then restart the "
      "server");
}

}  // namespace photinus
