// Looking for damage in SQLite databases.
#ifndef PHOTINUS_SERVER_STORAGE_SQLITE_CHECK_H_
#define PHOTINUS_SERVER_STORAGE_SQLITE_CHECK_H_

#include <functional>

#include "absl/status/status.h"
#include "server/storage/sqlite_connection.h"

namespace photinus {

// Reads all of the database, table by table: a write-ahead log cannot be emptied while one read goes on.
// FailedPrecondition: it is damaged; the message is the first finding, a line. Cancelled: `stopped`, which is asked now
// and then.
absl::Status CheckSqlite(SqliteConnection& connection, const std::function<bool()>& stopped);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SQLITE_CHECK_H_
