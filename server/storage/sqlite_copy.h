// Copies of SQLite databases: for backups, and back.
#ifndef PHOTINUS_SERVER_STORAGE_SQLITE_COPY_H_
#define PHOTINUS_SERVER_STORAGE_SQLITE_COPY_H_

#include <sqlite3.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/storage/sqlite_connection.h"

namespace photinus {

// A copy in the making. What `source` changes between two steps goes into the copy, too; changes through another
// connection would make it begin anew. One thread at a time may use the copy or its source.
class SqliteCopy {
 public:
  // Into the file `path`, which appears at Finish and must not exist before. FailedPrecondition: it does. NotFound,
  // FailedPrecondition: it cannot be made.
  static absl::StatusOr<std::unique_ptr<SqliteCopy>> Begin(SqliteConnection& source, const std::string& path);
  ~SqliteCopy();
  SqliteCopy(const SqliteCopy&) = delete;
  SqliteCopy& operator=(const SqliteCopy&) = delete;

  // Copies some more pages; true where there are more, false once the source is not needed any more. ResourceExhausted:
  // no room for the copy.
  absl::StatusOr<bool> Step();
  // After the last step: returns once the copy is on disk, a single file without a write-ahead log.
  absl::Status Finish();

 private:
  SqliteCopy(std::string path, std::string partial) : path_(std::move(path)), partial_(std::move(partial)) {}
  absl::Status Fail(int code) const;

  const std::string path_;
  const std::string partial_;
  sqlite3* target_ = nullptr;
  sqlite3_backup* backup_ = nullptr;
};

// The whole copy at once.
absl::Status CopySqlite(SqliteConnection& source, const std::string& path);

// Copies the database file `path` that no server uses into the file `copy`. FailedPrecondition: a server uses it; no
// database of ours.
absl::Status BackUpSqliteFile(const std::string& path, const std::string& copy);

// Puts a backup in the place of a database that is not there: checks that it is whole and of a schema that this program
// knows. FailedPrecondition: it is not; there is a database at `path`, or the write-ahead log of one.
absl::Status RestoreSqliteFile(const std::string& backup, const std::string& path);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SQLITE_COPY_H_
