// The tables of a SQLite database, and how older ones become current.
#ifndef PHOTINUS_SERVER_STORAGE_SQLITE_SCHEMA_H_
#define PHOTINUS_SERVER_STORAGE_SQLITE_SCHEMA_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/storage/sqlite_connection.h"

namespace photinus {

// Brings the database to this program's schema, each step in one transaction; `now` is noted beside it. Forward only.
// FailedPrecondition, with nothing changed: the file belongs to another program, to a newer Photinus, or a step that
// was applied differs from ours.
absl::Status MigrateSqlite(SqliteConnection& connection, absl::Time now);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SQLITE_SCHEMA_H_
