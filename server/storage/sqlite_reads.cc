// SqliteTransaction: the Snapshot half.
#include <algorithm>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "server/storage/sqlite_transaction.h"

namespace photinus {
namespace {

#define PHOTINUS_STUDY_COLUMNS                                                                                    \
  "uid, owner, display_name, state, draining, paused, version, next_trial_id, inactive_reason, created_us, spec " \
  "FROM studies "
#define PHOTINUS_TRIAL_COLUMNS                                                                                         \
  "study_uid, id, state, client_id, attempt, lease_epoch, incarnation, mod_version, completion_hash, stop_requested, " \
  "stop_reason, lost_count, lost, body FROM trials "
#define PHOTINUS_OPERATION_COLUMNS                                                                                 \
  "study_uid, client_id, number, count, done, created_us, finished_us, trial_ids, error_code, error_message FROM " \
  "operations "

StudyRow ReadStudy(SqliteStatement& row) {
  StudyRow study;
  study.uid = row.Int();
  study.owner = row.Text();
  study.display_name = row.Text();
  study.state = static_cast<pb::Study::State>(row.Int());
  study.draining = row.Bool();
  study.paused = row.Bool();
  study.version = row.Int();
  study.next_trial_id = row.Int();
  study.inactive_reason = row.Text();
  study.created = row.Time();
  row.Message(study.spec);
  return study;
}

TrialRow ReadTrial(SqliteStatement& row) {
  TrialRow trial;
  trial.study_uid = row.Int();
  trial.id = row.Int();
  trial.state = static_cast<pb::Trial::State>(row.Int());
  trial.client_id = row.Text();
  trial.attempt = static_cast<int32_t>(row.Int());
  trial.lease_epoch = row.Int();
  trial.incarnation = row.Text();
  trial.mod_version = row.Int();
  trial.completion_hash = row.Text();
  trial.stop_requested = row.Bool();
  trial.stop_reason = row.Text();
  trial.lost_count = static_cast<int32_t>(row.Int());
  trial.lost = row.Bool();
  row.Message(trial.body);
  return trial;
}

MeasurementRow ReadMeasurement(SqliteStatement& row) {
  MeasurementRow measurement;
  measurement.trial_id = row.Int();
  measurement.attempt = static_cast<int32_t>(row.Int());
  measurement.seq = row.Int();
  row.Message(measurement.body);
  return measurement;
}

MetadataRow ReadMetadata(SqliteStatement& row) {
  MetadataRow metadata;
  metadata.trial_id = row.Int();
  row.Message(metadata.entry);
  return metadata;
}

AttemptRow ReadAttempt(SqliteStatement& row) {
  AttemptRow attempt;
  attempt.trial_id = row.Int();
  attempt.attempt = static_cast<int32_t>(row.Int());
  attempt.client_id = row.Text();
  attempt.lease_epoch = row.Int();
  attempt.outcome = row.Text();
  attempt.ended = row.Time();
  if (!row.IsNull()) row.Message(attempt.late_result.emplace());
  return attempt;
}

OperationRow ReadOperation(SqliteStatement& row) {
  OperationRow operation;
  operation.study_uid = row.Int();
  operation.client_id = row.Text();
  operation.number = row.Int();
  operation.count = static_cast<int32_t>(row.Int());
  operation.done = row.Bool();
  operation.created = row.Time();
  operation.finished = row.Time();
  const std::string ids = row.Text();
  for (const absl::string_view id : absl::StrSplit(ids, ',', absl::SkipEmpty())) {
    if (int64_t value = 0; absl::SimpleAtoi(id, &value)) operation.trial_ids.push_back(value);
  }
  operation.error_code = static_cast<int32_t>(row.Int());
  operation.error_message = row.Text();
  return operation;
}

ArtifactRow ReadArtifactRow(SqliteStatement& row) {
  ArtifactRow artifact;
  artifact.trial_id = row.Int();
  artifact.name = row.Text();
  artifact.sha256 = row.Text();
  artifact.size = row.Int();
  return artifact;
}

int64_t ReadInt(SqliteStatement& row) { return row.Int(); }
std::string ReadText(SqliteStatement& row) { return row.Text(); }

// "AND (state = 2 OR state = 3) " for a set of states, ascending. Numbers stand in the text, not in parameters, because
// SQLite uses a partial index only where it can see that the condition implies the index's own.
std::string StateCondition(std::vector<pb::Trial::State> states) {
  if (states.empty()) return "";
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  std::string condition = "AND (";
  for (size_t i = 0; i < states.size(); ++i) {
    absl::StrAppend(&condition, i == 0 ? "" : " OR ", "state = ", static_cast<int>(states[i]));
  }
  return absl::StrCat(condition, ") ");
}

// The index that finds the trials of a query without a scan; empty: the primary key.
std::string_view IndexFor(const TrialQuery& query) {
  if (query.since_version.has_value()) return "INDEXED BY trials_by_version ";
  if (query.states.empty()) return "";
  const auto is = [&](auto... wanted) {
    return std::all_of(query.states.begin(), query.states.end(), [&](auto s) { return ((s == wanted) || ...); });
  };
  if (is(pb::Trial::REQUESTED)) return "INDEXED BY trials_requested ";
  if (is(pb::Trial::ACTIVE, pb::Trial::STOPPING)) return "INDEXED BY trials_running ";
  return "";
}

}  // namespace

absl::StatusOr<bool> SqliteTransaction::OwnerExists(std::string_view owner) {
  SqliteStatement statement(connection_, "SELECT 1 FROM owners WHERE owner = ?", owner);
  return statement.Step();
}

absl::StatusOr<std::optional<StudyRow>> SqliteTransaction::FindStudy(std::string_view owner,
                                                                     std::string_view display_name) {
  SqliteStatement statement(connection_, "SELECT " PHOTINUS_STUDY_COLUMNS "WHERE owner = ? AND display_name = ?", owner,
                            display_name);
  return statement.First(&ReadStudy);
}

absl::StatusOr<std::optional<StudyRow>> SqliteTransaction::GetStudy(int64_t uid) {
  SqliteStatement statement(connection_, "SELECT " PHOTINUS_STUDY_COLUMNS "WHERE uid = ?", uid);
  return statement.First(&ReadStudy);
}

absl::StatusOr<std::vector<StudyRow>> SqliteTransaction::ListStudies(std::string_view owner, int64_t after_uid,
                                                                     int64_t limit) {
  if (owner.empty()) {
    SqliteStatement statement(connection_, "SELECT " PHOTINUS_STUDY_COLUMNS "WHERE uid > ? ORDER BY uid LIMIT ?",
                              after_uid, limit);
    return statement.All(&ReadStudy);
  }
  SqliteStatement statement(connection_,
                            "SELECT " PHOTINUS_STUDY_COLUMNS "WHERE owner = ? AND uid > ? ORDER BY uid LIMIT ?", owner,
                            after_uid, limit);
  return statement.All(&ReadStudy);
}

absl::StatusOr<std::optional<TrialRow>> SqliteTransaction::GetTrial(int64_t study_uid, int64_t id) {
  SqliteStatement statement(connection_, "SELECT " PHOTINUS_TRIAL_COLUMNS "WHERE study_uid = ? AND id = ?", study_uid,
                            id);
  return statement.First(&ReadTrial);
}

absl::StatusOr<std::vector<TrialRow>> SqliteTransaction::ListTrials(int64_t study_uid, const TrialQuery& query) {
  const std::string_view index = IndexFor(query);
  const std::string sql = absl::StrCat(
      "SELECT " PHOTINUS_TRIAL_COLUMNS, absl::string_view(index.data(), index.size()),
      "WHERE study_uid = ?1 AND id > ?2 ", StateCondition(query.states),
      query.client_id.has_value() ? "AND client_id = ?4 " : "",
      query.min_attempt.has_value() ? "AND attempt >= ?6 " : "",
      query.since_version.has_value() ? "AND mod_version > ?5 ORDER BY mod_version, id" : "ORDER BY id", " LIMIT ?3");
  SqliteStatement statement(connection_, sql, study_uid, query.after_id, query.limit, query.client_id,
                            query.since_version, query.min_attempt);
  return statement.All(&ReadTrial);
}

absl::StatusOr<TrialCounts> SqliteTransaction::CountTrials(int64_t study_uid) {
  TrialCounts counts;
  SqliteStatement statement(connection_, "SELECT state, stop_requested, trials FROM trial_counts WHERE study_uid = ?",
                            study_uid);
  while (true) {
    ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return counts;
    const auto state = static_cast<pb::Trial::State>(statement.Int());
    const bool stop_requested = statement.Bool();
    const int64_t trials = statement.Int();
    const bool finished = state == pb::Trial::SUCCEEDED || state == pb::Trial::INFEASIBLE;
    if (finished && stop_requested) counts.stopped_early += trials;
    if (state == pb::Trial::REQUESTED) counts.requested += trials;
    if (state == pb::Trial::ACTIVE) counts.active += trials;
    if (state == pb::Trial::STOPPING) counts.stopping += trials;
    if (state == pb::Trial::SUCCEEDED) counts.succeeded += trials;
    if (state == pb::Trial::INFEASIBLE) counts.infeasible += trials;
  }
}

absl::StatusOr<std::vector<MeasurementRow>> SqliteTransaction::ListMeasurements(int64_t study_uid, int64_t first,
                                                                                int64_t last) {
  SqliteStatement statement(connection_,
                            "SELECT trial_id, m.attempt, seq, m.body FROM trials t CROSS JOIN measurements m "
                            "ON m.study_uid = t.study_uid AND m.trial_id = t.id AND m.attempt = t.attempt "
                            "WHERE t.study_uid = ? AND t.id BETWEEN ? AND ? ORDER BY t.id, seq",
                            study_uid, first, last);
  return statement.All(&ReadMeasurement);
}

absl::StatusOr<std::vector<MeasurementRow>> SqliteTransaction::ListAttemptMeasurements(int64_t study_uid,
                                                                                       int64_t trial_id,
                                                                                       int32_t attempt) {
  SqliteStatement statement(connection_,
                            "SELECT trial_id, attempt, seq, body FROM measurements "
                            "WHERE study_uid = ? AND trial_id = ? AND attempt = ? ORDER BY seq",
                            study_uid, trial_id, attempt);
  return statement.All(&ReadMeasurement);
}

absl::StatusOr<std::vector<MeasurementRow>> SqliteTransaction::LatestMeasurements(int64_t study_uid, int64_t trial_id,
                                                                                  int32_t attempt, int64_t limit) {
  SqliteStatement statement(connection_,
                            "SELECT trial_id, attempt, seq, body FROM measurements "
                            "WHERE study_uid = ? AND trial_id = ? AND attempt = ? ORDER BY seq DESC LIMIT ?",
                            study_uid, trial_id, attempt, limit);
  return statement.All(&ReadMeasurement);
}

absl::StatusOr<std::vector<MetadataRow>> SqliteTransaction::ListMetadata(int64_t study_uid, int64_t first,
                                                                         int64_t last) {
  SqliteStatement statement(connection_,
                            "SELECT trial_id, entry FROM metadata WHERE study_uid = ? AND trial_id BETWEEN ? AND ? "
                            "ORDER BY trial_id, rank",
                            study_uid, first, last);
  return statement.All(&ReadMetadata);
}

absl::StatusOr<std::vector<AttemptRow>> SqliteTransaction::ListAttempts(int64_t study_uid, int64_t trial_id) {
  SqliteStatement statement(connection_,
                            "SELECT trial_id, attempt, client_id, lease_epoch, outcome, ended_us, late_result "
                            "FROM attempts WHERE study_uid = ? AND trial_id = ? ORDER BY attempt",
                            study_uid, trial_id);
  return statement.All(&ReadAttempt);
}

absl::StatusOr<std::optional<OperationRow>> SqliteTransaction::GetOperation(int64_t study_uid,
                                                                            std::string_view client_id,
                                                                            int64_t number) {
  SqliteStatement statement(connection_,
                            "SELECT " PHOTINUS_OPERATION_COLUMNS "WHERE study_uid = ? AND client_id = ? AND number = ?",
                            study_uid, client_id, number);
  return statement.First(&ReadOperation);
}

absl::StatusOr<int64_t> SqliteTransaction::LastOperationNumber(int64_t study_uid, std::string_view client_id) {
  SqliteStatement statement(connection_,
                            "SELECT coalesce(max(number), 0) FROM operations WHERE study_uid = ? AND client_id = ?",
                            study_uid, client_id);
  ASSIGN_OR_RETURN(const std::optional<int64_t> number, statement.First(&ReadInt));
  return number.value_or(0);
}

absl::StatusOr<std::vector<OperationRow>> SqliteTransaction::ListUnfinishedOperations() {
  SqliteStatement statement(connection_, "SELECT " PHOTINUS_OPERATION_COLUMNS
                                         "INDEXED BY operations_unfinished WHERE done = 0 "
                                         "ORDER BY study_uid, client_id, number");
  return statement.All(&ReadOperation);
}

absl::StatusOr<std::optional<std::string>> SqliteTransaction::GetAlgorithmState(int64_t study_uid,
                                                                                std::string_view kind) {
  SqliteStatement statement(connection_, "SELECT state FROM algorithm_states WHERE study_uid = ? AND kind = ?",
                            study_uid, kind);
  return statement.First(&ReadText);
}

absl::StatusOr<std::vector<ArtifactRow>> SqliteTransaction::ListArtifacts(int64_t study_uid, int64_t trial_id) {
  SqliteStatement statement(
      connection_,
      "SELECT trial_id, name, sha256, size FROM artifacts WHERE study_uid = ? AND trial_id = ? ORDER BY name",
      study_uid, trial_id);
  return statement.All(&ReadArtifactRow);
}

absl::StatusOr<std::string> SqliteTransaction::ReadArtifact(int64_t study_uid, int64_t trial_id, std::string_view name,
                                                            int64_t offset, int64_t length) {
  if (offset < 0 || length < 0) return absl::InvalidArgumentError("an artifact is read from offset >= 0, length >= 0");
  SqliteStatement artifact(connection_,
                           "SELECT artifact, size FROM artifacts WHERE study_uid = ? AND trial_id = ? AND name = ?",
                           study_uid, trial_id, name);
  ASSIGN_OR_RETURN(const bool found, artifact.Step());
  if (!found) {
    return absl::NotFoundError(
        absl::StrCat("trial ", trial_id, " has no artifact '", absl::string_view(name.data(), name.size()), "'"));
  }
  const int64_t key = artifact.Int();
  const int64_t size = artifact.Int();
  if (offset >= size || length == 0) return std::string();
  const int64_t end = offset + std::min(length, size - offset);
  SqliteStatement chunks(connection_,
                         "SELECT chunk, bytes FROM artifact_chunks WHERE artifact = ? AND chunk BETWEEN ? AND ? "
                         "ORDER BY chunk",
                         key, offset / kStoredChunkBytes, (end - 1) / kStoredChunkBytes);
  std::string bytes;
  bytes.reserve(static_cast<size_t>(end - offset));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, chunks.Step());
    if (!more) break;
    const int64_t start = chunks.Int() * kStoredChunkBytes;
    const std::string_view chunk = chunks.Bytes();
    const int64_t from = std::max(offset - start, int64_t{0});
    const int64_t to = std::min(end - start, static_cast<int64_t>(chunk.size()));
    if (from < to) bytes.append(chunk.substr(static_cast<size_t>(from), static_cast<size_t>(to - from)));
  }
  if (static_cast<int64_t>(bytes.size()) == end - offset) return bytes;
  return absl::InternalError("a stored artifact is incomplete: the database is damaged; restore a backup");
}

absl::StatusOr<std::optional<std::string>> SqliteTransaction::GetSetting(std::string_view key) {
  SqliteStatement statement(connection_, "SELECT value FROM settings WHERE key = ?", key);
  return statement.First(&ReadText);
}

}  // namespace photinus
