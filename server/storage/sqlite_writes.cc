// SqliteTransaction: the changes.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "server/storage/sqlite_transaction.h"
#include "server/storage/stored_rows.h"

namespace photinus {
absl::Status SqliteTransaction::EnsureOwner(std::string_view owner) {
  SqliteStatement statement(connection_, "INSERT INTO owners VALUES (?) ON CONFLICT DO NOTHING", owner);
  return statement.Run();
}

absl::StatusOr<int64_t> SqliteTransaction::InsertStudy(const StudyRow& study) {
  SqliteStatement statement(
      connection_,
      "INSERT INTO studies (owner, display_name, state, draining, paused, version, next_trial_id, drained_from, "
      "problem_version, inactive_reason, created_us, spec) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      study.owner, study.display_name, static_cast<int64_t>(study.state), study.draining, study.paused, study.version,
      study.next_trial_id, study.drained_from, study.problem_version, study.inactive_reason, study.created, study.spec);
  const absl::Status status = statement.Run();
  if (absl::IsAlreadyExists(status)) return HasStudyAlready(study.owner, study.display_name);
  RETURN_IF_ERROR(status);
  return sqlite3_last_insert_rowid(connection_.handle());
}

absl::Status SqliteTransaction::UpdateStudy(const StudyRow& study) {
  // Without owner and name: they never change, and naming them here would touch their indexes.
  SqliteStatement statement(
      connection_,
      "UPDATE studies SET state = ?, draining = ?, paused = ?, version = ?, next_trial_id = ?, drained_from = ?, "
      "problem_version = ?, inactive_reason = ?, created_us = ?, spec = ? WHERE uid = ? AND deleted = 0",
      static_cast<int64_t>(study.state), study.draining, study.paused, study.version, study.next_trial_id,
      study.drained_from, study.problem_version, study.inactive_reason, study.created, study.spec, study.uid);
  RETURN_IF_ERROR(statement.Run());
  if (connection_.changes() > 0) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("owners/", study.owner, "/studies/", study.display_name, " does not exist (any more)"));
}

absl::Status SqliteTransaction::PublishStudy(int64_t uid, std::string_view owner, std::string_view display_name) {
  SqliteStatement statement(
      connection_, "UPDATE studies SET owner = ?, display_name = ? WHERE uid = ? AND owner = ? AND deleted = 0", owner,
      display_name, uid, kStagingOwner);
  const absl::Status status = statement.Run();
  if (absl::IsAlreadyExists(status)) return HasStudyAlready(owner, display_name);
  RETURN_IF_ERROR(status);
  if (connection_.changes() > 0) return absl::OkStatus();
  return absl::NotFoundError("the study is not there any more, or not being imported");
}

absl::Status SqliteTransaction::DeleteStudy(int64_t uid) {
  frees_space_ = true;
  SqliteStatement statement(
      connection_,
      "UPDATE studies SET deleted = 1, display_name = '/' || uid, spec = x'' WHERE uid = ? AND deleted = 0", uid);
  return statement.Run();
}

absl::Status SqliteTransaction::PutTrial(const TrialRow& trial) {
  SqliteStatement statement(
      connection_,
      "INSERT INTO trials (study_uid, id, state, client_id, attempt, lease_epoch, incarnation, mod_version, "
      "completion_hash, stop_requested, stop_reason, lost_count, lost, measurement_bytes, metadata_bytes, body, "
      "stop_decision, role) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (study_uid, id) "
      "DO UPDATE "
      "SET "
      "state = excluded.state, client_id = excluded.client_id, attempt = excluded.attempt, "
      "lease_epoch = excluded.lease_epoch, incarnation = excluded.incarnation, mod_version = excluded.mod_version, "
      "completion_hash = excluded.completion_hash, stop_requested = excluded.stop_requested, "
      "stop_reason = excluded.stop_reason, lost_count = excluded.lost_count, lost = excluded.lost, "
      "measurement_bytes = excluded.measurement_bytes, metadata_bytes = excluded.metadata_bytes, body = excluded.body, "
      "stop_decision = excluded.stop_decision, role = excluded.role",
      trial.study_uid, trial.id, static_cast<int64_t>(trial.state), trial.client_id, trial.attempt, trial.lease_epoch,
      trial.incarnation, trial.mod_version, trial.completion_hash, trial.stop_requested, trial.stop_reason,
      trial.lost_count, trial.lost, trial.measurement_bytes, trial.metadata_bytes, trial.body, trial.stop, trial.role);
  return statement.Run();
}

absl::Status SqliteTransaction::DeleteTrial(int64_t study_uid, int64_t id, int64_t version) {
  frees_space_ = true;
  SqliteStatement metadata(connection_, "DELETE FROM metadata WHERE study_uid = ? AND trial_id = ?", study_uid, id);
  RETURN_IF_ERROR(metadata.Run());
  SqliteStatement size(connection_, "DELETE FROM metadata_sizes WHERE study_uid = ? AND trial_id = ?", study_uid, id);
  RETURN_IF_ERROR(size.Run());
  SqliteStatement trial(connection_, "UPDATE trials SET state = 0 WHERE study_uid = ? AND id = ? " PHOTINUS_IS_THERE,
                        study_uid, id);
  RETURN_IF_ERROR(trial.Run());
  if (connection_.changes() == 0) return absl::OkStatus();
  SqliteStatement note(connection_, "INSERT INTO deleted_trials VALUES (?, ?, ?)", study_uid, version, id);
  return note.Run();
}

absl::StatusOr<int64_t> SqliteTransaction::AddMeasurement(int64_t study_uid, int64_t trial_id, int32_t attempt,
                                                          const pb::Measurement& measurement) {
  SqliteStatement statement(
      connection_,
      "INSERT INTO measurements (study_uid, trial_id, attempt, seq, body, digest) VALUES (?1, ?2, ?3, 1 + (SELECT "
      "coalesce(max(seq), 0) FROM measurements WHERE study_uid = ?1 AND trial_id = ?2 AND attempt = ?3), ?4, ?5) "
      "RETURNING seq",
      study_uid, trial_id, attempt, measurement, DigestOf(measurement));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  const int64_t seq = row ? statement.Int() : 0;
  RETURN_IF_ERROR(statement.Run());
  return seq;
}

absl::Status SqliteTransaction::PutMetadata(int64_t study_uid, int64_t trial_id, const pb::KeyValue& entry) {
  SqliteStatement statement(connection_,
                            "INSERT INTO metadata (study_uid, trial_id, ns, key, entry) VALUES (?, ?, ?, ?, ?) "
                            "ON CONFLICT (study_uid, trial_id, ns, key) DO UPDATE SET entry = excluded.entry",
                            study_uid, trial_id, entry.ns(), entry.key(), entry);
  return statement.Run();
}

absl::Status SqliteTransaction::PutExplanation(int64_t study_uid, const ExplanationRow& explanation) {
  SqliteStatement statement(connection_,
                            "INSERT INTO explanations (study_uid, trial_id, body) VALUES (?, ?, ?) "
                            "ON CONFLICT (study_uid, trial_id) DO UPDATE SET body = excluded.body",
                            study_uid, explanation.trial_id, explanation.body);
  return statement.Run();
}

absl::Status SqliteTransaction::PutAttempt(int64_t study_uid, const AttemptRow& attempt) {
  SqliteStatement statement(
      connection_,
      "INSERT INTO attempts (study_uid, trial_id, attempt, client_id, lease_epoch, outcome, ended_us, late_result, "
      "late_infeasible, late_reason, cause, measurement_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (study_uid, trial_id, attempt) DO UPDATE SET "
      "client_id = excluded.client_id, lease_epoch = excluded.lease_epoch, outcome = excluded.outcome, "
      "ended_us = excluded.ended_us, late_result = excluded.late_result, late_infeasible = excluded.late_infeasible, "
      "late_reason = excluded.late_reason, cause = excluded.cause, measurement_bytes = excluded.measurement_bytes",
      study_uid, attempt.trial_id, attempt.attempt, attempt.client_id, attempt.lease_epoch, attempt.outcome,
      attempt.ended, attempt.late_result, attempt.late_infeasible, attempt.late_infeasible_reason, attempt.cause,
      attempt.measurement_bytes);
  return statement.Run();
}

absl::Status SqliteTransaction::PutOperation(const OperationRow& operation) {
  SqliteStatement statement(
      connection_,
      "INSERT INTO operations (study_uid, client_id, number, count, done, created_us, finished_us, trial_ids, "
      "error_code, error_message, holder, lease_until_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (study_uid, client_id, number) DO UPDATE SET count = excluded.count, done = excluded.done, "
      "created_us = excluded.created_us, finished_us = excluded.finished_us, trial_ids = excluded.trial_ids, "
      "error_code = excluded.error_code, error_message = excluded.error_message, holder = excluded.holder, "
      "lease_until_us = excluded.lease_until_us",
      operation.study_uid, operation.client_id, operation.number, operation.count, operation.done, operation.created,
      operation.finished, absl::StrJoin(operation.trial_ids, ","), operation.error_code, operation.error_message,
      operation.holder, operation.lease_until);
  return statement.Run();
}

absl::Status SqliteTransaction::DeleteOldOperations(int64_t study_uid, std::string_view client_id, int64_t keep_from,
                                                    absl::Time created_before, int64_t limit) {
  SqliteStatement statement(
      connection_,
      "DELETE FROM operations WHERE study_uid = ?1 AND client_id = ?2 AND number < ?3 AND done AND created_us < ?4 AND "
      "number IN (SELECT number FROM operations WHERE study_uid = ?1 AND client_id = ?2 ORDER BY number LIMIT ?5)",
      study_uid, client_id, keep_from, created_before, limit);
  return statement.Run();
}

absl::StatusOr<int64_t> SqliteTransaction::PutRequest(int64_t study_uid, const RequestRow& request) {
  SqliteStatement statement(
      connection_,
      "INSERT INTO requests (study_uid, id, seq, call, result, received_us) VALUES (?1, ?2, 1 + (SELECT "
      "coalesce(max(seq), 0) FROM requests WHERE study_uid = ?1), ?3, ?4, ?5) ON CONFLICT (study_uid, id) DO UPDATE "
      "SET seq = excluded.seq, call = excluded.call, result = excluded.result, received_us = excluded.received_us "
      "RETURNING seq",
      study_uid, request.id, request.call, request.result, request.received);
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  const int64_t seq = row ? statement.Int() : 0;
  RETURN_IF_ERROR(statement.Run());
  return seq;
}

absl::Status SqliteTransaction::DeleteOldRequests(int64_t study_uid, int64_t keep_from, absl::Time received_before,
                                                  int64_t limit) {
  SqliteStatement statement(connection_,
                            "DELETE FROM requests WHERE (study_uid, id) IN (SELECT study_uid, id FROM (SELECT "
                            "study_uid, id, seq, received_us "
                            "FROM requests INDEXED BY requests_by_age WHERE study_uid = ?1 ORDER BY seq LIMIT ?4) "
                            "WHERE seq < ?2 AND received_us < ?3)",
                            study_uid, keep_from, received_before, limit);
  return statement.Run();
}

absl::Status SqliteTransaction::PutAlgorithmState(int64_t study_uid, std::string_view kind, std::string_view blob) {
  SqliteStatement statement(connection_,
                            "INSERT INTO algorithm_states (study_uid, kind, state) VALUES (?, ?, ?) "
                            "ON CONFLICT (study_uid, kind) DO UPDATE SET state = excluded.state",
                            study_uid, kind, SqliteBlob{blob});
  return statement.Run();
}

absl::Status SqliteTransaction::PutArtifact(int64_t study_uid, const ArtifactRow& artifact, std::string_view bytes) {
  SqliteStatement old(connection_, "DELETE FROM artifacts WHERE study_uid = ? AND trial_id = ? AND name = ?", study_uid,
                      artifact.trial_id, artifact.name);
  RETURN_IF_ERROR(old.Run());
  SqliteStatement row(connection_,
                      "INSERT INTO artifacts (study_uid, trial_id, name, sha256, size) VALUES (?, ?, ?, ?, ?)",
                      study_uid, artifact.trial_id, artifact.name, artifact.sha256, static_cast<int64_t>(bytes.size()));
  RETURN_IF_ERROR(row.Run());
  const int64_t key = sqlite3_last_insert_rowid(connection_.handle());
  int64_t chunk = 0;
  for (size_t offset = 0; offset < bytes.size(); offset += kStoredChunkBytes) {
    SqliteStatement piece(connection_, "INSERT INTO artifact_chunks (artifact, chunk, bytes) VALUES (?, ?, ?)", key,
                          chunk++, SqliteBlob{bytes.substr(offset, kStoredChunkBytes)});
    RETURN_IF_ERROR(piece.Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteTransaction::PutWorker(const WorkerRow& worker) {
  SqliteStatement statement(
      connection_,
      "INSERT INTO workers (name, incarnation, superseded, slots, version, seen_us) VALUES (?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (name) DO UPDATE SET incarnation = excluded.incarnation, superseded = excluded.superseded, "
      "slots = excluded.slots, version = excluded.version, seen_us = excluded.seen_us",
      worker.name, worker.incarnation, JoinIncarnations(worker.superseded), worker.slots, worker.version, worker.seen);
  return statement.Run();
}

absl::Status SqliteTransaction::ForgetWorkers(int64_t keep) {
  SqliteStatement statement(
      connection_,
      "DELETE FROM workers WHERE name IN (SELECT name FROM workers ORDER BY seen_us DESC LIMIT -1 OFFSET ?)", keep);
  return statement.Run();
}

absl::Status SqliteTransaction::PutSetting(std::string_view key, std::string_view value) {
  SqliteStatement statement(connection_,
                            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                            key, SqliteBlob{value});
  return statement.Run();
}

}  // namespace photinus
