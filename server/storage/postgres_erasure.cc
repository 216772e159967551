// PostgresTransaction: how deleted studies go.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "server/storage/erasure.h"
#include "server/storage/postgres_transaction.h"
#include "server/storage/stored_rows.h"

namespace photinus {
namespace {

// For how long other servers can learn of a deletion.
constexpr absl::Duration kRememberedFor = absl::Hours(24);

// Locked, and passing over those that other servers erase.
absl::StatusOr<std::optional<int64_t>> NextDeleted(PostgresConnection& connection) {
  PostgresStatement statement(connection,
                              "SELECT uid FROM studies WHERE deleted ORDER BY uid LIMIT 1 FOR UPDATE SKIP LOCKED");
  return FirstRow(statement, &ReadInt<PostgresStatement>);
}

// Erases one artifact, or some chunks of it, and takes its cost off `rows`. False where there is none.
absl::StatusOr<bool> EraseArtifact(PostgresConnection& connection, int64_t uid, int64_t& rows) {
  PostgresStatement next(connection, "SELECT artifact, size FROM artifacts WHERE study_uid = $1 LIMIT 1", uid);
  ASSIGN_OR_RETURN(const bool found, next.Step());
  if (!found) return false;
  const int64_t artifact = next.Int();
  rows -= ErasureCost(next.Int());
  const PostgresStatement chunks(connection,
                                 "DELETE FROM artifact_chunks WHERE artifact = $1 AND chunk = ANY (ARRAY(SELECT chunk "
                                 "FROM artifact_chunks WHERE artifact = $1 LIMIT $2))",
                                 artifact, kErasedChunks);
  RETURN_IF_ERROR(chunks.status());
  if (chunks.changes() < kErasedChunks) {
    RETURN_IF_ERROR(PostgresStatement(connection, "DELETE FROM artifacts WHERE artifact = $1", artifact).status());
  }
  return true;
}

absl::Status EraseRows(PostgresConnection& connection, const ErasedTable& table, int64_t uid, int64_t& rows) {
  const absl::string_view name(table.name.data(), table.name.size());
  const std::string sql = absl::StrCat("DELETE FROM ", name, " WHERE ctid = ANY (ARRAY(SELECT ctid FROM ", name,
                                       " WHERE study_uid = $1 LIMIT $2))");
  const PostgresStatement statement(connection, sql, uid, rows);
  RETURN_IF_ERROR(statement.status());
  rows -= statement.changes();
  return absl::OkStatus();
}

absl::Status ForgetLongDeleted(PostgresConnection& connection) {
  return PostgresStatement(connection,
                           "DELETE FROM deleted_studies "
                           "WHERE deleted_us < (extract(epoch FROM now()) * 1000000)::bigint - $1",
                           absl::ToInt64Microseconds(kRememberedFor))
      .status();
}

}  // namespace

absl::StatusOr<bool> PostgresTransaction::EraseDeletedStudies(int64_t rows) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> uid, NextDeleted(connection_));
  if (!uid.has_value()) return false;
  for (bool more = true; more && rows > 0;) {
    ASSIGN_OR_RETURN(more, EraseArtifact(connection_, *uid, rows));
  }
  for (const ErasedTable& table : kErasedTables) {
    if (rows > 0) RETURN_IF_ERROR(EraseRows(connection_, table, *uid, rows));
  }
  if (rows > 0) {
    RETURN_IF_ERROR(PostgresStatement(connection_, "DELETE FROM studies WHERE uid = $1", *uid).status());
    RETURN_IF_ERROR(ForgetLongDeleted(connection_));
  }
  return true;
}

}  // namespace photinus
