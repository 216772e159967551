#include "server/storage/sqlite_storage.h"

#include <spdlog/spdlog.h>
#include <sys/vfs.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "server/storage/real_path.h"
#include "server/storage/sqlite_check.h"
#include "server/storage/sqlite_connection.h"
#include "server/storage/sqlite_copy.h"
#include "server/storage/sqlite_schema.h"
#include "server/storage/sqlite_transaction.h"
#include "server/storage/storage_guard.h"
#include "server/storage/stored_rows.h"

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
        absl::StrCat(path,
                     " is on a network disk, where two servers could write to it at once; choose a local disk, or "
                     "--allow-network-disk if only one machine ever uses it"));
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
  // The log shrinks to its usual length after it had to grow past it. Overwriting what was deleted, the default of
  // Debian's SQLite, would make deletions need as much of the log as what they delete.
  return connection.Execute(
      absl::StrCat("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ",
                   GroupCommit::LogBytes(options.limits), "; PRAGMA secure_delete = FAST; PRAGMA cache_size = -32768; ",
                   options.max_pages > 0 ? absl::StrCat("PRAGMA max_page_count = ", options.max_pages) : ""));
}

// A copy of a database that is about to be migrated, for those who want to go back. It takes the place of that of a
// migration that failed, because the database may have changed since.
absl::Status KeepOldSchema(SqliteConnection& connection, const std::string& path,
                           absl::Span<const std::string_view> steps) {
  ASSIGN_OR_RETURN(const int64_t version, SqliteSchemaVersion(connection, steps));
  if (version == 0 || version == static_cast<int64_t>(steps.size())) return absl::OkStatus();
  const std::string copy = absl::StrCat(path, ".schema", version);
  const absl::Status status = CopySqlite(connection, copy, SqliteCopy::Existing::kReplaced);
  if (!status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat("cannot keep a copy of the database before it is upgraded: ", status.message()));
  }
  spdlog::info("the database is upgraded from schema {} to {}; {} is a copy of it as it was", version, steps.size(),
               copy);
  return absl::OkStatus();
}

// What a process left that was killed while it kept a copy.
void RemoveUnfinishedCopies(const std::string& path) {
  const std::filesystem::path file(path);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    if (absl::StartsWith(name, absl::StrCat(file.filename().string(), ".schema")) && absl::EndsWith(name, ".part")) {
      std::filesystem::remove(entry.path(), error);
    }
  }
}

absl::Status PrepareWriter(SqliteConnection& connection, const std::string& path, const SqliteOptions& options) {
  RETURN_IF_ERROR(ConfigureWriter(connection, options, /*in_memory=*/path.empty()));
  RETURN_IF_ERROR(KeepOldSchema(connection, path, options.migrations));
  return MigrateSqlite(connection, options.migrations, absl::Now());
}

// A connection to a database that is ours or empty; one of others, or that cannot be used, is left as it is. `has_log`:
// that an earlier process left.
absl::StatusOr<std::unique_ptr<SqliteConnection>> OpenWriter(const std::string& path, const SqliteOptions& options,
                                                             bool has_log) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> connection,
                   SqliteConnection::Open(path, SqliteConnection::Mode::kWriter, options.vfs));
  absl::Status status = SqliteSchemaVersion(*connection, options.migrations).status();
  if (status.ok()) status = PrepareWriter(*connection, path, options);
  if (status.ok()) return connection;
  if (has_log) {
    connection->LeaveLog();
    return status;
  }
  const bool broken = connection->broken();
  connection.reset();
  // SQLite leaves what it made beside a database that it could not read; they would be in the way of a backup.
  std::error_code error;
  for (const char* suffix : {"-wal", "-shm"}) {
    if (broken) std::filesystem::remove(absl::StrCat(path, suffix), error);
  }
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStorage>> SqliteStorage::Open(const std::string& path,
                                                                   const SqliteOptions& options) {
  if (path.empty()) return absl::InvalidArgumentError("a database needs the path of a file");
  std::error_code error;
  const std::filesystem::path file = RealPath(path);
  if (std::filesystem::is_directory(file, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is a folder; name a file in it, such as ", (file / "photinus.db").string()));
  }
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage(file.string(), options));
  RETURN_IF_ERROR(CheckDisk(storage->path_, options));
  ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(storage->path_));
  storage->lock_ = std::make_unique<FileLock>(std::move(lock));
  RETURN_IF_ERROR(storage->damage_note_.Check());
  auto log_mark = std::make_unique<LogMark>(storage->path_);
  if (const absl::Status status = log_mark->Check(); !status.ok()) {
    storage->damage_note_.Begin();  // a part of the log may be in the file
    return status;
  }
  RemoveUnfinishedCopies(storage->path_);
  // Whoever closes the file cleanly leaves no log.
  const auto log_bytes = std::filesystem::file_size(absl::StrCat(storage->path_, "-wal"), error);
  const bool has_log = !error && log_bytes > 0;
  if (!has_log) log_mark->Clear();  // of a database that was here before, or of a log that was emptied
  absl::StatusOr<std::unique_ptr<SqliteConnection>> connection = OpenWriter(storage->path_, options, has_log);
  if (!connection.ok()) return InFile(storage->path_, connection.status());
  if (has_log) {
    storage->damage_note_.Begin();
    log_mark->Set();
  }
  storage->unchecked_ = storage->damage_note_.Exists();
  storage->lock_->KeepFile();
  storage->writer_ = std::make_unique<GroupCommit>(*std::move(connection), options.limits, std::move(log_mark));
  return storage;
}

absl::StatusOr<std::unique_ptr<SqliteStorage>> SqliteStorage::OpenInMemory(const SqliteOptions& options) {
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage("", options));
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> connection,
                   SqliteConnection::Open(":memory:", SqliteConnection::Mode::kWriter, /*vfs=*/""));
  RETURN_IF_ERROR(PrepareWriter(*connection, /*path=*/"", options));
  storage->writer_ = std::make_unique<GroupCommit>(std::move(connection), options.limits, /*log_mark=*/nullptr);
  return storage;
}

SqliteStorage::~SqliteStorage() {
  closing_ = true;
  AwaitSelfCheck();
  if (!path_.empty() && writer_ != nullptr && !Healthy()) damage_note_.Begin();
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
  if (reader != nullptr && reader->broken()) writer_->Poison();
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

absl::Status SqliteStorage::Backup(const std::string& path, const std::function<bool()>& stopped) {
  RETURN_IF_ERROR(InsideStorage::CheckNot(*this));
  return writer_->Backup(path, stopped);
}

void SqliteStorage::BeginSelfCheck() {
  if (!unchecked_ || self_check_.joinable()) return;
  self_check_ = std::thread([this] {
    spdlog::info("{}: was not closed cleanly; looking for damage", path_);
    const absl::Status status = SelfCheck();
    if (status.ok()) {
      damage_note_.Remove();
      return spdlog::info("{}: no damage found", path_);
    }
    if (closing_) return;
    if (!absl::IsFailedPrecondition(status)) return spdlog::error("{}: {}", path_, status.ToString());
    damage_note_.Condemn(std::string(status.message()));
    spdlog::error("{}", std::string(damage_note_.Check().message()));
    writer_->Poison();
  });
}

void SqliteStorage::AwaitSelfCheck() {
  if (self_check_.joinable()) self_check_.join();
}

absl::Status SqliteStorage::SelfCheck() {
  ASSIGN_OR_RETURN(const auto reader, SqliteConnection::Open(path_, SqliteConnection::Mode::kReader, options_.vfs));
  return CheckSqlite(*reader, [this] { return closing_.load(); });
}

}  // namespace photinus
