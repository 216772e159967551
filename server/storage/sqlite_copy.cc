#include "server/storage/sqlite_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/new_file.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "server/storage/damage_note.h"
#include "server/storage/file_lock.h"
#include "server/storage/log_mark.h"
#include "server/storage/real_path.h"
#include "server/storage/sqlite_check.h"
#include "server/storage/sqlite_schema.h"

namespace photinus {
namespace {

constexpr int kPagesAtOnce = 256;  // 1 MiB: about a millisecond

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::symlink_status(path, error));
}

absl::Status IsThere(const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(path, " exists already; choose another name or remove it"));
}

// The file is on disk.
absl::Status Sync(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return FileError(path, "opened");
  const bool synced = fsync(fd) == 0;
  const absl::Status status = synced ? absl::OkStatus() : FileError(path, "written");
  close(fd);
  return status;
}

absl::Status CheckWhole(SqliteConnection& connection) {
  SqliteStatement check(connection, "PRAGMA integrity_check(1)");
  ASSIGN_OR_RETURN(const bool row, check.Step());
  const std::string verdict = row ? check.Text() : "nothing";
  if (verdict == "ok") return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the backup is damaged (", verdict, "); use another one"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteCopy>> SqliteCopy::Begin(SqliteConnection& source, const std::string& path,
                                                              Existing existing) {
  if (existing == Existing::kRefused && Exists(path)) return IsThere(path);
  std::unique_ptr<SqliteCopy> copy(new SqliteCopy(path, absl::StrCat(path, ".", SecureHex(4), ".part"), existing));
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(copy->partial_.c_str(), &copy->target_, flags, nullptr);
  if (code != SQLITE_OK) return FileError(copy->partial_, "created");
  // Finish syncs it, and until then nobody reads it.
  sqlite3_exec(copy->target_, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
  copy->backup_ = sqlite3_backup_init(copy->target_, "main", source.handle(), "main");
  if (copy->backup_ == nullptr) return copy->Fail(sqlite3_extended_errcode(copy->target_));
  return copy;
}

SqliteCopy::~SqliteCopy() {
  sqlite3_backup_finish(backup_);
  sqlite3_close_v2(target_);
  unlink(partial_.c_str());
}

absl::Status SqliteCopy::Fail(int code) const {
  const std::string why = absl::StrCat("cannot copy the database to ", path_, ": ", sqlite3_errstr(code));
  if ((code & 0xff) == SQLITE_FULL) return absl::ResourceExhaustedError(why);
  return absl::UnavailableError(why);
}

absl::StatusOr<bool> SqliteCopy::Step() {
  const int code = sqlite3_backup_step(backup_, kPagesAtOnce);
  if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) return true;
  if (code != SQLITE_DONE) return Fail(code);
  sqlite3_backup_finish(std::exchange(backup_, nullptr));
  return false;
}

absl::Status SqliteCopy::Finish(const std::function<bool()>& stopped) {
  int code = sqlite3_exec(target_, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) code = sqlite3_close(target_);
  if (code != SQLITE_OK) return Fail(code);
  target_ = nullptr;
  RETURN_IF_ERROR(CheckPartial(stopped));
  RETURN_IF_ERROR(Sync(partial_));
  if (existing_ == Existing::kRefused && Exists(path_)) return IsThere(path_);
  if (std::rename(partial_.c_str(), path_.c_str()) != 0) return FileError(path_, "made");
  return SyncFolderOf(path_);
}

absl::Status SqliteCopy::CheckPartial(const std::function<bool()>& stopped) const {
  ASSIGN_OR_RETURN(const auto connection, SqliteConnection::Open(partial_, SqliteConnection::Mode::kReader, ""));
  const absl::Status status = CheckSqlite(*connection, stopped);
  if (!absl::IsFailedPrecondition(status)) return status;
  return absl::FailedPreconditionError(
      absl::StrCat("the database is damaged (", status.message(), "), so it was not copied; restore a backup"));
}

absl::Status CopySqlite(SqliteConnection& source, const std::string& path, SqliteCopy::Existing existing) {
  ASSIGN_OR_RETURN(const auto copy, SqliteCopy::Begin(source, path, existing));
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(more, copy->Step());
  }
  return copy->Finish([] { return false; });
}

absl::Status BackUpSqliteFile(const std::string& database, const std::string& copy) {
  const std::string path = RealPath(database);
  if (!Exists(path)) return absl::FailedPreconditionError(absl::StrCat(path, " does not exist"));
  // Also, a backup by its side takes no part in what a server does with its log.
  absl::StatusOr<FileLock> lock = FileLock::Acquire(path);
  if (!lock.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(lock.status().message(), "; or back up through the running server: photinus server backup FILE"));
  }
  RETURN_IF_ERROR(LogMark(path).Check());
  const bool has_log = Exists(path + "-wal");
  ASSIGN_OR_RETURN(const auto connection, SqliteConnection::Open(path, SqliteConnection::Mode::kWriter, ""));
  if (has_log) connection->LeaveLog();  // which tells the next server to look for damage
  RETURN_IF_ERROR(SqliteSchemaVersion(*connection, SqliteMigrations()).status());
  return CopySqlite(*connection, copy);
}

absl::Status RestoreSqliteFile(const std::string& backup, const std::string& path) {
  if (!Exists(backup)) return absl::FailedPreconditionError(absl::StrCat(backup, " does not exist"));
  ASSIGN_OR_RETURN(const FileLock lock, FileLock::Acquire(path));
  // A log without its database would be played back onto the restored one, and ruin it.
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    if (Exists(path + suffix)) return IsThere(path + suffix);
  }
  ASSIGN_OR_RETURN(const auto connection, SqliteConnection::Open(backup, SqliteConnection::Mode::kReader, ""));
  ASSIGN_OR_RETURN(const int64_t version, SqliteSchemaVersion(*connection, SqliteMigrations()));
  if (version == 0) return absl::FailedPreconditionError(absl::StrCat(backup, " holds no database of photinus-server"));
  RETURN_IF_ERROR(CheckWhole(*connection));
  LogMark(path).Clear();  // of the database that was here before, as what is removed below
  RETURN_IF_ERROR(CopySqlite(*connection, path));
  DamageNote(path).Remove();
  return absl::OkStatus();
}

}  // namespace photinus
