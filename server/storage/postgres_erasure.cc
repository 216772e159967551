// PostgresTransaction: how deleted studies and trials go.
#include <optional>
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

struct DeletedTrial {
  int64_t study_uid = 0;
  int64_t id = 0;
};

// As NextDeleted.
absl::StatusOr<std::optional<DeletedTrial>> NextDeletedTrial(PostgresConnection& connection) {
  PostgresStatement statement(connection,
                              "SELECT study_uid, id FROM trials WHERE state = 0 ORDER BY study_uid, id LIMIT 1 "
                              "FOR UPDATE SKIP LOCKED");
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  if (!found) return std::optional<DeletedTrial>();
  DeletedTrial trial;
  trial.study_uid = statement.Int();
  trial.id = statement.Int();
  return std::optional<DeletedTrial>(trial);
}

// Erases one artifact of the trials first..last, or some chunks of it, and takes its cost off `rows`. False where there
// is none.
absl::StatusOr<bool> EraseArtifact(PostgresConnection& connection, int64_t uid, int64_t first, int64_t last,
                                   int64_t& rows) {
  PostgresStatement next(
      connection, "SELECT artifact, size FROM artifacts WHERE study_uid = $1 AND trial_id BETWEEN $2 AND $3 LIMIT 1",
      uid, first, last);
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

absl::Status EraseArtifacts(PostgresConnection& connection, int64_t uid, int64_t first, int64_t last, int64_t& rows) {
  for (bool more = true; more && rows > 0;) {
    ASSIGN_OR_RETURN(more, EraseArtifact(connection, uid, first, last, rows));
  }
  return absl::OkStatus();
}

// Those of one trial where `trial_id` is set.
absl::Status EraseRows(PostgresConnection& connection, const ErasedTable& table, int64_t uid,
                       const std::optional<int64_t>& trial_id, int64_t& rows) {
  if (rows <= 0) return absl::OkStatus();
  const absl::string_view name(table.name.data(), table.name.size());
  const std::string sql =
      absl::StrCat("DELETE FROM ", name, " WHERE ctid = ANY (ARRAY(SELECT ctid FROM ", name, " WHERE study_uid = $1 ",
                   trial_id.has_value() ? "AND trial_id = $3 " : "", "LIMIT $2))");
  const PostgresStatement statement(connection, sql, uid, rows, trial_id);
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

absl::Status EraseStudy(PostgresConnection& connection, int64_t uid, int64_t& rows) {
  RETURN_IF_ERROR(EraseArtifacts(connection, uid, 0, kLastTrial, rows));
  for (const ErasedTable& table : kErasedTables) {
    RETURN_IF_ERROR(EraseRows(connection, table, uid, std::nullopt, rows));
  }
  if (rows-- <= 0) return absl::OkStatus();
  RETURN_IF_ERROR(PostgresStatement(connection, "DELETE FROM studies WHERE uid = $1", uid).status());
  return ForgetLongDeleted(connection);
}

absl::Status EraseTrial(PostgresConnection& connection, const DeletedTrial& trial, int64_t& rows) {
  RETURN_IF_ERROR(EraseArtifacts(connection, trial.study_uid, trial.id, trial.id, rows));
  for (const ErasedTable& table : kErasedTablesOfTrials) {
    RETURN_IF_ERROR(EraseRows(connection, table, trial.study_uid, trial.id, rows));
  }
  if (rows-- <= 0) return absl::OkStatus();
  return PostgresStatement(connection, "DELETE FROM trials WHERE study_uid = $1 AND id = $2", trial.study_uid, trial.id)
      .status();
}

}  // namespace

absl::StatusOr<bool> PostgresTransaction::EraseDeleted(int64_t rows) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> uid, NextDeleted(connection_));
  if (uid.has_value()) {
    RETURN_IF_ERROR(EraseStudy(connection_, *uid, rows));
    return true;
  }
  bool any = false;
  while (rows > 0) {
    ASSIGN_OR_RETURN(const std::optional<DeletedTrial> trial, NextDeletedTrial(connection_));
    if (!trial.has_value()) break;
    any = true;
    RETURN_IF_ERROR(EraseTrial(connection_, *trial, rows));
  }
  return any;
}

}  // namespace photinus
