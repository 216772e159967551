#include "server/storage/group_commit.h"

#include "common/base/status_macros.h"
#include "server/storage/sqlite_copy.h"
#include "server/storage/sqlite_transaction.h"

namespace photinus {
namespace {

constexpr int kTruncateWaitMs = 200;  // how long a truncating checkpoint may hold up the writer for readers to finish
constexpr int kBusyTimeoutMs = 5000;
constexpr int64_t kPageBytes = 4096;  // SQLite's default, which we keep

}  // namespace

GroupCommit::GroupCommit(std::unique_ptr<SqliteConnection> connection, const Limits& limits,
                         std::unique_ptr<SpaceReserve> reserve)
    : limits_(limits), connection_(std::move(connection)), reserve_(std::move(reserve)) {
  MutexLock lock(connection_mutex_);
  // Called after each commit with the length of the log; in place of automatic checkpoints.
  sqlite3_wal_hook(
      connection_->handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        *static_cast<int64_t*>(self) = pages;
        return SQLITE_OK;
      },
      &log_pages_);
  writer_ = std::thread([this] { Loop(); });
}

GroupCommit::~GroupCommit() {
  {
    MutexLock lock(queue_mutex_);
    closing_ = true;
  }
  queue_changed_.NotifyAll();
  writer_.join();
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

absl::Status GroupCommit::Backup(const std::string& path) {
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
    const auto begin = std::chrono::steady_clock::now();
    {
      const MutexLock lock(connection_mutex_);
      ASSIGN_OR_RETURN(more, copying.copy->Step());
    }
    // The writer gets at least half of the time.
    std::this_thread::sleep_for(std::chrono::steady_clock::now() - begin);
  }
  return copying.copy->Finish();
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
    short_of_space_ = ShortOfSpace();
    CommitBatch(first, batch);
    NoteHealth();
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
  if (RunBodies(first, batch) && Commit().ok()) return;
  // Nothing of the batch is stored. One member may be to blame, such as the artifact that fills the disk: so each gets
  // a commit of its own and its own answer.
  Rollback();
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
  if (!absl::IsResourceExhausted(status) || reserve_ == nullptr || !reserve_->Release()) return status;
  short_of_space_ = true;
  return TryAlone(body);
}

absl::Status GroupCommit::TryAlone(Body body) {
  RETURN_IF_ERROR(Begin());
  absl::Status status = RunBody(body);
  if (status.ok()) status = Commit();
  Rollback();
  return status;
}

absl::Status GroupCommit::RunBody(Body body) {
  connection_->TakeFault().IgnoreError();
  SqliteTransaction transaction(*connection_);
  const int64_t changes_before = sqlite3_total_changes64(connection_->handle());
  const absl::Status status = body(transaction);
  // A body may overlook a failed statement; the disk's word counts.
  RETURN_IF_ERROR(connection_->TakeFault());
  const bool grows = !transaction.frees_space() && sqlite3_total_changes64(connection_->handle()) != changes_before;
  if (status.ok() && short_of_space_ && grows) {
    return absl::ResourceExhaustedError(
        "the disk is full: only deletions are stored until there is room; free some space, then try again");
  }
  return status;
}

bool GroupCommit::ShortOfSpace() {
  if (reserve_ == nullptr || reserve_->Hold()) return false;
  // Room inside the file is as good.
  SqliteStatement free(*connection_, "PRAGMA freelist_count");
  const absl::StatusOr<bool> row = free.Step();
  return !row.ok() || !*row || free.Int() * kPageBytes < reserve_->bytes();
}

absl::Status GroupCommit::Begin() {
  if (!Healthy()) return PoisonedStatus();
  SqliteStatement begin(*connection_, "BEGIN IMMEDIATE");
  return begin.Run();
}

absl::Status GroupCommit::Commit() {
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

void GroupCommit::MaybeCheckpoint() {
  if (log_pages_ < checkpointed_at_) checkpointed_at_ = truncated_at_ = 0;  // the log has begun anew
  // Where space is short the log begins anew as often as it can, rather than grow.
  const int64_t threshold = short_of_space_ ? 1 : limits_.checkpoint_pages;
  if (log_pages_ - checkpointed_at_ < threshold || !Healthy()) return;
  const bool truncate =
      log_pages_ >= limits_.truncate_pages && log_pages_ - truncated_at_ >= limits_.truncate_pages / 4;
  if (truncate) sqlite3_busy_timeout(connection_->handle(), kTruncateWaitMs);
  const int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, mode, nullptr, nullptr);
  if (truncate) sqlite3_busy_timeout(connection_->handle(), kBusyTimeoutMs);
  // Busy: a reader still needs the log. Full: the changes stay in the log for now.
  if (code != SQLITE_OK && code != SQLITE_BUSY) connection_->ToStatus(code).IgnoreError();
  NoteHealth();
  checkpointed_at_ = log_pages_;
  if (truncate) truncated_at_ = log_pages_;
}

absl::Status GroupCommit::PoisonedStatus() const {
  return absl::UnavailableError("the disk failed, so nothing more is stored; check the disk, then restart the server");
}

}  // namespace photinus
