// PostgresTransaction: the Snapshot half.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/storage/postgres_transaction.h"
#include "server/storage/stored_rows.h"

namespace photinus {
namespace {

// LIMIT's argument: NULL is no limit.
std::optional<int64_t> Limit(int64_t limit) { return limit < 0 ? std::nullopt : std::optional(limit); }

// The order of ListTrials. Where a partial index finds the few trials of the wanted states, the order is written so
// that the primary key, which has it already, does not tempt the planner into reading all trials.
const char* OrderOf(const TrialQuery& query) {
  if (query.since_version.has_value()) return "ORDER BY mod_version, id";
  const auto running = [](pb::Trial::State s) { return s == pb::Trial::ACTIVE || s == pb::Trial::STOPPING; };
  const bool all_run = std::all_of(query.states.begin(), query.states.end(), running);
  return !query.states.empty() && all_run ? "ORDER BY id + 0" : "ORDER BY id";
}

// With the parameters owner, or for all owners the one that is left out; after_uid; limit.
std::string SelectStudies(const char* columns, std::string_view owner) {
  return absl::StrCat("SELECT ", columns, "WHERE owner ", owner.empty() ? "<>" : "=",
                      " $1 AND uid > $2 AND NOT deleted ORDER BY uid LIMIT $3");
}

// With the parameters study uid, after_id, limit, client_id, since_version.
std::string SelectTrials(const char* columns, const TrialQuery& query) {
  return absl::StrCat("SELECT ", columns, "WHERE study_uid = $1 AND id > $2 ", StateCondition(query.states),
                      query.client_id.has_value() ? "AND client_id = $4 " : "",
                      query.since_version.has_value() ? "AND mod_version > $5 " : "",
                      query.tried_before ? "AND attempt > 1 " : "", OrderOf(query), " LIMIT $3");
}

}  // namespace

absl::StatusOr<bool> PostgresTransaction::LockStudy(int64_t uid) {
  if (mode_ == Mode::kRead) return true;
  if (studies_.count(uid) > 0) return true;
  if (const auto known = locked_.find(uid); known != locked_.end()) return known->second;
  PostgresStatement statement(connection_, "SELECT 1 FROM studies WHERE uid = $1 AND NOT deleted FOR UPDATE", uid);
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  locked_.emplace(uid, found);
  return found;
}

absl::StatusOr<std::optional<StudyRow>> PostgresTransaction::ReadLocked(PostgresStatement& statement) {
  ASSIGN_OR_RETURN(std::optional<StudyRow> study, FirstRow(statement, &ReadStudy<PostgresStatement>));
  if (study.has_value() && mode_ == Mode::kChange) studies_[study->uid] = *study;
  return study;
}

absl::Status PostgresTransaction::LockSettings() {
  if (mode_ == Mode::kRead) return absl::OkStatus();
  return PostgresStatement(connection_, "LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE").status();
}

absl::StatusOr<bool> PostgresTransaction::OwnerExists(std::string_view owner) {
  PostgresStatement statement(connection_, "SELECT 1 FROM owners WHERE owner = $1", owner);
  return statement.Step();
}

absl::StatusOr<std::optional<StudyRow>> PostgresTransaction::FindStudy(std::string_view owner,
                                                                       std::string_view display_name) {
  for (const auto& [uid, study] : studies_) {
    if (study.owner == owner && study.display_name == display_name) return study;
  }
  const std::string sql = absl::StrCat(
      "SELECT " PHOTINUS_STUDY_COLUMNS "WHERE owner = $1 AND display_name = $2 AND NOT deleted ", LockClause());
  PostgresStatement statement(connection_, sql, owner, display_name);
  ASSIGN_OR_RETURN(std::optional<StudyRow> study, ReadLocked(statement));
  if (!study.has_value()) not_found_.emplace(owner, display_name);
  return study;
}

absl::StatusOr<std::optional<StudyRow>> PostgresTransaction::GetStudy(int64_t uid) {
  if (const auto known = studies_.find(uid); known != studies_.end()) return known->second;
  const std::string sql =
      absl::StrCat("SELECT " PHOTINUS_STUDY_COLUMNS "WHERE uid = $1 AND NOT deleted ", LockClause());
  PostgresStatement statement(connection_, sql, uid);
  return ReadLocked(statement);
}

absl::StatusOr<std::vector<StudyRow>> PostgresTransaction::ListStudies(std::string_view owner, int64_t after_uid,
                                                                       int64_t limit) {
  const std::string_view which = owner.empty() ? kStagingOwner : owner;
  PostgresStatement statement(connection_, SelectStudies(PHOTINUS_STUDY_COLUMNS, owner), which, after_uid,
                              Limit(limit));
  return AllRows(statement, &ReadStudy<PostgresStatement>);
}

absl::StatusOr<std::vector<StudyBytes>> PostgresTransaction::ListStudyBytes(std::string_view owner, int64_t after_uid,
                                                                            int64_t limit) {
  const std::string_view which = owner.empty() ? kStagingOwner : owner;
  PostgresStatement statement(connection_, SelectStudies(PHOTINUS_STUDY_BYTES, owner), which, after_uid, Limit(limit));
  return AllRows(statement, &ReadStudyBytes<PostgresStatement>);
}

absl::StatusOr<std::optional<TrialRow>> PostgresTransaction::GetTrial(int64_t study_uid, int64_t id) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT " PHOTINUS_TRIAL_COLUMNS "WHERE study_uid = $1 AND id = $2 " PHOTINUS_IS_THERE,
                              study_uid, id);
  return FirstRow(statement, &ReadTrial<PostgresStatement>);
}

absl::StatusOr<std::vector<TrialRow>> PostgresTransaction::ListTrials(int64_t study_uid, const TrialQuery& query) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_, SelectTrials(PHOTINUS_TRIAL_COLUMNS, query), study_uid, query.after_id,
                              Limit(query.limit), query.client_id, query.since_version);
  return AllRows(statement, &ReadTrial<PostgresStatement>);
}

absl::StatusOr<std::vector<TrialBytes>> PostgresTransaction::ListTrialBytes(int64_t study_uid,
                                                                            const TrialQuery& query) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_, SelectTrials(PHOTINUS_TRIAL_BYTES, query), study_uid, query.after_id,
                              Limit(query.limit), query.client_id, query.since_version);
  return AllRows(statement, &ReadTrialBytes<PostgresStatement>);
}

absl::StatusOr<TrialCounts> PostgresTransaction::CountTrials(int64_t study_uid) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  TrialCounts counts;
  PostgresStatement statement(connection_,
                              "SELECT state, stop_requested, trials FROM trial_counts WHERE study_uid = $1", study_uid);
  while (true) {
    ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return counts;
    AddTrialCount(statement, counts);
  }
}

absl::StatusOr<std::vector<int64_t>> PostgresTransaction::ListDeletedTrials(int64_t study_uid, int64_t since_version) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT id FROM deleted_trials WHERE study_uid = $1 AND version > $2 "
                              "ORDER BY version, id",
                              study_uid, since_version);
  return AllRows(statement, &ReadInt<PostgresStatement>);
}

absl::StatusOr<std::vector<LeaseRow>> PostgresTransaction::ListLeases(const std::optional<std::string>& client_id) {
  const std::string sql = absl::StrCat(
      "SELECT " PHOTINUS_LEASE_COLUMNS "FROM trials t JOIN studies s ON s.uid = t.study_uid WHERE " PHOTINUS_IS_LEASED,
      client_id.has_value() ? "AND t.client_id = $1 " : "AND $1 IS NULL ", "ORDER BY s.uid, t.id");
  PostgresStatement statement(connection_, sql, client_id);
  return AllRows(statement, &ReadLease<PostgresStatement>);
}

absl::StatusOr<std::vector<MeasurementRow>> PostgresTransaction::ListMeasurements(int64_t study_uid, int64_t first,
                                                                                  int64_t last) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT trial_id, m.attempt, seq, m.body FROM trials t JOIN measurements m "
                              "ON m.study_uid = t.study_uid AND m.trial_id = t.id AND m.attempt = t.attempt "
                              "WHERE t.study_uid = $1 AND t.id BETWEEN $2 AND $3 " PHOTINUS_IS_THERE
                              "ORDER BY t.id, seq",
                              study_uid, first, last);
  return AllRows(statement, &ReadMeasurement<PostgresStatement>);
}

absl::StatusOr<std::vector<MeasurementRow>> PostgresTransaction::ListAttemptMeasurements(int64_t study_uid,
                                                                                         int64_t trial_id,
                                                                                         int32_t attempt) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT trial_id, attempt, seq, body FROM measurements "
                              "WHERE study_uid = $1 AND trial_id = $2 AND attempt = $3 ORDER BY seq",
                              study_uid, trial_id, attempt);
  return AllRows(statement, &ReadMeasurement<PostgresStatement>);
}

absl::StatusOr<std::vector<MeasurementRow>> PostgresTransaction::LatestMeasurements(int64_t study_uid, int64_t trial_id,
                                                                                    int32_t attempt, int64_t limit) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT trial_id, attempt, seq, body FROM measurements "
                              "WHERE study_uid = $1 AND trial_id = $2 AND attempt = $3 ORDER BY seq DESC LIMIT $4",
                              study_uid, trial_id, attempt, Limit(limit));
  return AllRows(statement, &ReadMeasurement<PostgresStatement>);
}

absl::StatusOr<bool> PostgresTransaction::HasMeasurement(int64_t study_uid, int64_t trial_id, int32_t attempt,
                                                         const pb::Measurement& measurement) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT 1 FROM measurements WHERE study_uid = $1 AND trial_id = $2 AND attempt = $3 AND "
                              "digest = $4 AND body = $5 LIMIT 1",
                              study_uid, trial_id, attempt, DigestOf(measurement), measurement);
  return statement.Step();
}

absl::StatusOr<std::vector<MetadataRow>> PostgresTransaction::ListMetadata(int64_t study_uid, int64_t first,
                                                                           int64_t last) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(
      connection_,
      "SELECT trial_id, entry FROM metadata WHERE study_uid = $1 AND trial_id BETWEEN $2 AND $3 "
      "ORDER BY trial_id, rank",
      study_uid, first, last);
  return AllRows(statement, &ReadMetadata<PostgresStatement>);
}

absl::StatusOr<std::vector<ExplanationRow>> PostgresTransaction::ListExplanations(int64_t study_uid, int64_t first,
                                                                                  int64_t last) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(
      connection_,
      "SELECT trial_id, body FROM explanations WHERE study_uid = $1 AND trial_id BETWEEN $2 AND $3 ORDER BY trial_id",
      study_uid, first, last);
  return AllRows(statement, &ReadExplanation<PostgresStatement>);
}

absl::StatusOr<MetadataSize> PostgresTransaction::GetMetadataSize(int64_t study_uid, int64_t trial_id) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT entries, bytes FROM metadata_sizes WHERE study_uid = $1 AND trial_id = $2",
                              study_uid, trial_id);
  ASSIGN_OR_RETURN(const auto size, FirstRow(statement, &ReadMetadataSize<PostgresStatement>));
  return size.value_or(MetadataSize());
}

absl::StatusOr<std::vector<AttemptRow>> PostgresTransaction::ListAttempts(int64_t study_uid, int64_t trial_id,
                                                                          int32_t after, int64_t limit) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT " PHOTINUS_ATTEMPT_COLUMNS
                              "WHERE study_uid = $1 AND trial_id = $2 AND attempt > $3 ORDER BY attempt LIMIT $4",
                              study_uid, trial_id, after, Limit(limit));
  return AllRows(statement, &ReadAttempt<PostgresStatement>);
}

absl::StatusOr<std::optional<AttemptRow>> PostgresTransaction::FindAttempt(int64_t study_uid, int64_t trial_id,
                                                                           int64_t lease_epoch) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT " PHOTINUS_ATTEMPT_COLUMNS
                              "WHERE study_uid = $1 AND trial_id = $2 AND lease_epoch = $3 ORDER BY attempt LIMIT 1",
                              study_uid, trial_id, lease_epoch);
  return FirstRow(statement, &ReadAttempt<PostgresStatement>);
}

absl::StatusOr<std::optional<OperationRow>> PostgresTransaction::GetOperation(int64_t study_uid,
                                                                              std::string_view client_id,
                                                                              int64_t number) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(
      connection_, "SELECT " PHOTINUS_OPERATION_COLUMNS "WHERE study_uid = $1 AND client_id = $2 AND number = $3",
      study_uid, client_id, number);
  return FirstRow(statement, &ReadOperation<PostgresStatement>);
}

absl::StatusOr<int64_t> PostgresTransaction::LastOperationNumber(int64_t study_uid, std::string_view client_id) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT coalesce(max(number), 0) FROM operations WHERE study_uid = $1 AND client_id = $2",
                              study_uid, client_id);
  ASSIGN_OR_RETURN(const std::optional<int64_t> number, FirstRow(statement, &ReadInt<PostgresStatement>));
  return number.value_or(0);
}

absl::StatusOr<std::vector<OperationRow>> PostgresTransaction::ListUnfinishedOperations() {
  PostgresStatement statement(connection_,
                              "SELECT " PHOTINUS_OPERATION_COLUMNS
                              "WHERE NOT done AND EXISTS (SELECT 1 FROM studies WHERE uid = study_uid AND NOT deleted) "
                              "ORDER BY study_uid, client_id, number");
  return AllRows(statement, &ReadOperation<PostgresStatement>);
}

absl::StatusOr<std::vector<OperationRow>> PostgresTransaction::ListUnfinishedOperations(int64_t study_uid,
                                                                                        std::string_view client_id) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT " PHOTINUS_OPERATION_COLUMNS
                              "WHERE NOT done AND study_uid = $1 AND client_id = $2 ORDER BY number",
                              study_uid, client_id);
  return AllRows(statement, &ReadOperation<PostgresStatement>);
}

absl::StatusOr<std::optional<absl::Time>> PostgresTransaction::SharedTime() {
  PostgresStatement statement(connection_, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  return found ? std::optional(statement.Time()) : std::nullopt;
}

absl::StatusOr<std::optional<RequestRow>> PostgresTransaction::FindRequest(int64_t study_uid,
                                                                           std::string_view request_id) {
  if (study_uid != 0) RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT id, call, result, received_us FROM requests WHERE study_uid = $1 AND id = $2",
                              study_uid, request_id);
  return FirstRow(statement, &ReadRequest<PostgresStatement>);
}

absl::StatusOr<std::optional<WorkerRow>> PostgresTransaction::FindWorker(std::string_view name) {
  PostgresStatement statement(connection_, "SELECT " PHOTINUS_WORKER_COLUMNS "WHERE name = $1", name);
  ASSIGN_OR_RETURN(std::optional<WorkerRow> worker, FirstRow(statement, &ReadWorker<PostgresStatement>));
  incarnations_[std::string(name)] = worker.has_value() ? worker->incarnation : "";
  return worker;
}

absl::StatusOr<std::vector<WorkerRow>> PostgresTransaction::ListWorkers() {
  PostgresStatement statement(connection_, "SELECT " PHOTINUS_WORKER_COLUMNS "ORDER BY name");
  return AllRows(statement, &ReadWorker<PostgresStatement>);
}

absl::StatusOr<std::optional<std::string>> PostgresTransaction::GetAlgorithmState(int64_t study_uid,
                                                                                  std::string_view kind) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_, "SELECT state FROM algorithm_states WHERE study_uid = $1 AND kind = $2",
                              study_uid, kind);
  return FirstRow(statement, &ReadText<PostgresStatement>);
}

absl::StatusOr<std::vector<AlgorithmStateRow>> PostgresTransaction::ListAlgorithmStates(int64_t study_uid) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(connection_,
                              "SELECT kind, state FROM algorithm_states WHERE study_uid = $1 ORDER BY kind", study_uid);
  return AllRows(statement, &ReadAlgorithmState<PostgresStatement>);
}

absl::StatusOr<std::vector<ArtifactRow>> PostgresTransaction::ListArtifacts(int64_t study_uid, int64_t trial_id) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement statement(
      connection_,
      "SELECT trial_id, name, sha256, size FROM artifacts WHERE study_uid = $1 AND trial_id = $2 ORDER BY name",
      study_uid, trial_id);
  return AllRows(statement, &ReadArtifactRow<PostgresStatement>);
}

absl::StatusOr<std::string> PostgresTransaction::ReadArtifact(int64_t study_uid, int64_t trial_id,
                                                              std::string_view name, int64_t offset, int64_t length) {
  RETURN_IF_ERROR(CheckArtifactRange(offset, length));
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  PostgresStatement artifact(
      connection_, "SELECT artifact, size FROM artifacts WHERE study_uid = $1 AND trial_id = $2 AND name = $3",
      study_uid, trial_id, name);
  ASSIGN_OR_RETURN(const bool found, artifact.Step());
  if (!found) return NoSuchArtifact(trial_id, name);
  const int64_t key = artifact.Int();
  const int64_t size = artifact.Int();
  if (offset >= size || length == 0) return std::string();
  const int64_t end = offset + std::min(length, size - offset);
  PostgresStatement chunks(connection_,
                           "SELECT chunk, bytes FROM artifact_chunks WHERE artifact = $1 AND chunk BETWEEN $2 AND $3 "
                           "ORDER BY chunk",
                           key, offset / kStoredChunkBytes, (end - 1) / kStoredChunkBytes);
  return ReadChunks(chunks, offset, end);
}

absl::StatusOr<bool> PostgresTransaction::HasDeleted() {
  PostgresStatement statement(connection_, "SELECT 1 FROM studies WHERE deleted LIMIT 1");
  ASSIGN_OR_RETURN(const bool studies, statement.Step());
  if (studies) return true;
  PostgresStatement trials(connection_, "SELECT 1 FROM trials WHERE state = 0 ORDER BY study_uid, id LIMIT 1");
  return trials.Step();
}

absl::StatusOr<std::optional<std::string>> PostgresTransaction::GetSetting(std::string_view key) {
  RETURN_IF_ERROR(LockSettings());
  PostgresStatement statement(connection_, "SELECT value FROM settings WHERE key = $1", key);
  return FirstRow(statement, &ReadText<PostgresStatement>);
}

}  // namespace photinus
