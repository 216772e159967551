// The tables of a PostgreSQL database, and how older ones become current.
#ifndef PHOTINUS_SERVER_STORAGE_POSTGRES_SCHEMA_H_
#define PHOTINUS_SERVER_STORAGE_POSTGRES_SCHEMA_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/storage/postgres_connection.h"

namespace photinus {

// This program's steps: the schema is what they make of an empty one.
absl::Span<const std::string_view> PostgresMigrations();

// Brings the connection's current schema (the first of its search_path) to the tables of `steps`, all in one
// transaction; `now` is noted beside each. Forward only; several servers may start at once. FailedPrecondition, with
// nothing changed: there is no such schema, it holds the tables of another program or of a newer Photinus, or a step
// that was applied differs from ours.
absl::Status MigratePostgres(PostgresConnection& connection, absl::Span<const std::string_view> steps, absl::Time now);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_POSTGRES_SCHEMA_H_
