#include "server/transfer/study_import.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/trial_role.h"
#include "server/study/artifacts.h"
#include "server/study/budget.h"
#include "server/study/metadata.h"
#include "server/study/timestamps.h"
#include "server/study/trial_size.h"
#include "server/study/trial_state.h"
#include "server/study/trials.h"
#include "server/transfer/record_line.h"
#include "server/transfer/study_export.h"

namespace photinus {
namespace {

constexpr size_t kMaxLineBytes = size_t{128} << 20;  // one entry of metadata with every byte escaped is not longer

// Beyond what any study reaches, and far from where numbers overflow.
constexpr int64_t kMaxVersion = int64_t{1} << 53;  // of a study; as high may be the epoch of a lease
constexpr int64_t kMaxAttempts = 1'000'000;
constexpr int64_t kMaxExplanationBytes = 1 << 16;
constexpr int64_t kMaxDecisionBytes = 1 << 16;

absl::Status Check(bool good, std::string_view field, std::string_view message) {
  return good ? absl::OkStatus() : FieldError(field, message);
}

absl::Status CheckRange(std::string_view field, int64_t value, int64_t low, int64_t high) {
  return Check(value >= low && value <= high, field, absl::StrCat("is ", value, "; must be ", low, " to ", high));
}

int64_t SizeOf(const google::protobuf::MessageLite& message) { return static_cast<int64_t>(message.ByteSizeLong()); }

absl::Status CheckHeader(const v1::StudyHeader& header) {
  if (header.format() != kExportFormat) {
    return FieldError("study.format", absl::StrCat("is ", header.format(), "; this server reads format ", kExportFormat,
                                                   ": import with a newer photinus-server"));
  }
  const pb::Study::State state = header.study().state();
  RETURN_IF_ERROR(Check(state == pb::Study::ACTIVE || state == pb::Study::INACTIVE || state == pb::Study::COMPLETED,
                        "study.study.state", "must be ACTIVE, INACTIVE or COMPLETED"));
  RETURN_IF_ERROR(CheckRange("study.version", header.version(), 1, kMaxVersion));
  RETURN_IF_ERROR(CheckRange("study.next_trial_id", header.next_trial_id(), 1, kMaxTrialsPerStudy + 1));
  return CheckRange("study.drained_from", header.drained_from(), 0, header.next_trial_id());
}

absl::StatusOr<TrialRow> ToRow(int64_t study_uid, v1::TrialRecord& record) {
  TrialRow row;
  row.study_uid = study_uid;
  const auto id = ParseTrialId(record.trial().id());
  if (!id.ok()) return FieldError("trial.trial.id", std::string(id.status().message()));
  row.id = *id;
  row.state = record.trial().state();
  row.client_id = record.trial().client_id();
  row.attempt = record.attempt();
  row.lease_epoch = record.lease_epoch();
  row.incarnation = record.incarnation();
  row.mod_version = record.version();
  row.completion_hash = record.completion_hash();
  row.stop_requested = record.stop_requested();
  row.stop_reason = record.stop_reason();
  row.lost_count = record.lost_count();
  row.lost = record.lost();
  row.role = record.role();
  row.stop = record.stop_decision();
  row.body = record.trial();
  row.body.clear_name();
  row.body.clear_id();
  row.body.clear_state();
  row.body.clear_client_id();
  row.body.clear_measurements();
  row.body.clear_metadata();
  return row;
}

absl::Status CheckRow(const v1::StudyHeader& header, const StudyProblem& problem, const TrialRow& row) {
  RETURN_IF_ERROR(Check(row.id < header.next_trial_id(), "trial.trial.id",
                        absl::StrCat("is ", row.id, ", but the study's next_trial_id is ", header.next_trial_id())));
  RETURN_IF_ERROR(Check(row.mod_version >= 1 && row.mod_version <= header.version(), "trial.version",
                        "must be 1 to the study's version"));
  RETURN_IF_ERROR(CheckRange("trial.attempt", row.attempt, 1, kMaxAttempts));
  RETURN_IF_ERROR(CheckRange("trial.lease_epoch", row.lease_epoch, 0, kMaxVersion));
  RETURN_IF_ERROR(CheckRange("trial.lost_count", row.lost_count, 0, kMaxAttempts));
  RETURN_IF_ERROR(InField("trial", CheckRole(row.role)));
  RETURN_IF_ERROR(CheckRange("trial.stop_decision: its size", SizeOf(row.stop), 0, kMaxDecisionBytes));
  if (IsRunning(row.state)) {
    RETURN_IF_ERROR(InField("trial.trial", ValidateId("client_id", row.client_id)));
  } else if (row.state == pb::Trial::REQUESTED) {
    RETURN_IF_ERROR(Check(row.client_id.empty(), "trial.trial.client_id", "must be empty: the trial waits"));
  } else {
    RETURN_IF_ERROR(Check(IsFinished(row.state), "trial.trial.state", "is not the state of a trial"));
  }
  RETURN_IF_ERROR(CheckMeasurement("trial.trial.final_measurement", row.body.final_measurement()));
  RETURN_IF_ERROR(InField("trial.trial", CheckInfeasibleReason(row.body.infeasible_reason())));
  const auto point = PointFromTrial(row.body);
  if (!point.ok()) return InField("trial.trial", point.status());
  return InField("trial.trial", CheckPoint(problem.space, row, *point));
}

}  // namespace

absl::Status StudyImport::Take(std::string_view text) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view piece = text.substr(0, end);
    if (rest_.size() + piece.size() > kMaxLineBytes) {
      return FieldError(absl::StrCat("line ", line_ + 1), absl::StrCat("is longer than ", kMaxLineBytes, " bytes"));
    }
    rest_ += piece;
    if (end == std::string_view::npos) break;
    RETURN_IF_ERROR(TakeLine(std::exchange(rest_, {})));
    text.remove_prefix(end + 1);
  }
  return absl::OkStatus();
}

absl::Status StudyImport::TakeLine(std::string_view line) {
  ++line_;
  auto record = ReadRecordLine(line);
  const absl::Status status = record.ok() ? TakeRecord(*std::move(record)) : record.status();
  if (!absl::IsInvalidArgument(status) && !absl::IsResourceExhausted(status)) return status;
  if (ErrorReason(status) == "RESOURCE_EXHAUSTED") return status;  // the disk is full: not the line's fault
  return FieldError(absl::StrCat("line ", line_), std::string(status.message()));
}

absl::Status StudyImport::TakeRecord(v1::StudyRecord record) {
  if (ended_) return absl::InvalidArgumentError("comes after the end of the study");
  if (record.has_study()) return TakeStudy(std::move(*record.mutable_study()));
  if (!header_.has_value()) return absl::InvalidArgumentError("is no study; the first line of an export is one");
  if (record.has_more()) return TakeContinuation(std::move(*record.mutable_more()));
  if (record.has_artifact()) return TakeArtifact(record.artifact());
  RETURN_IF_ERROR(CheckArtifactIsWhole());
  if (!problem_.has_value()) RETURN_IF_ERROR(BeginTrials());
  if (record.has_trial()) return TakeTrial(std::move(*record.mutable_trial()));
  if (record.has_end()) return TakeEnd(record.end());
  return absl::InvalidArgumentError("holds no record that this server knows; import with a newer photinus-server");
}

absl::Status StudyImport::TakeStudy(v1::StudyHeader header) {
  if (header_.has_value()) return absl::InvalidArgumentError("begins a second study; import one file at a time");
  RETURN_IF_ERROR(CheckHeader(header));
  name_ = {owner_.owner, display_name_.empty() ? header.study().display_name() : display_name_};
  RETURN_IF_ERROR(ValidateId("study.study.display_name", name_.study));
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const auto other, snapshot.FindStudy(name_.owner, name_.study));
    return other.has_value() ? NameIsTaken(name_) : absl::OkStatus();
  }));
  RETURN_IF_ERROR(staged_.Begin());
  header_ = std::move(header);
  google::protobuf::RepeatedPtrField<pb::KeyValue> metadata;
  metadata.Swap(header_->mutable_study()->mutable_study_spec()->mutable_metadata());
  for (pb::KeyValue& entry : metadata) RETURN_IF_ERROR(AddMetadata(std::move(entry)));
  for (v1::AlgorithmState& state : *header_->mutable_algorithm_states()) {
    const int64_t bytes = SizeOf(state);
    RETURN_IF_ERROR(staged_.Add(
        [uid = staged_.uid(), state = std::move(state)](Transaction& transaction) {
          return transaction.PutAlgorithmState(uid, state.kind(), state.state());
        },
        bytes));
  }
  return absl::OkStatus();
}

absl::Status StudyImport::AddMetadata(pb::KeyValue entry) {
  metadata_bytes_ += SizeOf(entry);
  RETURN_IF_ERROR(Check(metadata_bytes_ <= kMaxMetadataBytes, "metadata", "is larger than 32 MiB"));
  // What BeginTrials checks.
  const bool of_problem = trial_.id == 0 && IsPartOfProblem(entry);
  if (of_problem) *header_->mutable_study()->mutable_study_spec()->add_metadata() = entry;
  const int64_t bytes = SizeOf(entry);
  trial_.metadata_bytes += ReplyBytes(MetadataSize{1, bytes});
  return staged_.Add([uid = staged_.uid(), trial = trial_.id, entry = std::move(entry)](
                         Transaction& transaction) { return PutEntry(transaction, uid, trial, entry); },
                     bytes);
}

absl::Status StudyImport::BeginTrials() {
  auto problem = store_.CheckProblem(header_->study().study_spec());
  if (!problem.ok()) return InField("study.study.study_spec", problem.status());
  problem_ = *std::move(problem);
  header_->mutable_study()->mutable_study_spec()->clear_metadata();
  return absl::OkStatus();
}

absl::Status StudyImport::TakeTrial(v1::TrialRecord record) {
  ASSIGN_OR_RETURN(TrialRow row, ToRow(staged_.uid(), record));
  if (row.id <= trial_.id) {
    return FieldError("trial.trial.id", absl::StrCat("is ", row.id, " after ", trial_.id, "; ids must ascend"));
  }
  RETURN_IF_ERROR(CheckRow(*header_, *problem_, row));
  RETURN_IF_ERROR(EndTrial());
  ++trials_;
  trial_ = std::move(row);
  metadata_bytes_ = 0;
  measurements_.clear();
  measurement_bytes_.clear();
  artifacts_.clear();
  RETURN_IF_ERROR(
      staged_.Add([row = trial_](Transaction& transaction) { return transaction.PutTrial(row); }, SizeOf(trial_.body)));
  for (pb::KeyValue& entry : *record.mutable_trial()->mutable_metadata()) {
    RETURN_IF_ERROR(AddMetadata(std::move(entry)));
  }
  for (pb::Measurement& measurement : *record.mutable_trial()->mutable_measurements()) {
    RETURN_IF_ERROR(AddMeasurement(trial_.attempt, std::move(measurement)));
  }
  for (v1::Attempt& attempt : *record.mutable_attempts()) RETURN_IF_ERROR(AddAttempt(std::move(attempt)));
  return record.has_explanation() ? AddExplanation(std::move(*record.mutable_explanation())) : absl::OkStatus();
}

absl::Status StudyImport::AddExplanation(v1::Explanation explanation) {
  const int64_t bytes = SizeOf(explanation);
  RETURN_IF_ERROR(CheckRange("trial.explanation: its size", bytes, 0, kMaxExplanationBytes));
  return staged_.Add([uid = staged_.uid(), row = ExplanationRow{trial_.id, std::move(explanation)}](
                         Transaction& transaction) { return transaction.PutExplanation(uid, row); },
                     bytes);
}

absl::Status StudyImport::AddMeasurement(int32_t attempt, pb::Measurement measurement) {
  RETURN_IF_ERROR(CheckRange("attempt", attempt, 1, trial_.attempt));
  RETURN_IF_ERROR(Check(++measurements_[attempt] <= kMaxMeasurementsPerAttempt, "measurements",
                        absl::StrCat("of attempt ", attempt, " are more than ", kMaxMeasurementsPerAttempt)));
  RETURN_IF_ERROR(CheckMeasurement("measurements", measurement));
  const int64_t bytes = SizeOf(measurement);
  int64_t& attempt_bytes = measurement_bytes_[attempt];
  attempt_bytes += ReplyBytes(*problem_, measurement);
  RETURN_IF_ERROR(Check(attempt_bytes <= kMaxAttemptBytes, "measurements",
                        absl::StrCat("of attempt ", attempt, " take more than ", kMaxAttemptBytes, " bytes")));
  return staged_.Add(
      [uid = staged_.uid(), trial = trial_.id, attempt, measurement = std::move(measurement)](
          Transaction& transaction) { return transaction.AddMeasurement(uid, trial, attempt, measurement).status(); },
      bytes);
}

absl::Status StudyImport::EndTrial() {
  trial_.measurement_bytes = measurement_bytes_[trial_.attempt];
  if (trial_.id == 0 || trial_.measurement_bytes + trial_.metadata_bytes == 0) return absl::OkStatus();
  return staged_.Add([row = trial_](Transaction& transaction) { return transaction.PutTrial(row); },
                     SizeOf(trial_.body));
}

absl::Status StudyImport::AddAttempt(v1::Attempt attempt) {
  for (pb::Measurement& measurement : *attempt.mutable_measurements()) {
    RETURN_IF_ERROR(AddMeasurement(attempt.attempt(), std::move(measurement)));
  }
  AttemptRow row;
  row.trial_id = trial_.id;
  row.attempt = attempt.attempt();
  row.client_id = attempt.client_id();
  row.lease_epoch = attempt.lease_epoch();
  row.outcome = attempt.outcome();
  row.ended = FromTimestamp(attempt.end_time());
  if (attempt.has_late_result()) row.late_result = attempt.late_result();
  row.late_infeasible = attempt.late_infeasible();
  row.late_infeasible_reason = attempt.late_infeasible_reason();
  row.cause = attempt.cause();
  RETURN_IF_ERROR(CheckRange("trial.attempts.attempt", row.attempt, 1, trial_.attempt));
  RETURN_IF_ERROR(CheckRange("trial.attempts.lease_epoch", row.lease_epoch, 0, kMaxVersion));
  return staged_.Add([uid = staged_.uid(),
                      row = std::move(row)](Transaction& transaction) { return transaction.PutAttempt(uid, row); },
                     SizeOf(attempt));
}

absl::Status StudyImport::TakeContinuation(v1::Continuation more) {
  if (trial_.id == 0 && (problem_.has_value() || more.measurements_size() > 0)) {
    return absl::InvalidArgumentError("continues no trial");
  }
  for (pb::KeyValue& entry : *more.mutable_metadata()) RETURN_IF_ERROR(AddMetadata(std::move(entry)));
  for (pb::Measurement& measurement : *more.mutable_measurements()) {
    RETURN_IF_ERROR(AddMeasurement(more.attempt(), std::move(measurement)));
  }
  return absl::OkStatus();
}

absl::Status StudyImport::TakeArtifact(const v1::ArtifactRecord& part) {
  if (trial_.id == 0) return absl::InvalidArgumentError("is an artifact of no trial");
  if (!part.name().empty()) {
    RETURN_IF_ERROR(CheckArtifactIsWhole());
    RETURN_IF_ERROR(CheckArtifactHeader(part.name(), part.size(), part.sha256()));
    for (const ArtifactRow& other : artifacts_) {
      RETURN_IF_ERROR(Check(other.name != part.name(), "artifact.name", "comes twice"));
    }
    const ArtifactRow row{trial_.id, part.name(), part.sha256(), part.size()};
    RETURN_IF_ERROR(CheckArtifactRoom(CurrentTrial(), artifacts_, row));
    artifacts_.push_back(row);
    artifact_is_coming_ = true;
  }
  if (!artifact_is_coming_) return FieldError("artifact.name", "is missing");
  const ArtifactRow& row = artifacts_.back();
  bytes_ += part.data();
  const auto size = static_cast<int64_t>(bytes_.size());
  if (size < row.size) return absl::OkStatus();
  RETURN_IF_ERROR(Check(size == row.size && Sha256Hex(bytes_) == row.sha256, "artifact",
                        absl::StrCat(row.name, " does not fit its size and checksum")));
  artifact_is_coming_ = false;
  return staged_.Add([uid = staged_.uid(), row, bytes = std::exchange(bytes_, {})](
                         Transaction& transaction) { return transaction.PutArtifact(uid, row, bytes); },
                     size);
}

absl::Status StudyImport::CheckArtifactIsWhole() const {
  if (!artifact_is_coming_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("comes before the end of the artifact ", artifacts_.back().name, " of trial ", trial_.id));
}

absl::Status StudyImport::TakeEnd(const v1::StudyEnd& end) {
  if (end.trials() != trials_) {
    return FieldError("end.trials", absl::StrCat("is ", end.trials(), ", but ", trials_, " trials came"));
  }
  ended_ = true;
  return EndTrial();
}

absl::StatusOr<StudyImport::Imported> StudyImport::Finish() {
  if (!rest_.empty()) RETURN_IF_ERROR(TakeLine(std::exchange(rest_, {})));
  if (!ended_) {
    return FieldError(absl::StrCat("line ", line_ + 1),
                      "is missing: the file ends before the study does; export again");
  }
  StudyRow study;
  study.owner = name_.owner;
  study.display_name = name_.study;
  study.state = header_->study().state();
  study.draining = header_->draining();
  study.paused = header_->paused();
  const bool drains_from_now = header_->draining() && header_->drained_from() == 0;
  study.drained_from = drains_from_now ? header_->next_trial_id() : header_->drained_from();
  study.version = header_->version();
  study.next_trial_id = header_->next_trial_id();
  study.spec = header_->study().study_spec();
  study.inactive_reason = header_->study().inactive_reason();
  study.created = FromTimestamp(header_->study().create_time());
  const Imported imported{name_, staged_.uid(), trials_};
  RETURN_IF_ERROR(staged_.Publish(std::move(study)));
  return imported;
}

}  // namespace photinus
