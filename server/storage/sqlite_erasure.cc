// SqliteTransaction: how deleted studies and trials go.
#include <optional>
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

// Erases one artifact of the trials first..last, or some chunks of it, and takes its cost off `rows`. False where there
// is none.
absl::StatusOr<bool> EraseArtifact(SqliteConnection& connection, int64_t uid, int64_t first, int64_t last,
                                   int64_t& rows) {
  SqliteStatement next(connection,
                       "SELECT artifact, size FROM artifacts WHERE study_uid = ? AND trial_id BETWEEN ? AND ? LIMIT 1",
                       uid, first, last);
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

absl::Status EraseArtifacts(SqliteConnection& connection, int64_t uid, int64_t first, int64_t last, int64_t& rows) {
  for (bool more = true; more && rows > 0;) {
    ASSIGN_OR_RETURN(more, EraseArtifact(connection, uid, first, last, rows));
  }
  return absl::OkStatus();
}

// Those of one trial where `trial_id` is set.
absl::Status EraseRows(SqliteConnection& connection, const ErasedTable& table, int64_t uid,
                       const std::optional<int64_t>& trial_id, int64_t& rows) {
  if (rows <= 0) return absl::OkStatus();
  const absl::string_view name(table.name.data(), table.name.size());
  const absl::string_view key(table.key.data(), table.key.size());
  const std::string sql =
      absl::StrCat("DELETE FROM ", name, " WHERE (", key, ") IN (SELECT ", key, " FROM ", name,
                   " WHERE study_uid = ?1 ", trial_id.has_value() ? "AND trial_id = ?3 " : "", "LIMIT ?2)");
  RETURN_IF_ERROR(SqliteStatement(connection, sql, uid, rows, trial_id).Run());
  rows -= connection.changes();
  return absl::OkStatus();
}

absl::Status EraseStudy(SqliteConnection& connection, int64_t uid, int64_t& rows) {
  RETURN_IF_ERROR(EraseArtifacts(connection, uid, 0, kLastTrial, rows));
  for (const ErasedTable& table : kErasedTables) {
    RETURN_IF_ERROR(EraseRows(connection, table, uid, std::nullopt, rows));
  }
  if (rows-- <= 0) return absl::OkStatus();
  return SqliteStatement(connection, "DELETE FROM studies WHERE uid = ?", uid).Run();
}

absl::Status EraseTrial(SqliteConnection& connection, int64_t uid, int64_t id, int64_t& rows) {
  RETURN_IF_ERROR(EraseArtifacts(connection, uid, id, id, rows));
  for (const ErasedTable& table : kErasedTablesOfTrials) {
    RETURN_IF_ERROR(EraseRows(connection, table, uid, id, rows));
  }
  if (rows-- <= 0) return absl::OkStatus();
  return SqliteStatement(connection, "DELETE FROM trials WHERE study_uid = ? AND id = ?", uid, id).Run();
}

}  // namespace

absl::StatusOr<bool> SqliteTransaction::EraseDeleted(int64_t rows) {
  frees_space_ = true;
  ASSIGN_OR_RETURN(const std::optional<int64_t> uid, NextDeleted(connection_));
  if (uid.has_value()) {
    RETURN_IF_ERROR(EraseStudy(connection_, *uid, rows));
    return true;
  }
  bool any = false;
  while (rows > 0) {
    SqliteStatement next(connection_,
                         "SELECT study_uid, id FROM trials INDEXED BY trials_deleted WHERE state = 0 LIMIT 1");
    ASSIGN_OR_RETURN(const bool found, next.Step());
    if (!found) break;
    any = true;
    const int64_t study = next.Int();
    RETURN_IF_ERROR(EraseTrial(connection_, study, next.Int(), rows));
  }
  return any;
}

}  // namespace photinus
