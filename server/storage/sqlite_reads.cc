// SqliteTransaction: the Snapshot half.
#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/storage/sqlite_transaction.h"
#include "server/storage/stored_rows.h"

namespace photinus {
namespace {

// The index that finds the trials of a query without a scan; empty: the primary key.
std::string_view IndexFor(const TrialQuery& query) {
  if (query.since_version.has_value()) return "INDEXED BY trials_by_version ";
  if (query.states.empty()) return "";
  const auto is = [&](auto... wanted) {
    return std::all_of(query.states.begin(), query.states.end(), [&](auto s) { return ((s == wanted) || ...); });
  };
  if (is(pb::Trial::REQUESTED)) {
    return query.tried_before ? "INDEXED BY trials_requeued " : "INDEXED BY trials_requested ";
  }
  if (is(pb::Trial::ACTIVE, pb::Trial::STOPPING)) return "INDEXED BY trials_running ";
  return "";
}

// With the parameters owner, or for all owners the one that is left out; after_uid; limit.
std::string SelectStudies(const char* columns, std::string_view owner) {
  return absl::StrCat("SELECT ", columns, "WHERE owner ", owner.empty() ? "<>" : "=",
                      " ? AND uid > ? AND deleted = 0 ORDER BY uid LIMIT ?");
}

// With the parameters study uid, after_id, limit, client_id, since_version.
std::string SelectTrials(const char* columns, const TrialQuery& query) {
  const std::string_view index = IndexFor(query);
  return absl::StrCat(
      "SELECT ", columns, absl::string_view(index.data(), index.size()), "WHERE study_uid = ?1 AND id > ?2 ",
      StateCondition(query.states), query.client_id.has_value() ? "AND client_id = ?4 " : "",
      query.tried_before ? "AND attempt > 1 " : "",
      query.since_version.has_value() ? "AND mod_version > ?5 ORDER BY mod_version, id" : "ORDER BY id", " LIMIT ?3");
}

using TrialAttempt = std::pair<int64_t, int32_t>;

TrialAttempt ReadTrialAttempt(SqliteStatement& row) {
  const int64_t trial_id = row.Int();
  return {trial_id, static_cast<int32_t>(row.Int())};
}

}  // namespace

absl::StatusOr<bool> SqliteTransaction::OwnerExists(std::string_view owner) {
  SqliteStatement statement(connection_, "SELECT 1 FROM owners WHERE owner = ?", owner);
  return statement.Step();
}

absl::StatusOr<std::optional<StudyRow>> SqliteTransaction::FindStudy(std::string_view owner,
                                                                     std::string_view display_name) {
  SqliteStatement statement(connection_,
                            "SELECT " PHOTINUS_STUDY_COLUMNS "WHERE owner = ? AND display_name = ? AND deleted = 0",
                            owner, display_name);
  return FirstRow(statement, &ReadStudy<SqliteStatement>);
}

absl::StatusOr<std::optional<StudyRow>> SqliteTransaction::GetStudy(int64_t uid) {
  SqliteStatement statement(connection_, "SELECT " PHOTINUS_STUDY_COLUMNS "WHERE uid = ? AND deleted = 0", uid);
  return FirstRow(statement, &ReadStudy<SqliteStatement>);
}

absl::StatusOr<std::vector<StudyRow>> SqliteTransaction::ListStudies(std::string_view owner, int64_t after_uid,
                                                                     int64_t limit) {
  const std::string_view which = owner.empty() ? kStagingOwner : owner;
  SqliteStatement statement(connection_, SelectStudies(PHOTINUS_STUDY_COLUMNS, owner), which, after_uid, limit);
  return AllRows(statement, &ReadStudy<SqliteStatement>);
}

absl::StatusOr<std::vector<StudyBytes>> SqliteTransaction::ListStudyBytes(std::string_view owner, int64_t after_uid,
                                                                          int64_t limit) {
  const std::string_view which = owner.empty() ? kStagingOwner : owner;
  SqliteStatement statement(connection_, SelectStudies(PHOTINUS_STUDY_BYTES, owner), which, after_uid, limit);
  return AllRows(statement, &ReadStudyBytes<SqliteStatement>);
}

absl::StatusOr<std::optional<TrialRow>> SqliteTransaction::GetTrial(int64_t study_uid, int64_t id) {
  SqliteStatement statement(
      connection_, "SELECT " PHOTINUS_TRIAL_COLUMNS "WHERE study_uid = ? AND id = ? " PHOTINUS_IS_THERE, study_uid, id);
  return FirstRow(statement, &ReadTrial<SqliteStatement>);
}

absl::StatusOr<std::vector<TrialRow>> SqliteTransaction::ListTrials(int64_t study_uid, const TrialQuery& query) {
  SqliteStatement statement(connection_, SelectTrials(PHOTINUS_TRIAL_COLUMNS, query), study_uid, query.after_id,
                            query.limit, query.client_id, query.since_version);
  return AllRows(statement, &ReadTrial<SqliteStatement>);
}

absl::StatusOr<std::vector<TrialBytes>> SqliteTransaction::ListTrialBytes(int64_t study_uid, const TrialQuery& query) {
  SqliteStatement statement(connection_, SelectTrials(PHOTINUS_TRIAL_BYTES, query), study_uid, query.after_id,
                            query.limit, query.client_id, query.since_version);
  return AllRows(statement, &ReadTrialBytes<SqliteStatement>);
}

absl::StatusOr<TrialCounts> SqliteTransaction::CountTrials(int64_t study_uid) {
  TrialCounts counts;
  SqliteStatement statement(connection_, "SELECT state, stop_requested, trials FROM trial_counts WHERE study_uid = ?",
                            study_uid);
  while (true) {
    ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return counts;
    AddTrialCount(statement, counts);
  }
}

absl::StatusOr<std::vector<int64_t>> SqliteTransaction::ListDeletedTrials(int64_t study_uid, int64_t since_version) {
  SqliteStatement statement(connection_,
                            "SELECT id FROM deleted_trials WHERE study_uid = ? AND version > ? ORDER BY version, id",
                            study_uid, since_version);
  return AllRows(statement, &ReadInt<SqliteStatement>);
}

absl::StatusOr<std::vector<LeaseRow>> SqliteTransaction::ListLeases(const std::optional<std::string>& client_id) {
  const std::string sql =
      absl::StrCat("SELECT " PHOTINUS_LEASE_COLUMNS
                   "FROM trials t INDEXED BY trials_leased JOIN studies s ON s.uid = t.study_uid "
                   "WHERE " PHOTINUS_IS_LEASED,
                   client_id.has_value() ? "AND t.client_id = ? " : "AND ? IS NULL ", "ORDER BY s.uid, t.id");
  SqliteStatement statement(connection_, sql, client_id);
  return AllRows(statement, &ReadLease<SqliteStatement>);
}

absl::StatusOr<std::vector<MeasurementRow>> SqliteTransaction::ListMeasurements(int64_t study_uid, int64_t first,
                                                                                int64_t last) {
  SqliteStatement trials(connection_,
                         "SELECT id, attempt FROM trials "
                         "WHERE study_uid = ? AND id BETWEEN ? AND ? " PHOTINUS_IS_THERE "ORDER BY id",
                         study_uid, first, last);
  ASSIGN_OR_RETURN(const std::vector<TrialAttempt> current, AllRows(trials, &ReadTrialAttempt));
  // Both lists have one order. A join would look each trial's measurements up, which takes twice as long.
  SqliteStatement statement(connection_,
                            "SELECT trial_id, attempt, seq, body FROM measurements "
                            "WHERE study_uid = ? AND trial_id BETWEEN ? AND ? ORDER BY trial_id, attempt, seq",
                            study_uid, first, last);
  std::vector<MeasurementRow> measurements;
  auto next = current.begin();
  while (true) {
    ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return measurements;
    const TrialAttempt of = ReadTrialAttempt(statement);
    while (next != current.end() && *next < of) ++next;
    if (next == current.end() || *next != of) continue;
    MeasurementRow& row = measurements.emplace_back();
    std::tie(row.trial_id, row.attempt) = of;
    row.seq = statement.Int();
    statement.Message(row.body);
  }
}

absl::StatusOr<std::vector<MeasurementRow>> SqliteTransaction::ListAttemptMeasurements(int64_t study_uid,
                                                                                       int64_t trial_id,
                                                                                       int32_t attempt) {
  SqliteStatement statement(connection_,
                            "SELECT trial_id, attempt, seq, body FROM measurements "
                            "WHERE study_uid = ? AND trial_id = ? AND attempt = ? ORDER BY seq",
                            study_uid, trial_id, attempt);
  return AllRows(statement, &ReadMeasurement<SqliteStatement>);
}

absl::StatusOr<std::vector<MeasurementRow>> SqliteTransaction::LatestMeasurements(int64_t study_uid, int64_t trial_id,
                                                                                  int32_t attempt, int64_t limit) {
  SqliteStatement statement(connection_,
                            "SELECT trial_id, attempt, seq, body FROM measurements "
                            "WHERE study_uid = ? AND trial_id = ? AND attempt = ? ORDER BY seq DESC LIMIT ?",
                            study_uid, trial_id, attempt, limit);
  return AllRows(statement, &ReadMeasurement<SqliteStatement>);
}

absl::StatusOr<bool> SqliteTransaction::HasMeasurement(int64_t study_uid, int64_t trial_id, int32_t attempt,
                                                       const pb::Measurement& measurement) {
  SqliteStatement statement(connection_,
                            "SELECT 1 FROM measurements INDEXED BY measurements_by_digest WHERE study_uid = ? AND "
                            "trial_id = ? AND attempt = ? AND digest = ? AND body = ? LIMIT 1",
                            study_uid, trial_id, attempt, DigestOf(measurement), measurement);
  return statement.Step();
}

absl::StatusOr<std::vector<MetadataRow>> SqliteTransaction::ListMetadata(int64_t study_uid, int64_t first,
                                                                         int64_t last) {
  SqliteStatement statement(connection_,
                            "SELECT trial_id, entry FROM metadata WHERE study_uid = ? AND trial_id BETWEEN ? AND ? "
                            "ORDER BY trial_id, rank",
                            study_uid, first, last);
  return AllRows(statement, &ReadMetadata<SqliteStatement>);
}

absl::StatusOr<std::vector<ExplanationRow>> SqliteTransaction::ListExplanations(int64_t study_uid, int64_t first,
                                                                                int64_t last) {
  SqliteStatement statement(connection_,
                            "SELECT trial_id, body FROM explanations WHERE study_uid = ? AND trial_id BETWEEN ? AND ? "
                            "ORDER BY trial_id",
                            study_uid, first, last);
  return AllRows(statement, &ReadExplanation<SqliteStatement>);
}

absl::StatusOr<MetadataSize> SqliteTransaction::GetMetadataSize(int64_t study_uid, int64_t trial_id) {
  SqliteStatement statement(connection_,
                            "SELECT entries, bytes FROM metadata_sizes WHERE study_uid = ? AND trial_id = ?", study_uid,
                            trial_id);
  ASSIGN_OR_RETURN(const auto size, FirstRow(statement, &ReadMetadataSize<SqliteStatement>));
  return size.value_or(MetadataSize());
}

absl::StatusOr<std::vector<AttemptRow>> SqliteTransaction::ListAttempts(int64_t study_uid, int64_t trial_id,
                                                                        int32_t after, int64_t limit) {
  SqliteStatement statement(connection_,
                            "SELECT " PHOTINUS_ATTEMPT_COLUMNS
                            "WHERE study_uid = ? AND trial_id = ? AND attempt > ? ORDER BY attempt LIMIT ?",
                            study_uid, trial_id, after, limit);
  return AllRows(statement, &ReadAttempt<SqliteStatement>);
}

absl::StatusOr<std::optional<AttemptRow>> SqliteTransaction::FindAttempt(int64_t study_uid, int64_t trial_id,
                                                                         int64_t lease_epoch) {
  SqliteStatement statement(connection_,
                            "SELECT " PHOTINUS_ATTEMPT_COLUMNS
                            "WHERE study_uid = ? AND trial_id = ? AND lease_epoch = ? ORDER BY attempt LIMIT 1",
                            study_uid, trial_id, lease_epoch);
  return FirstRow(statement, &ReadAttempt<SqliteStatement>);
}

absl::StatusOr<std::optional<OperationRow>> SqliteTransaction::GetOperation(int64_t study_uid,
                                                                            std::string_view client_id,
                                                                            int64_t number) {
  SqliteStatement statement(connection_,
                            "SELECT " PHOTINUS_OPERATION_COLUMNS "WHERE study_uid = ? AND client_id = ? AND number = ?",
                            study_uid, client_id, number);
  return FirstRow(statement, &ReadOperation<SqliteStatement>);
}

absl::StatusOr<int64_t> SqliteTransaction::LastOperationNumber(int64_t study_uid, std::string_view client_id) {
  SqliteStatement statement(connection_,
                            "SELECT coalesce(max(number), 0) FROM operations WHERE study_uid = ? AND client_id = ?",
                            study_uid, client_id);
  ASSIGN_OR_RETURN(const std::optional<int64_t> number, FirstRow(statement, &ReadInt<SqliteStatement>));
  return number.value_or(0);
}

absl::StatusOr<std::vector<OperationRow>> SqliteTransaction::ListUnfinishedOperations() {
  SqliteStatement statement(connection_, "SELECT " PHOTINUS_OPERATION_COLUMNS
                                         "INDEXED BY operations_unfinished WHERE done = 0 AND EXISTS "
                                         "(SELECT 1 FROM studies WHERE uid = study_uid AND deleted = 0) "
                                         "ORDER BY study_uid, client_id, number");
  return AllRows(statement, &ReadOperation<SqliteStatement>);
}

absl::StatusOr<std::vector<OperationRow>> SqliteTransaction::ListUnfinishedOperations(int64_t study_uid,
                                                                                      std::string_view client_id) {
  SqliteStatement statement(connection_,
                            "SELECT " PHOTINUS_OPERATION_COLUMNS
                            "INDEXED BY operations_unfinished WHERE done = 0 AND study_uid = ? AND client_id = ? "
                            "ORDER BY number",
                            study_uid, client_id);
  return AllRows(statement, &ReadOperation<SqliteStatement>);
}

// The file is locked for one process.
absl::StatusOr<std::optional<absl::Time>> SqliteTransaction::SharedTime() { return std::optional<absl::Time>(); }

absl::StatusOr<std::optional<RequestRow>> SqliteTransaction::FindRequest(int64_t study_uid,
                                                                         std::string_view request_id) {
  SqliteStatement statement(connection_,
                            "SELECT id, call, result, received_us FROM requests WHERE study_uid = ? AND id = ?",
                            study_uid, request_id);
  return FirstRow(statement, &ReadRequest<SqliteStatement>);
}

absl::StatusOr<std::optional<WorkerRow>> SqliteTransaction::FindWorker(std::string_view name) {
  SqliteStatement statement(connection_, "SELECT " PHOTINUS_WORKER_COLUMNS "WHERE name = ?", name);
  return FirstRow(statement, &ReadWorker<SqliteStatement>);
}

absl::StatusOr<std::vector<WorkerRow>> SqliteTransaction::ListWorkers() {
  SqliteStatement statement(connection_, "SELECT " PHOTINUS_WORKER_COLUMNS "ORDER BY name");
  return AllRows(statement, &ReadWorker<SqliteStatement>);
}

absl::StatusOr<std::optional<std::string>> SqliteTransaction::GetAlgorithmState(int64_t study_uid,
                                                                                std::string_view kind) {
  SqliteStatement statement(connection_, "SELECT state FROM algorithm_states WHERE study_uid = ? AND kind = ?",
                            study_uid, kind);
  return FirstRow(statement, &ReadText<SqliteStatement>);
}

absl::StatusOr<std::vector<AlgorithmStateRow>> SqliteTransaction::ListAlgorithmStates(int64_t study_uid) {
  SqliteStatement statement(connection_, "SELECT kind, state FROM algorithm_states WHERE study_uid = ? ORDER BY kind",
                            study_uid);
  return AllRows(statement, &ReadAlgorithmState<SqliteStatement>);
}

absl::StatusOr<std::vector<ArtifactRow>> SqliteTransaction::ListArtifacts(int64_t study_uid, int64_t trial_id) {
  SqliteStatement statement(
      connection_,
      "SELECT trial_id, name, sha256, size FROM artifacts WHERE study_uid = ? AND trial_id = ? ORDER BY name",
      study_uid, trial_id);
  return AllRows(statement, &ReadArtifactRow<SqliteStatement>);
}

absl::StatusOr<std::string> SqliteTransaction::ReadArtifact(int64_t study_uid, int64_t trial_id, std::string_view name,
                                                            int64_t offset, int64_t length) {
  RETURN_IF_ERROR(CheckArtifactRange(offset, length));
  SqliteStatement artifact(connection_,
                           "SELECT artifact, size FROM artifacts WHERE study_uid = ? AND trial_id = ? AND name = ?",
                           study_uid, trial_id, name);
  ASSIGN_OR_RETURN(const bool found, artifact.Step());
  if (!found) return NoSuchArtifact(trial_id, name);
  const int64_t key = artifact.Int();
  const int64_t size = artifact.Int();
  if (offset >= size || length == 0) return std::string();
  const int64_t end = offset + std::min(length, size - offset);
  SqliteStatement chunks(connection_,
                         "SELECT chunk, bytes FROM artifact_chunks WHERE artifact = ? AND chunk BETWEEN ? AND ? "
                         "ORDER BY chunk",
                         key, offset / kStoredChunkBytes, (end - 1) / kStoredChunkBytes);
  return ReadChunks(chunks, offset, end);
}

absl::StatusOr<bool> SqliteTransaction::HasDeleted() {
  SqliteStatement statement(connection_, "SELECT 1 FROM studies WHERE deleted = 1 LIMIT 1");
  ASSIGN_OR_RETURN(const bool studies, statement.Step());
  if (studies) return true;
  SqliteStatement trials(connection_, "SELECT 1 FROM trials INDEXED BY trials_deleted WHERE state = 0 LIMIT 1");
  return trials.Step();
}

absl::StatusOr<std::optional<std::string>> SqliteTransaction::GetSetting(std::string_view key) {
  SqliteStatement statement(connection_, "SELECT value FROM settings WHERE key = ?", key);
  return FirstRow(statement, &ReadText<SqliteStatement>);
}

}  // namespace photinus
