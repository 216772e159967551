#include "server/storage/sqlite_connection.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "google/protobuf/message_lite.h"

namespace photinus {
namespace {

// Whether a result code means that the device has no room left, which passes, rather than that it failed. A failed sync
// is never harmless, whatever the reason: the kernel may have dropped the pages. Nor is an index of the log that cannot
// grow (SQLITE_IOERR_SHMSIZE): by then the commit is in the log, and a restart would find it there.
bool IsDiskFull(int code, int os_error) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  return code == SQLITE_IOERR_WRITE && (os_error == ENOSPC || os_error == EDQUOT);
}

bool IsBroken(int code) {
  switch (code & 0xff) {
    case SQLITE_IOERR:
      return code != SQLITE_IOERR_NOMEM;
    case SQLITE_CORRUPT:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path, Mode mode,
                                                                         const std::string& vfs) {
  // Each connection is used by one thread at a time, so SQLite's own mutexes are idle work.
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (mode == Mode::kWriter) flags |= SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (handle == nullptr) return absl::UnavailableError("out of memory");
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle, path));
  if (code != SQLITE_OK) return connection->ToStatus(code);
  sqlite3_busy_timeout(handle, kSqliteBusyMs);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  RETURN_IF_ERROR(
      connection->Execute("PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY"));
  if (mode == Mode::kReader) {
    connection->LeaveLog();
    RETURN_IF_ERROR(connection->Execute("PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0"));
  }
  return connection;
}

SqliteConnection::~SqliteConnection() {
  if (broken_) LeaveLog();  // it is better left for recovery to judge
  statements_.clear();
  sqlite3_close_v2(handle_);
}

absl::Status SqliteConnection::Execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : ToStatus(code);
}

absl::Status SqliteConnection::ToStatus(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      return absl::AlreadyExistsError(absl::StrCat("it exists already (", sqlite3_errmsg(handle_), ")"));
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return absl::NotFoundError("the owner, study or trial that this belongs to does not exist (any more)");
    default:
      break;
  }
  const int primary = code & 0xff;
  if (primary == SQLITE_CONSTRAINT) return absl::InternalError(absl::StrCat("storage: ", sqlite3_errmsg(handle_)));
  const int os_error = sqlite3_system_errno(handle_);
  const std::string detail = absl::StrCat(path_, ": ", sqlite3_errstr(code), " (SQLite ", code,
                                          os_error != 0 ? absl::StrCat(", ", std::strerror(os_error)) : "", ")");
  absl::Status status;
  if (IsDiskFull(code, os_error)) {
    status =
        absl::ResourceExhaustedError(absl::StrCat("the disk is full, nothing was stored; free some space, then "
                                                  "try again: ",
                                                  detail));
  } else if (code == SQLITE_NOTADB) {
    broken_ = true;
    status = absl::FailedPreconditionError(absl::StrCat(
        "the file is no database; restore a backup (photinus-server restore --from BACKUP --storage URL) or "
        "choose another file: ",
        detail));
  } else if (primary == SQLITE_CORRUPT) {
    broken_ = true;
    status = absl::UnavailableError(absl::StrCat(
        "the file is damaged; restore a backup (photinus-server restore --from BACKUP --storage URL): ", detail));
  } else if (IsBroken(code)) {
    broken_ = true;
    status = absl::UnavailableError(absl::StrCat("the disk failed; ", detail));
  } else if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
    status = absl::UnavailableError(absl::StrCat("another program holds a lock; ", detail));
  } else if (primary == SQLITE_TOOBIG) {
    return absl::InvalidArgumentError(absl::StrCat("a value is too large to store; ", detail));
  } else if (primary == SQLITE_NOMEM || primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY ||
             primary == SQLITE_IOERR) {
    status = absl::UnavailableError(detail);
  } else {
    status = absl::InternalError(absl::StrCat("storage: ", detail, ": ", sqlite3_errmsg(handle_)));
  }
  if (fault_.ok()) fault_ = status;
  return status;
}

sqlite3_stmt* SqliteConnection::Prepared(std::string_view sql, int* code) {
  std::string key(sql);
  if (const auto found = statements_.find(key); found != statements_.end()) return found->second.get();
  sqlite3_stmt* statement = nullptr;
  *code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                             nullptr);
  if (*code != SQLITE_OK) return nullptr;
  statements_.emplace(std::move(key), statement);
  return statement;
}

SqliteStatement::SqliteStatement(SqliteConnection& connection, std::string_view sql) : connection_(connection) {
  int code = SQLITE_OK;
  statement_ = connection.Prepared(sql, &code);
  Check(code);
}

SqliteStatement::~SqliteStatement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

absl::StatusOr<bool> SqliteStatement::Step() {
  if (!status_.ok()) return status_;
  column_ = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Check(code);
  return status_;
}

absl::Status SqliteStatement::Run() {
  while (true) {
    absl::StatusOr<bool> more = Step();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
}

std::string_view SqliteStatement::Bytes() {
  const int column = column_++;
  const char* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return std::string_view(data, static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

void SqliteStatement::Message(google::protobuf::MessageLite& message) {
  const int column = column_;
  const std::string_view bytes = Bytes();
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  status_ = absl::InternalError(absl::StrCat("a stored ", message.GetTypeName(), " (column ", column,
                                             ") cannot be read: the database is damaged; restore a backup"));
}

void SqliteStatement::Bind(int index, int64_t value) { Check(sqlite3_bind_int64(statement_, index, value)); }

void SqliteStatement::Bind(int index, std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();  // a null pointer would bind NULL
  Check(sqlite3_bind_text64(statement_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void SqliteStatement::Bind(int index, SqliteBlob value) {
  const char* data = value.bytes.data() == nullptr ? "" : value.bytes.data();
  Check(sqlite3_bind_blob64(statement_, index, data, value.bytes.size(), SQLITE_TRANSIENT));
}

void SqliteStatement::Bind(int index, const google::protobuf::MessageLite& message) {
  Bind(index, SqliteBlob{message.SerializeAsString()});
}

void SqliteStatement::Check(int code) {
  if (code != SQLITE_OK && status_.ok()) status_ = connection_.ToStatus(code);
}

absl::StatusOr<int64_t> OneInt(SqliteConnection& connection, std::string_view sql) {
  SqliteStatement statement(connection, sql);
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  return found ? statement.Int() : 0;
}

}  // namespace photinus
