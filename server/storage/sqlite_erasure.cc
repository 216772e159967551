// SqliteTransaction: how deleted studies go.
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/storage/erasure.h"
#include "server/storage/sqlite_transaction.h"
#include "server/storage/stored_rows.h"

namespace photinus {
namespace {

absl::StatusOr<std::optional<int64_t>> NextDeleted(SqliteConnection& connection) {
  SqliteStatement statement(connection, "SELECT uid FROM studies WHERE deleted = 1 LIMIT 1");
  return FirstRow(statement, &ReadInt<SqliteStatement>);
}

// Erases one artifact, or some chunks of it, and takes its cost off `rows`. False where there is none.
absl::StatusOr<bool> EraseArtifact(SqliteConnection& connection, int64_t uid, int64_t& rows) {
  SqliteStatement next(connection, "SELECT artifact, size FROM artifacts WHERE study_uid = ? LIMIT 1", uid);
  ASSIGN_OR_RETURN(const bool found, next.Step());
  if (!found) return false;
  const int64_t artifact = next.Int();
  rows -= ErasureCost(next.Int());
  RETURN_IF_ERROR(SqliteStatement(connection,
                                  "DELETE FROM artifact_chunks WHERE (artifact, chunk) IN (SELECT artifact, chunk FROM "
                                  "artifact_chunks WHERE artifact = ? LIMIT ?)",
                                  artifact, kErasedChunks)
                      .Run());
  if (connection.changes() < kErasedChunks) {
    RETURN_IF_ERROR(SqliteStatement(connection, "DELETE FROM artifacts WHERE artifact = ?", artifact).Run());
  }
  return true;
}

absl::Status EraseRows(SqliteConnection& connection, const ErasedTable& table, int64_t uid, int64_t& rows) {
  const absl::string_view name(table.name.data(), table.name.size());
  const absl::string_view key(table.key.data(), table.key.size());
  const std::string sql = absl::StrCat("DELETE FROM ", name, " WHERE (", key, ") IN (SELECT ", key, " FROM ", name,
                                       " WHERE study_uid = ? LIMIT ?)");
  RETURN_IF_ERROR(SqliteStatement(connection, sql, uid, rows).Run());
  rows -= connection.changes();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> SqliteTransaction::EraseDeletedStudies(int64_t rows) {
  frees_space_ = true;
  ASSIGN_OR_RETURN(const std::optional<int64_t> uid, NextDeleted(connection_));
  if (!uid.has_value()) return false;
  for (bool more = true; more && rows > 0;) {
    ASSIGN_OR_RETURN(more, EraseArtifact(connection_, *uid, rows));
  }
  for (const ErasedTable& table : kErasedTables) {
    if (rows > 0) RETURN_IF_ERROR(EraseRows(connection_, table, *uid, rows));
  }
  if (rows > 0) RETURN_IF_ERROR(SqliteStatement(connection_, "DELETE FROM studies WHERE uid = ?", *uid).Run());
  return true;
}

}  // namespace photinus
