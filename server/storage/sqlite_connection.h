// SQLite with owners: a connection that closes itself, and statements that reset themselves.
#ifndef PHOTINUS_SERVER_STORAGE_SQLITE_CONNECTION_H_
#define PHOTINUS_SERVER_STORAGE_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace google::protobuf {
class MessageLite;
}

namespace photinus {

// How long a connection waits for another one's lock, unless told otherwise.
inline constexpr int kSqliteBusyMs = 5000;

// One connection with its cache of prepared statements. Used by one thread at a time.
class SqliteConnection {
 public:
  enum class Mode { kWriter, kReader };

  // `vfs`: a registered file system of SQLite's; empty: the usual one. Unavailable if the file cannot be opened.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path, Mode mode,
                                                                const std::string& vfs);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // Runs SQL text of any number of statements, ignoring rows. Never with text from outside.
  absl::Status Execute(const std::string& sql);

  // The status for a result code of this connection. Constraints: AlreadyExists (uniqueness), NotFound (a parent row is
  // missing), Internal; ResourceExhausted: the disk is full; FailedPrecondition: no database; Unavailable: other faults
  // of the environment; Internal.
  absl::Status ToStatus(int code);

  // The first fault of the environment (not a constraint) since the last call; OK if none.
  absl::Status TakeFault() { return std::exchange(fault_, absl::OkStatus()); }
  // True once a read, write or sync failed or the file was found damaged: what the disk holds is then uncertain.
  bool broken() const { return broken_; }

  // False inside a transaction.
  bool autocommit() const { return sqlite3_get_autocommit(handle_) != 0; }
  int64_t changes() const { return sqlite3_changes64(handle_); }
  sqlite3* handle() { return handle_; }
  // Closing the last connection to a file empties its log; after this, it does not.
  void LeaveLog() { sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }

 private:
  friend class SqliteStatement;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  SqliteConnection(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  // The statement from the cache, prepared on first use; null and *code set on failure.
  sqlite3_stmt* Prepared(std::string_view sql, int* code);

  sqlite3* const handle_;
  const std::string path_;  // for messages
  std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
  absl::Status fault_;
  bool broken_ = false;
};

// Bytes to bind as a blob rather than as text.
struct SqliteBlob {
  std::string_view bytes;
};

// One execution of a cached statement: parameters are bound on construction, columns are read in order after each row,
// and the statement is reset at the end of the scope. Two executions of one SQL text must not overlap.
class SqliteStatement {
 public:
  template <typename... Arguments>
  SqliteStatement(SqliteConnection& connection, std::string_view sql, const Arguments&... arguments)
      : SqliteStatement(connection, sql) {
    int index = 0;
    (Bind(++index, arguments), ...);
  }
  SqliteStatement(SqliteConnection& connection, std::string_view sql);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  // True where there is a (next) row. Also reports what went wrong earlier: preparing, binding, reading a column.
  absl::StatusOr<bool> Step();
  // To the end, ignoring rows.
  absl::Status Run();

  // The next column of the row. Message parses one; if that fails the next Step says so.
  int64_t Int() { return sqlite3_column_int64(statement_, column_++); }
  bool Bool() { return Int() != 0; }
  absl::Time Time() { return absl::FromUnixMicros(Int()); }
  std::string Text() { return std::string(Bytes()); }
  std::string_view Bytes();  // until the next Step
  bool IsNull() const { return sqlite3_column_type(statement_, column_) == SQLITE_NULL; }
  void Message(google::protobuf::MessageLite& message);
  const absl::Status& status() const { return status_; }

 private:
  void Bind(int index, int64_t value);
  void Bind(int index, int32_t value) { Bind(index, static_cast<int64_t>(value)); }
  void Bind(int index, bool value) { Bind(index, static_cast<int64_t>(value)); }
  void Bind(int index, absl::Time value) { Bind(index, absl::ToUnixMicros(value)); }
  void Bind(int index, std::string_view value);
  void Bind(int index, const std::string& value) { Bind(index, std::string_view(value)); }
  void Bind(int index, const char* value) { Bind(index, std::string_view(value)); }
  void Bind(int index, SqliteBlob value);
  void Bind(int index, const google::protobuf::MessageLite& message);
  template <typename T>
  void Bind(int index, const std::optional<T>& value) {
    if (value.has_value()) Bind(index, *value);  // else NULL, as parameters start
  }
  void Check(int code);

  SqliteConnection& connection_;
  sqlite3_stmt* statement_ = nullptr;
  absl::Status status_;
  int column_ = 0;
};

// The first column of the first row; 0 where there is none.
absl::StatusOr<int64_t> OneInt(SqliteConnection& connection, std::string_view sql);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SQLITE_CONNECTION_H_
