// PostgresTransaction: the changes.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "server/storage/postgres_transaction.h"
#include "server/storage/stored_rows.h"

namespace photinus {
namespace {

absl::Status NoParent() {
  return absl::NotFoundError("the owner, study or trial that this belongs to does not exist (any more)");
}

// NotFound where a statement that inserts beside an existing parent changed nothing.
absl::Status RequireChange(const PostgresStatement& statement) {
  RETURN_IF_ERROR(statement.status());
  return statement.changes() > 0 ? absl::OkStatus() : NoParent();
}

int64_t Number(int state) { return state; }

}  // namespace

absl::Status PostgresTransaction::RequireStudy(int64_t uid) {
  ASSIGN_OR_RETURN(const bool found, LockStudy(uid));
  return found ? absl::OkStatus() : NoParent();
}

absl::Status PostgresTransaction::EnsureOwner(std::string_view owner) {
  return PostgresStatement(connection_, "INSERT INTO owners VALUES ($1) ON CONFLICT DO NOTHING", owner).status();
}

absl::StatusOr<int64_t> PostgresTransaction::InsertStudy(const StudyRow& study) {
  PostgresStatement statement(
      connection_,
      "INSERT INTO studies (owner, display_name, state, draining, paused, version, next_trial_id, drained_from, "
      "problem_version, inactive_reason, created_us, spec) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 "
      "FROM owners WHERE owner "
      "= $1 "
      "ON CONFLICT DO NOTHING RETURNING uid",
      study.owner, study.display_name, Number(study.state), study.draining, study.paused, study.version,
      study.next_trial_id, study.drained_from, study.problem_version, study.inactive_reason, study.created, study.spec);
  ASSIGN_OR_RETURN(const bool inserted, statement.Step());
  if (inserted) {
    const int64_t uid = statement.Int();
    locked_[uid] = true;
    return uid;
  }
  ASSIGN_OR_RETURN(const bool has_owner, OwnerExists(study.owner));
  if (!has_owner) return NoParent();
  // Another transaction inserted it after this one had looked.
  if (not_found_.count({study.owner, study.display_name}) > 0) connection_.NoteConflict("a study of this name came");
  return HasStudyAlready(study.owner, study.display_name);
}

absl::Status PostgresTransaction::UpdateStudy(const StudyRow& study) {
  ASSIGN_OR_RETURN(const auto known, GetStudy(study.uid));
  if (!known.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("owners/", study.owner, "/studies/", study.display_name, " does not exist (any more)"));
  }
  // Without owner and name, which never change. An equal spec keeps its place outside the row, if it has one.
  connection_.Defer(
      "UPDATE studies SET state = $1, draining = $2, paused = $3, version = $4, next_trial_id = $5, "
      "drained_from = $6, problem_version = $7, inactive_reason = $8, created_us = $9, "
      "spec = CASE WHEN spec = $10 THEN spec ELSE $10 END WHERE uid = $11",
      Number(study.state), study.draining, study.paused, study.version, study.next_trial_id, study.drained_from,
      study.problem_version, study.inactive_reason, study.created, study.spec, study.uid);
  StudyRow& row = studies_[study.uid];
  row = study;
  row.owner = known->owner;
  row.display_name = known->display_name;
  return absl::OkStatus();
}

absl::Status PostgresTransaction::PublishStudy(int64_t uid, std::string_view owner, std::string_view display_name) {
  RETURN_IF_ERROR(RequireStudy(uid));
  ASSIGN_OR_RETURN(const bool has_owner, OwnerExists(owner));
  if (!has_owner) return NoParent();
  ASSIGN_OR_RETURN(const auto other, FindStudy(owner, display_name));
  if (other.has_value()) return HasStudyAlready(owner, display_name);
  studies_.erase(uid);
  // Should another transaction insert that study at this moment, the index refuses the name, AlreadyExists too.
  return RequireChange(
      PostgresStatement(connection_, "UPDATE studies SET owner = $1, display_name = $2 WHERE uid = $3 AND owner = $4",
                        owner, display_name, uid, kStagingOwner));
}

absl::Status PostgresTransaction::DeleteStudy(int64_t uid) {
  ASSIGN_OR_RETURN(const bool found, LockStudy(uid));
  if (!found) return absl::OkStatus();
  locked_[uid] = false;
  studies_.erase(uid);
  return PostgresStatement(connection_,
                           "UPDATE studies SET deleted = true, display_name = convert_to('/' || uid, 'UTF8'), "
                           "spec = '' WHERE uid = $1",
                           uid)
      .status();
}

absl::Status PostgresTransaction::PutTrial(const TrialRow& trial) {
  RETURN_IF_ERROR(RequireStudy(trial.study_uid));
  connection_.Defer(
      "INSERT INTO trials (study_uid, id, state, client_id, attempt, lease_epoch, incarnation, mod_version, "
      "completion_hash, stop_requested, stop_reason, lost_count, lost, measurement_bytes, metadata_bytes, body, "
      "stop_decision, role) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) "
      "ON CONFLICT (study_uid, id) DO UPDATE SET "
      "state = excluded.state, client_id = excluded.client_id, attempt = excluded.attempt, "
      "lease_epoch = excluded.lease_epoch, incarnation = excluded.incarnation, "
      "mod_version = excluded.mod_version, completion_hash = excluded.completion_hash, "
      "stop_requested = excluded.stop_requested, stop_reason = excluded.stop_reason, "
      "lost_count = excluded.lost_count, lost = excluded.lost, measurement_bytes = excluded.measurement_bytes, "
      "metadata_bytes = excluded.metadata_bytes, body = excluded.body, stop_decision = excluded.stop_decision, "
      "role = excluded.role",
      trial.study_uid, trial.id, Number(trial.state), trial.client_id, trial.attempt, trial.lease_epoch,
      trial.incarnation, trial.mod_version, trial.completion_hash, trial.stop_requested, trial.stop_reason,
      trial.lost_count, trial.lost, trial.measurement_bytes, trial.metadata_bytes, trial.body, trial.stop, trial.role);
  return absl::OkStatus();
}

absl::Status PostgresTransaction::DeleteTrial(int64_t study_uid, int64_t id, int64_t version) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  const PostgresStatement metadata(connection_, "DELETE FROM metadata WHERE study_uid = $1 AND trial_id = $2",
                                   study_uid, id);
  RETURN_IF_ERROR(metadata.status());
  const PostgresStatement size(connection_, "DELETE FROM metadata_sizes WHERE study_uid = $1 AND trial_id = $2",
                               study_uid, id);
  RETURN_IF_ERROR(size.status());
  const PostgresStatement trial(
      connection_, "UPDATE trials SET state = 0 WHERE study_uid = $1 AND id = $2 " PHOTINUS_IS_THERE, study_uid, id);
  RETURN_IF_ERROR(trial.status());
  if (trial.changes() == 0) return absl::OkStatus();
  return PostgresStatement(connection_, "INSERT INTO deleted_trials VALUES ($1, $2, $3)", study_uid, version, id)
      .status();
}

absl::StatusOr<int64_t> PostgresTransaction::AddMeasurement(int64_t study_uid, int64_t trial_id, int32_t attempt,
                                                            const pb::Measurement& measurement) {
  RETURN_IF_ERROR(RequireStudy(study_uid));
  PostgresStatement statement(
      connection_,
      "INSERT INTO measurements (study_uid, trial_id, attempt, seq, body, digest) SELECT $1, $2, $3, 1 + (SELECT "
      "coalesce(max(seq), 0) FROM measurements WHERE study_uid = $1 AND trial_id = $2 AND attempt = $3), $4, $5 "
      "FROM trials WHERE study_uid = $1 AND id = $2 RETURNING seq",
      study_uid, trial_id, attempt, measurement, DigestOf(measurement));
  ASSIGN_OR_RETURN(const bool inserted, statement.Step());
  if (!inserted) return NoParent();
  return statement.Int();
}

absl::Status PostgresTransaction::PutMetadata(int64_t study_uid, int64_t trial_id, const pb::KeyValue& entry) {
  RETURN_IF_ERROR(RequireStudy(study_uid));
  return PostgresStatement(connection_,
                           "INSERT INTO metadata (study_uid, trial_id, ns, key, entry) VALUES ($1, $2, $3, $4, $5) "
                           "ON CONFLICT (study_uid, trial_id, sha256(ns), sha256(key)) DO UPDATE SET "
                           "entry = excluded.entry",
                           study_uid, trial_id, entry.ns(), entry.key(), entry)
      .status();
}

absl::Status PostgresTransaction::PutExplanation(int64_t study_uid, const ExplanationRow& explanation) {
  RETURN_IF_ERROR(RequireStudy(study_uid));
  connection_.Defer(
      "INSERT INTO explanations (study_uid, trial_id, body) SELECT $1, $2, $3 "
      "FROM trials WHERE study_uid = $1 AND id = $2 "
      "ON CONFLICT (study_uid, trial_id) DO UPDATE SET body = excluded.body",
      study_uid, explanation.trial_id, explanation.body);
  return absl::OkStatus();
}

absl::Status PostgresTransaction::PutAttempt(int64_t study_uid, const AttemptRow& attempt) {
  RETURN_IF_ERROR(RequireStudy(study_uid));
  const PostgresStatement statement(
      connection_,
      "INSERT INTO attempts (study_uid, trial_id, attempt, client_id, lease_epoch, outcome, ended_us, late_result, "
      "late_infeasible, late_reason, cause, measurement_bytes) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
      "$12 "
      "FROM trials WHERE study_uid = $1 AND id = $2 "
      "ON CONFLICT (study_uid, trial_id, attempt) DO UPDATE SET "
      "client_id = excluded.client_id, lease_epoch = excluded.lease_epoch, outcome = excluded.outcome, "
      "ended_us = excluded.ended_us, late_result = excluded.late_result, late_infeasible = excluded.late_infeasible, "
      "late_reason = excluded.late_reason, cause = excluded.cause, measurement_bytes = excluded.measurement_bytes",
      study_uid, attempt.trial_id, attempt.attempt, attempt.client_id, attempt.lease_epoch, attempt.outcome,
      attempt.ended, attempt.late_result, attempt.late_infeasible, attempt.late_infeasible_reason, attempt.cause,
      attempt.measurement_bytes);
  return RequireChange(statement);
}

absl::Status PostgresTransaction::PutOperation(const OperationRow& operation) {
  RETURN_IF_ERROR(RequireStudy(operation.study_uid));
  return PostgresStatement(
             connection_,
             "INSERT INTO operations (study_uid, client_id, number, count, done, created_us, finished_us, trial_ids, "
             "error_code, error_message, holder, lease_until_us) "
             "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
             "ON CONFLICT (study_uid, client_id, number) DO UPDATE SET count = excluded.count, done = excluded.done, "
             "created_us = excluded.created_us, finished_us = excluded.finished_us, trial_ids = excluded.trial_ids, "
             "error_code = excluded.error_code, error_message = excluded.error_message, holder = excluded.holder, "
             "lease_until_us = excluded.lease_until_us",
             operation.study_uid, operation.client_id, operation.number, operation.count, operation.done,
             operation.created, operation.finished, absl::StrJoin(operation.trial_ids, ","), operation.error_code,
             operation.error_message, operation.holder, operation.lease_until)
      .status();
}

absl::Status PostgresTransaction::DeleteOldOperations(int64_t study_uid, std::string_view client_id, int64_t keep_from,
                                                      absl::Time created_before, int64_t limit) {
  RETURN_IF_ERROR(LockStudy(study_uid).status());
  return PostgresStatement(
             connection_,
             "DELETE FROM operations WHERE study_uid = $1 AND client_id = $2 AND number < $3 AND done "
             "AND created_us < $4 AND number = ANY (ARRAY(SELECT number FROM operations WHERE study_uid = $1 "
             "AND client_id = $2 ORDER BY number LIMIT $5))",
             study_uid, client_id, keep_from, created_before, limit)
      .status();
}

absl::StatusOr<int64_t> PostgresTransaction::PutRequest(int64_t study_uid, const RequestRow& request) {
  if (study_uid != 0) RETURN_IF_ERROR(RequireStudy(study_uid));
  PostgresStatement statement(
      connection_,
      "INSERT INTO requests (study_uid, id, seq, call, result, received_us) VALUES ($1, $2, 1 + (SELECT "
      "coalesce(max(seq), 0) FROM requests WHERE study_uid = $1), $3, $4, $5) ON CONFLICT (study_uid, id) DO UPDATE "
      "SET seq = excluded.seq, call = excluded.call, result = excluded.result, received_us = excluded.received_us "
      "RETURNING seq",
      study_uid, request.id, request.call, request.result, request.received);
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? statement.Int() : 0;
}

absl::Status PostgresTransaction::DeleteOldRequests(int64_t study_uid, int64_t keep_from, absl::Time received_before,
                                                    int64_t limit) {
  if (study_uid != 0) RETURN_IF_ERROR(LockStudy(study_uid).status());
  return PostgresStatement(
             connection_,
             "DELETE FROM requests WHERE study_uid = $1 AND id = ANY (ARRAY(SELECT id FROM (SELECT id, seq, "
             "received_us FROM requests WHERE study_uid = $1 ORDER BY seq LIMIT $4) AS oldest "
             "WHERE seq < $2 AND received_us < $3))",
             study_uid, keep_from, received_before, limit)
      .status();
}

absl::Status PostgresTransaction::PutAlgorithmState(int64_t study_uid, std::string_view kind, std::string_view blob) {
  RETURN_IF_ERROR(RequireStudy(study_uid));
  return PostgresStatement(connection_,
                           "INSERT INTO algorithm_states (study_uid, kind, state) VALUES ($1, $2, $3) "
                           "ON CONFLICT (study_uid, kind) DO UPDATE SET state = excluded.state",
                           study_uid, kind, blob)
      .status();
}

absl::Status PostgresTransaction::PutArtifact(int64_t study_uid, const ArtifactRow& artifact, std::string_view bytes) {
  RETURN_IF_ERROR(RequireStudy(study_uid));
  const PostgresStatement old(connection_, "DELETE FROM artifacts WHERE study_uid = $1 AND trial_id = $2 AND name = $3",
                              study_uid, artifact.trial_id, artifact.name);
  RETURN_IF_ERROR(old.status());
  PostgresStatement row(connection_,
                        "INSERT INTO artifacts (study_uid, trial_id, name, sha256, size) SELECT $1, $2, $3, $4, $5 "
                        "FROM trials WHERE study_uid = $1 AND id = $2 RETURNING artifact",
                        study_uid, artifact.trial_id, artifact.name, artifact.sha256,
                        static_cast<int64_t>(bytes.size()));
  ASSIGN_OR_RETURN(const bool inserted, row.Step());
  if (!inserted) return NoParent();
  const int64_t key = row.Int();
  int64_t chunk = 0;
  for (size_t offset = 0; offset < bytes.size(); offset += kStoredChunkBytes) {
    const PostgresStatement piece(connection_,
                                  "INSERT INTO artifact_chunks (artifact, chunk, bytes) VALUES ($1, $2, $3)", key,
                                  chunk++, bytes.substr(offset, kStoredChunkBytes));
    RETURN_IF_ERROR(piece.status());
  }
  return absl::OkStatus();
}

absl::Status PostgresTransaction::PutWorker(const WorkerRow& worker) {
  const PostgresStatement statement(
      connection_,
      "INSERT INTO workers AS w (name, incarnation, superseded, slots, version, seen_us) "
      "VALUES ($1, $2, $3, $4, $5, $6) "
      "ON CONFLICT (name) DO UPDATE SET incarnation = excluded.incarnation, superseded = excluded.superseded, "
      "slots = excluded.slots, version = excluded.version, seen_us = excluded.seen_us WHERE w.incarnation = $7",
      worker.name, worker.incarnation, JoinIncarnations(worker.superseded), worker.slots, worker.version, worker.seen,
      incarnations_[worker.name]);
  RETURN_IF_ERROR(statement.status());
  if (statement.changes() == 0) connection_.NoteConflict("another process of this worker came");
  incarnations_[worker.name] = worker.incarnation;
  return absl::OkStatus();
}

absl::Status PostgresTransaction::ForgetWorkers(int64_t keep) {
  return PostgresStatement(
             connection_,
             "DELETE FROM workers WHERE name IN (SELECT name FROM workers ORDER BY seen_us DESC OFFSET $1)", keep)
      .status();
}

absl::Status PostgresTransaction::PutSetting(std::string_view key, std::string_view value) {
  RETURN_IF_ERROR(LockSettings());
  return PostgresStatement(
             connection_, "INSERT INTO settings VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
             key, value)
      .status();
}

}  // namespace photinus
