// The one thread that writes: many transactions, one sync.
#ifndef PHOTINUS_SERVER_STORAGE_GROUP_COMMIT_H_
#define PHOTINUS_SERVER_STORAGE_GROUP_COMMIT_H_

#include <semaphore.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "server/storage/log_mark.h"
#include "server/storage/sqlite_connection.h"
#include "server/storage/storage.h"

namespace photinus {

// Runs transactions in the order of their arrival on a connection of its own. Whatever queued while the last commit was
// being synced makes the next batch, so a lone caller waits for one sync and many callers share one. Also the only one
// who checkpoints the write-ahead log: two connections that write or checkpoint one file at a time can corrupt it in
// the SQLite versions of this age (the WAL-reset bug, 3.7.0 to 3.51.2). Thread-safe.
//
// A full disk is no dead end: before a commit the file gets the room that the log will need in it, so the log can
// always be emptied and begin anew; and the log never gives up the room of `checkpoint_pages`, in which deletions fit.
class GroupCommit {
 public:
  using Body = absl::FunctionRef<absl::Status(Transaction&)>;

  struct Limits {
    size_t queue = 4096;                                 // callers waiting; one more is refused
    size_t batch = 256;                                  // transactions in one commit
    std::chrono::microseconds batch_time{5000};          // of running bodies before they are committed
    int64_t checkpoint_pages = 4000;                     // pages of log between passive checkpoints; its least room
    int64_t restart_pages = (int64_t{64} << 20) / 4096;  // pages of log from which on readers are waited for
    std::chrono::seconds full_for{10};  // a disk counts as full for so long after the last change that it refused
  };

  // The usual length of the log file.
  static int64_t LogBytes(const Limits& limits);

  // `log_mark`: of the file; null in memory.
  GroupCommit(std::unique_ptr<SqliteConnection> connection, const Limits& limits, std::unique_ptr<LogMark> log_mark);
  // Finishes what is queued, and puts the log into the file, whose last connection this must be.
  ~GroupCommit();

  // As Storage::Transact.
  absl::Status Transact(Body body);

  // Runs `body` between batches, on the writer's connection and the caller's thread: how a database in memory is read.
  absl::Status Read(absl::FunctionRef<absl::Status(Snapshot&)> body);

  // As Storage::Backup: in small steps between batches, on the caller's thread.
  absl::Status Backup(const std::string& path, const std::function<bool()>& stopped);

  // From now on nothing is written.
  void Poison() { poisoned_.store(true, std::memory_order_release); }

  // False once the disk failed: nothing is written any more, because a sync that failed cannot be repeated.
  bool Healthy() const { return !poisoned_.load(std::memory_order_acquire); }

  // Transactions that wait for the writer now.
  size_t Queued() const;

 private:
  // One caller's transaction. The caller owns it, and may destroy it as soon as it is acknowledged; so a semaphore,
  // whose post and destruction may meet, unlike those of a condition variable.
  class Pending {
   public:
    explicit Pending(Body body) : body(body) { sem_init(&acknowledged_, 0, 0); }
    ~Pending() { sem_destroy(&acknowledged_); }
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;

    void Acknowledge() { sem_post(&acknowledged_); }
    absl::Status Await() {
      while (sem_wait(&acknowledged_) != 0) {  // a signal came
      }
      return std::move(result);
    }

    const Body body;
    absl::Status result;  // the writer's, until it acknowledges

   private:
    sem_t acknowledged_;
  };

  void Loop();
  Pending* Pop(bool wait);
  // Runs one batch, commits it and acknowledges each of its members.
  void RunBatch(Pending* first);
  void CommitBatch(Pending* first, std::vector<Pending*>& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  // Fills `batch`; false if the whole transaction was lost on the way.
  bool RunBodies(Pending* first, std::vector<Pending*>& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  bool RunInSavepoint(Pending& pending) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  // A transaction with a commit to itself.
  absl::Status RunAlone(Body body) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  absl::Status TryAlone(Body body) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  absl::Status RunBody(Body body) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  absl::Status Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  absl::Status Commit() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  void Rollback() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  bool Step(std::string_view sql) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  // Logs when the disk begins to refuse changes, and when it takes them again.
  void NoteRoom(const std::vector<Pending*>& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  // Poisons this object if the connection met a failing disk.
  void NoteHealth() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  // Gives the log its least room. False: the disk lacks it, so that only deletions are stored.
  bool HoldLogRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  // Gives the file the room that it needs for the transaction in progress. ResourceExhausted.
  absl::Status HoldFileRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  // Empties the log into the file and begins it anew in its least room; without effect while a reader needs it.
  void RestartLog() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  // Has it remembered that the file needs its log, once it does.
  void MarkLog() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  // Puts the log into the file for good, or leaves it to the next process.
  void FinishLog() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  // How a checkpoint of `mode` ended, a code of SQLite's; waits for readers at most a little.
  int Checkpoint(int mode) ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  void MaybeCheckpoint() ABSL_EXCLUSIVE_LOCKS_REQUIRED(connection_mutex_);
  absl::Status PoisonedStatus() const;

  const Limits limits_;
  const std::unique_ptr<LogMark> log_mark_;
  const bool in_file_;

  std::atomic<bool> poisoned_ = false;

  Mutex connection_mutex_;  // one thread at a time on the connection
  const std::unique_ptr<SqliteConnection> connection_ ABSL_PT_GUARDED_BY(connection_mutex_);
  bool short_of_space_ ABSL_GUARDED_BY(connection_mutex_) = false;  // as of the last batch
  bool grows_ ABSL_GUARDED_BY(connection_mutex_) = false;           // the transaction in progress is not all deletions
  bool full_ ABSL_GUARDED_BY(connection_mutex_) = false;            // as the log says
  std::chrono::steady_clock::time_point refused_at_
      ABSL_GUARDED_BY(connection_mutex_);  // the last change, for want of room
  bool log_marked_ ABSL_GUARDED_BY(connection_mutex_);
  // Lengths of the write-ahead log in pages: after the last commit (before the first, as long as it may have been
  // found), and at the last attempts to checkpoint it.
  struct LogLength {
    int64_t pages;
    bool committed = false;  // something, since this object began
  } log_ ABSL_GUARDED_BY(connection_mutex_);
  int64_t checkpointed_at_ ABSL_GUARDED_BY(connection_mutex_) = 0;
  int64_t restarted_at_ ABSL_GUARDED_BY(connection_mutex_) = 0;

  mutable Mutex queue_mutex_;
  CondVar queue_changed_;
  std::deque<Pending*> queue_ ABSL_GUARDED_BY(queue_mutex_);
  bool closing_ ABSL_GUARDED_BY(queue_mutex_) = false;

  std::thread writer_;  // last: it uses all of the above
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_GROUP_COMMIT_H_
