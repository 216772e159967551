#include "server/storage/sqlite_storage.h"

#include <sys/vfs.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "server/storage/sqlite_connection.h"
#include "server/storage/sqlite_schema.h"
#include "server/storage/sqlite_transaction.h"
#include "server/storage/storage_guard.h"

namespace photinus {
namespace {

// From linux/magic.h, which lacks CIFS and SMB2 in some versions.
constexpr uint32_t kNetworkFileSystems[] = {0x6969 /* NFS */, 0xFF534D42 /* CIFS */, 0xFE534D42 /* SMB2 */,
                                            0x517B /* SMB */, 0x01021997 /* 9p */};

absl::Status CheckDisk(const std::string& path, const SqliteOptions& options) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  struct statfs disk {};
  if (options.allow_network_disk || statfs(folder.c_str(), &disk) != 0) return absl::OkStatus();
  for (const uint32_t kind : kNetworkFileSystems) {
    if (static_cast<uint32_t>(disk.f_type) != kind) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is on a network disk, where two servers could write to it at once; choose a local disk"));
  }
  return absl::OkStatus();
}

absl::Status InFile(const std::string& path, const absl::Status& status) {
  if (status.ok() || path.empty() || absl::StrContains(absl::string_view(status.message()), path)) return status;
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

absl::Status ConfigureWriter(SqliteConnection& connection, const SqliteOptions& options, bool in_memory) {
  if (!in_memory && sqlite3_db_readonly(connection.handle(), "main") != 0) {
    return absl::FailedPreconditionError("the file is read-only; make it writable (chmod u+w) or choose another");
  }
  if (!in_memory) {
    SqliteStatement journal(connection, "PRAGMA journal_mode = WAL");
    ASSIGN_OR_RETURN(const bool row, journal.Step());
    if (const std::string mode = row ? journal.Text() : ""; mode != "wal") {
      return absl::FailedPreconditionError(
          absl::StrCat("this disk does not support a write-ahead log (journal mode is '", mode, "'); choose another"));
    }
  }
  // The log shrinks to its usual limit after it had to grow past it.
  return connection.Execute(
      absl::StrCat("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ",
                   options.limits.truncate_pages * 4096, "; PRAGMA cache_size = -32768; ",
                   options.max_pages > 0 ? absl::StrCat("PRAGMA max_page_count = ", options.max_pages) : ""));
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> OpenWriter(const std::string& path, const SqliteOptions& options) {
  const bool in_memory = path.empty();
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> connection,
                   SqliteConnection::Open(in_memory ? ":memory:" : path, SqliteConnection::Mode::kWriter,
                                          in_memory ? "" : options.vfs));
  RETURN_IF_ERROR(ConfigureWriter(*connection, options, in_memory));
  RETURN_IF_ERROR(MigrateSqlite(*connection, absl::Now()));
  return connection;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStorage>> SqliteStorage::Open(const std::string& path,
                                                                   const SqliteOptions& options) {
  if (path.empty()) return absl::InvalidArgumentError("a database needs the path of a file");
  std::error_code error;
  // One file has one name here, so that a link to it meets the same lock.
  std::filesystem::path file = std::filesystem::weakly_canonical(path, error);
  if (error) file = std::filesystem::absolute(path, error);
  if (std::filesystem::is_directory(file, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is a folder; name a file in it, such as ", (file / "photinus.db").string()));
  }
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage(file.string(), options));
  RETURN_IF_ERROR(CheckDisk(storage->path_, options));
  ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(storage->path_));
  storage->lock_ = std::make_unique<FileLock>(std::move(lock));
  absl::StatusOr<std::unique_ptr<SqliteConnection>> connection = OpenWriter(storage->path_, options);
  if (!connection.ok()) return InFile(storage->path_, connection.status());
  storage->writer_ = std::make_unique<GroupCommit>(*std::move(connection), options.limits);
  return storage;
}

absl::StatusOr<std::unique_ptr<SqliteStorage>> SqliteStorage::OpenInMemory(const SqliteOptions& options) {
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage("", options));
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> connection, OpenWriter("", options));
  storage->writer_ = std::make_unique<GroupCommit>(std::move(connection), options.limits);
  return storage;
}

SqliteStorage::~SqliteStorage() {
  {
    MutexLock lock(mutex_);
    idle_readers_.clear();  // first, so that the writer is the last to close and empties the log
  }
  writer_.reset();
}

absl::Status SqliteStorage::Transact(absl::FunctionRef<absl::Status(Transaction&)> body) {
  RETURN_IF_ERROR(InsideStorage::CheckNot(*this));
  return writer_->Transact([&](Transaction& transaction) {
    const InsideStorage mark(*this);
    return body(transaction);
  });
}

absl::Status SqliteStorage::Read(absl::FunctionRef<absl::Status(Snapshot&)> body) {
  RETURN_IF_ERROR(InsideStorage::CheckNot(*this));
  const InsideStorage mark(*this);
  if (path_.empty()) return writer_->Read(body);
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> reader, TakeReader());
  absl::Status status = SqliteStatement(*reader, "BEGIN").Run();
  if (status.ok()) {
    SqliteTransaction snapshot(*reader);
    status = body(snapshot);
    SqliteStatement(*reader, "ROLLBACK").Run().IgnoreError();
  }
  ReturnReader(std::move(reader));
  return status;
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteStorage::TakeReader() {
  {
    MutexLock lock(mutex_);
    while (idle_readers_.empty() && readers_ >= options_.readers) reader_returned_.Wait(mutex_);
    if (!idle_readers_.empty()) {
      std::unique_ptr<SqliteConnection> reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return reader;
    }
    ++readers_;
  }
  absl::StatusOr<std::unique_ptr<SqliteConnection>> reader =
      SqliteConnection::Open(path_, SqliteConnection::Mode::kReader, options_.vfs);
  if (reader.ok()) return reader;
  ReturnReader(nullptr);
  return reader;
}

void SqliteStorage::ReturnReader(std::unique_ptr<SqliteConnection> reader) {
  // One that met a fault, or cannot end its transaction, is replaced by a fresh one.
  if (reader != nullptr && (reader->broken() || !reader->autocommit())) reader.reset();
  {
    MutexLock lock(mutex_);
    if (reader != nullptr) {
      idle_readers_.push_back(std::move(reader));
    } else {
      --readers_;
    }
  }
  reader_returned_.NotifyOne();
}

}  // namespace photinus
