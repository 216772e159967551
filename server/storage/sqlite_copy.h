// Copies of SQLite databases: for backups, and back.
#ifndef PHOTINUS_SERVER_STORAGE_SQLITE_COPY_H_
#define PHOTINUS_SERVER_STORAGE_SQLITE_COPY_H_

#include <sqlite3.h>

#include <functional>
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
  // Of a file that has the copy's name.
  enum class Existing { kRefused, kReplaced };

  // Into the file `path`, which appears at Finish. FailedPrecondition: it exists and may not be replaced. NotFound,
  // FailedPrecondition: it cannot be made.
  static absl::StatusOr<std::unique_ptr<SqliteCopy>> Begin(SqliteConnection& source, const std::string& path,
                                                           Existing existing = Existing::kRefused);
  ~SqliteCopy();
  SqliteCopy(const SqliteCopy&) = delete;
  SqliteCopy& operator=(const SqliteCopy&) = delete;

  // Copies some more pages; true where there are more, false once the source is not needed any more. ResourceExhausted:
  // no room for the copy.
  absl::StatusOr<bool> Step();
  // After the last step: looks for damage, and returns once the copy is on disk, a single file without a write-ahead
  // log. FailedPrecondition: the source is damaged. Cancelled: `stopped`, which is asked now and then.
  absl::Status Finish(const std::function<bool()>& stopped);

 private:
  SqliteCopy(std::string path, std::string partial, Existing existing)
      : path_(std::move(path)), partial_(std::move(partial)), existing_(existing) {}
  absl::Status Fail(int code) const;
  absl::Status CheckPartial(const std::function<bool()>& stopped) const;

  const std::string path_;
  const std::string partial_;
  const Existing existing_;
  sqlite3* target_ = nullptr;
  sqlite3_backup* backup_ = nullptr;
};

// The whole copy at once.
absl::Status CopySqlite(SqliteConnection& source, const std::string& path,
                        SqliteCopy::Existing existing = SqliteCopy::Existing::kRefused);

// Copies the database file `path` that no server uses into the file `copy`. FailedPrecondition: a server uses it; no
// database of ours; it is damaged.
absl::Status BackUpSqliteFile(const std::string& path, const std::string& copy);

// Puts a backup in the place of a database that is not there: checks that it is whole and of a schema that this program
// knows. FailedPrecondition: it is not; there is a database at `path`, or the write-ahead log of one.
absl::Status RestoreSqliteFile(const std::string& backup, const std::string& path);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SQLITE_COPY_H_
