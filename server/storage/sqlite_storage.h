// Storage in one SQLite file, or in memory.
#ifndef PHOTINUS_SERVER_STORAGE_SQLITE_STORAGE_H_
#define PHOTINUS_SERVER_STORAGE_SQLITE_STORAGE_H_

#include <atomic>
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
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/base/mutex.h"
#include "server/storage/damage_note.h"
#include "server/storage/file_lock.h"
#include "server/storage/group_commit.h"
#include "server/storage/log_mark.h"
#include "server/storage/sqlite_schema.h"
#include "server/storage/storage.h"

namespace photinus {

struct SqliteOptions {
  int readers = 4;                  // connections that read at the same time
  int64_t max_pages = 0;            // of 4 KiB; the file grows no further (ResourceExhausted). 0: as the disk allows
  bool allow_network_disk = false;  // NFS, CIFS, 9p: their locks do not keep two machines apart
  absl::Span<const std::string_view> migrations = SqliteMigrations();  // fewer or others in tests
  std::string vfs;  // SQLite's file system, for tests that make it fail; empty: the usual one
  GroupCommit::Limits limits;
};

// Write-ahead log with full sync: what Transact acknowledged survives a power cut. One thread writes (GroupCommit);
// reads run beside it, each on a view of its own. A call of the storage from inside a body is refused (Internal): it
// could wait for itself. Thread-safe.
class SqliteStorage final : public Storage {
 public:
  // Opens or creates the file and brings its schema up to date; an older one is first copied to `<path>.schema<N>`.
  // FailedPrecondition, with a message that says what to do: the folder is missing or cannot be written, the file is in
  // use by another process, is no database of ours, was found damaged, lacks its log, or was written by a newer
  // Photinus. Unavailable, ResourceExhausted: the disk fails or is full.
  static absl::StatusOr<std::unique_ptr<SqliteStorage>> Open(const std::string& path,
                                                             const SqliteOptions& options = {});
  // A database that ends with the object. Reads and writes take turns.
  static absl::StatusOr<std::unique_ptr<SqliteStorage>> OpenInMemory(const SqliteOptions& options = {});

  // Finishes the queued transactions, whose callers may still wait for them; nobody may call any more.
  ~SqliteStorage() override;

  absl::Status Transact(absl::FunctionRef<absl::Status(Transaction&)> body) override;
  absl::Status Read(absl::FunctionRef<absl::Status(Snapshot&)> body) override;

  absl::Status Backup(const std::string& path, const std::function<bool()>& stopped) override;
  void BeginSelfCheck() override;
  // Until what BeginSelfCheck began has ended.
  void AwaitSelfCheck();

  // False once the disk failed to write or sync, or the file was found damaged: every later Transact is Unavailable
  // until a restart.
  bool Healthy() const override { return writer_->Healthy(); }
  // Transactions that wait for the writer now.
  size_t Queued() const { return writer_->Queued(); }

 private:
  SqliteStorage(std::string path, const SqliteOptions& options)
      : path_(std::move(path)), options_(options), damage_note_(path_) {}

  // A free reader, made on first use; waits while all are busy.
  absl::StatusOr<std::unique_ptr<SqliteConnection>> TakeReader();
  void ReturnReader(std::unique_ptr<SqliteConnection> reader);

  // As CheckSqlite, until the end of this object.
  absl::Status SelfCheck();

  const std::string path_;  // empty: in memory
  const SqliteOptions options_;
  const DamageNote damage_note_;
  bool unchecked_ = false;  // since an unclean end of this or an earlier process

  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<GroupCommit> writer_;

  std::atomic<bool> closing_ = false;
  std::thread self_check_;

  Mutex mutex_;
  CondVar reader_returned_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_readers_ ABSL_GUARDED_BY(mutex_);
  int readers_ ABSL_GUARDED_BY(mutex_) = 0;  // idle or lent
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SQLITE_STORAGE_H_
