// How the rows of storage.h stand in tables, for every backend: the columns of each and how they are read back. A
// Statement stands on a row and gives its columns in order: Int, Bool, Time, Text, Message, IsNull.
#ifndef PHOTINUS_SERVER_STORAGE_STORED_ROWS_H_
#define PHOTINUS_SERVER_STORAGE_STORED_ROWS_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/sha256.h"
#include "server/storage/storage.h"

namespace photinus {

// Artifacts are stored in pieces of this many bytes, so that reading a range does not load the whole.
inline constexpr int64_t kStoredChunkBytes = int64_t{1} << 20;

#define PHOTINUS_STUDY_COLUMNS                                                                                 \
  "uid, owner, display_name, state, draining, paused, version, next_trial_id, drained_from, problem_version, " \
  "inactive_reason, "                                                                                          \
  "created_us, spec FROM studies "
#define PHOTINUS_STUDY_BYTES                                                                                  \
  "uid, state, length(spec) + coalesce((SELECT bytes FROM metadata_sizes WHERE study_uid = uid AND trial_id " \
  "= 0), 0) FROM studies "
#define PHOTINUS_TRIAL_COLUMNS                                                                                         \
  "study_uid, id, state, client_id, attempt, lease_epoch, incarnation, mod_version, completion_hash, stop_requested, " \
  "stop_reason, lost_count, lost, measurement_bytes, metadata_bytes, body, stop_decision, role FROM trials "
// Measurements of attempts before the current one are looked up only where there are any.
#define PHOTINUS_TRIAL_BYTES                                                                           \
  "id, length(body) + metadata_bytes + CASE attempt WHEN 1 THEN measurement_bytes ELSE "               \
  "coalesce((SELECT sum(length(m.body)) FROM measurements m WHERE m.study_uid = trials.study_uid AND " \
  "m.trial_id = trials.id), 0) END FROM trials "
// Of trials: a deleted one has state 0 until its rows are erased.
#define PHOTINUS_IS_THERE "AND state <> 0 "
#define PHOTINUS_OPERATION_COLUMNS                                                                             \
  "study_uid, client_id, number, count, done, created_us, finished_us, trial_ids, error_code, error_message, " \
  "holder, lease_until_us FROM operations "

#define PHOTINUS_WORKER_COLUMNS "name, incarnation, superseded, slots, version, seen_us FROM workers "

#define PHOTINUS_ATTEMPT_COLUMNS                                                                        \
  "trial_id, attempt, client_id, lease_epoch, outcome, ended_us, late_infeasible, late_reason, cause, " \
  "measurement_bytes, late_result FROM attempts "

// Of trials t and their studies s; and which of them are held under a lease.
#define PHOTINUS_LEASE_COLUMNS "s.uid, s.owner, s.display_name, t.id, t.lease_epoch, t.client_id, t.state "
#define PHOTINUS_IS_LEASED "t.incarnation <> '' AND (t.state = 2 OR t.state = 3) AND s.state = 1 AND NOT s.deleted "

template <typename Statement>
StudyRow ReadStudy(Statement& row) {
  StudyRow study;
  study.uid = row.Int();
  study.owner = row.Text();
  study.display_name = row.Text();
  study.state = static_cast<pb::Study::State>(row.Int());
  study.draining = row.Bool();
  study.paused = row.Bool();
  study.version = row.Int();
  study.next_trial_id = row.Int();
  study.drained_from = row.Int();
  study.problem_version = row.Int();
  study.inactive_reason = row.Text();
  study.created = row.Time();
  row.Message(study.spec);
  return study;
}

template <typename Statement>
StudyBytes ReadStudyBytes(Statement& row) {
  StudyBytes study;
  study.uid = row.Int();
  study.state = static_cast<pb::Study::State>(row.Int());
  study.bytes = row.Int();
  return study;
}

template <typename Statement>
TrialRow ReadTrial(Statement& row) {
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
  trial.measurement_bytes = row.Int();
  trial.metadata_bytes = row.Int();
  row.Message(trial.body);
  row.Message(trial.stop);
  trial.role = row.Text();
  return trial;
}

// Columns as PHOTINUS_LEASE_COLUMNS.
template <typename Statement>
LeaseRow ReadLease(Statement& row) {
  LeaseRow lease;
  lease.study_uid = row.Int();
  lease.owner = row.Text();
  lease.display_name = row.Text();
  lease.trial_id = row.Int();
  lease.epoch = row.Int();
  lease.client_id = row.Text();
  lease.state = static_cast<pb::Trial::State>(row.Int());
  return lease;
}

template <typename Statement>
MeasurementRow ReadMeasurement(Statement& row) {
  MeasurementRow measurement;
  measurement.trial_id = row.Int();
  measurement.attempt = static_cast<int32_t>(row.Int());
  measurement.seq = row.Int();
  row.Message(measurement.body);
  return measurement;
}

template <typename Statement>
MetadataRow ReadMetadata(Statement& row) {
  MetadataRow metadata;
  metadata.trial_id = row.Int();
  row.Message(metadata.entry);
  return metadata;
}

template <typename Statement>
ExplanationRow ReadExplanation(Statement& row) {
  ExplanationRow explanation;
  explanation.trial_id = row.Int();
  row.Message(explanation.body);
  return explanation;
}

template <typename Statement>
TrialBytes ReadTrialBytes(Statement& row) {
  TrialBytes trial;
  trial.trial_id = row.Int();
  trial.bytes = row.Int();
  return trial;
}

template <typename Statement>
MetadataSize ReadMetadataSize(Statement& row) {
  const int64_t entries = row.Int();
  return {entries, row.Int()};
}

template <typename Statement>
AttemptRow ReadAttempt(Statement& row) {
  AttemptRow attempt;
  attempt.trial_id = row.Int();
  attempt.attempt = static_cast<int32_t>(row.Int());
  attempt.client_id = row.Text();
  attempt.lease_epoch = row.Int();
  attempt.outcome = row.Text();
  attempt.ended = row.Time();
  attempt.late_infeasible = row.Bool();
  attempt.late_infeasible_reason = row.Text();
  attempt.cause = row.Text();
  attempt.measurement_bytes = row.Int();
  if (!row.IsNull()) row.Message(attempt.late_result.emplace());
  return attempt;
}

template <typename Statement>
OperationRow ReadOperation(Statement& row) {
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
  operation.holder = row.Text();
  operation.lease_until = row.Time();
  return operation;
}

// Incarnations stand in one column, each with a '/' behind it, which none contains.
inline std::string JoinIncarnations(const std::vector<std::string>& incarnations) {
  std::string joined;
  for (const std::string& incarnation : incarnations) absl::StrAppend(&joined, incarnation, "/");
  return joined;
}

template <typename Statement>
WorkerRow ReadWorker(Statement& row) {
  WorkerRow worker;
  worker.name = row.Text();
  worker.incarnation = row.Text();
  worker.superseded = absl::StrSplit(row.Text(), '/', absl::SkipEmpty());
  worker.slots = static_cast<int32_t>(row.Int());
  worker.version = row.Text();
  worker.seen = row.Time();
  return worker;
}

template <typename Statement>
AlgorithmStateRow ReadAlgorithmState(Statement& row) {
  AlgorithmStateRow state;
  state.kind = row.Text();
  state.state = row.Text();
  return state;
}

template <typename Statement>
RequestRow ReadRequest(Statement& row) {
  RequestRow request;
  request.id = row.Text();
  request.call = row.Text();
  request.result = row.Int();
  request.received = row.Time();
  return request;
}

template <typename Statement>
ArtifactRow ReadArtifactRow(Statement& row) {
  ArtifactRow artifact;
  artifact.trial_id = row.Int();
  artifact.name = row.Text();
  artifact.sha256 = row.Text();
  artifact.size = row.Int();
  return artifact;
}

template <typename Statement>
int64_t ReadInt(Statement& row) {
  return row.Int();
}
template <typename Statement>
std::string ReadText(Statement& row) {
  return row.Text();
}

// What an equal measurement is found by: the first 8 bytes of the SHA-256 of its serialized form.
inline int64_t DigestOf(const pb::Measurement& measurement) {
  const std::string hex = Sha256Hex(measurement.SerializeAsString());
  return static_cast<int64_t>(std::stoull(hex.substr(0, 16), nullptr, 16));
}

// Every row of a statement, each made by read(statement).
template <typename Statement, typename Row>
absl::StatusOr<std::vector<Row>> AllRows(Statement& statement, Row (*read)(Statement&)) {
  std::vector<Row> rows;
  while (true) {
    absl::StatusOr<bool> more = statement.Step();
    if (!more.ok()) return more.status();
    if (!*more) return rows;
    rows.push_back(read(statement));
  }
}

// The first row; nullopt where there is none.
template <typename Statement, typename Row>
absl::StatusOr<std::optional<Row>> FirstRow(Statement& statement, Row (*read)(Statement&)) {
  absl::StatusOr<bool> found = statement.Step();
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<Row>();
  std::optional<Row> row(read(statement));
  if (!statement.status().ok()) return statement.status();
  return row;
}

// "AND (state = 2 OR state = 3) " for a set of states, ascending; the empty set stands for all, without the state of
// deleted trials. Numbers stand in the text, not in parameters, because
// a partial index is used only where the planner can see that the condition implies the index's own.
inline std::string StateCondition(std::vector<pb::Trial::State> states) {
  if (states.empty()) return PHOTINUS_IS_THERE;
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  std::string condition = "AND (";
  for (size_t i = 0; i < states.size(); ++i) {
    absl::StrAppend(&condition, i == 0 ? "" : " OR ", "state = ", static_cast<int>(states[i]));
  }
  return absl::StrCat(condition, ") ");
}

inline absl::Status CheckArtifactRange(int64_t offset, int64_t length) {
  if (offset >= 0 && length >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError("an artifact is read from offset >= 0, length >= 0");
}

inline absl::Status HasStudyAlready(std::string_view owner, std::string_view display_name) {
  return absl::AlreadyExistsError(absl::StrCat(
      "owners/", absl::string_view(owner.data(), owner.size()), " has a study '",
      absl::string_view(display_name.data(), display_name.size()), "' already; choose another display_name"));
}

inline absl::Status NoSuchArtifact(int64_t trial_id, std::string_view name) {
  return absl::NotFoundError(
      absl::StrCat("trial ", trial_id, " has no artifact '", absl::string_view(name.data(), name.size()), "'"));
}

// Bytes offset..end of an artifact, end > offset, from rows (chunk, bytes) that cover them in order.
template <typename Statement>
absl::StatusOr<std::string> ReadChunks(Statement& chunks, int64_t offset, int64_t end) {
  std::string bytes;
  bytes.reserve(static_cast<size_t>(end - offset));
  while (true) {
    absl::StatusOr<bool> more = chunks.Step();
    if (!more.ok()) return more.status();
    if (!*more) break;
    const int64_t start = chunks.Int() * kStoredChunkBytes;
    const std::string_view chunk = chunks.Bytes();
    const int64_t from = std::max(offset - start, int64_t{0});
    const int64_t to = std::min(end - start, static_cast<int64_t>(chunk.size()));
    if (from < to) bytes.append(chunk.substr(static_cast<size_t>(from), static_cast<size_t>(to - from)));
  }
  if (static_cast<int64_t>(bytes.size()) == end - offset) return bytes;
  return absl::InternalError("a stored artifact is incomplete: the database is damaged; restore a backup");
}

// Adds what a row says: a state, whether a stop was requested, how many trials are so.
template <typename Statement>
void AddTrialCount(Statement& row, TrialCounts& counts) {
  const auto state = static_cast<pb::Trial::State>(row.Int());
  const bool stop_requested = row.Bool();
  const int64_t trials = row.Int();
  const bool finished = state == pb::Trial::SUCCEEDED || state == pb::Trial::INFEASIBLE;
  if (finished && stop_requested) counts.stopped_early += trials;
  if (state == pb::Trial::REQUESTED) counts.requested += trials;
  if (state == pb::Trial::ACTIVE) counts.active += trials;
  if (state == pb::Trial::STOPPING) counts.stopping += trials;
  if (state == pb::Trial::SUCCEEDED) counts.succeeded += trials;
  if (state == pb::Trial::INFEASIBLE) counts.infeasible += trials;
}

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_STORED_ROWS_H_
