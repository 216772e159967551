// The tables of a SQLite database, and how older ones become current.
#ifndef PHOTINUS_SERVER_STORAGE_SQLITE_SCHEMA_H_
#define PHOTINUS_SERVER_STORAGE_SQLITE_SCHEMA_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/storage/sqlite_connection.h"

namespace photinus {

// This program's steps: the schema is what they make of an empty database.
absl::Span<const std::string_view> SqliteMigrations();

// How many steps the database has had; 0 for an empty file. FailedPrecondition, as MigrateSqlite.
absl::StatusOr<int64_t> SqliteSchemaVersion(SqliteConnection& connection, absl::Span<const std::string_view> steps);

// Brings the database to the schema of `steps`, all in one transaction; `now` is noted beside each. Forward only.
// FailedPrecondition, with nothing changed: the file belongs to another program, to a newer Photinus, or a step that
// was applied differs from ours.
absl::Status MigrateSqlite(SqliteConnection& connection, absl::Span<const std::string_view> steps, absl::Time now);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SQLITE_SCHEMA_H_
