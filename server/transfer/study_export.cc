#include "server/transfer/study_export.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/artifact_limits.h"
#include "common/base/status_macros.h"
#include "server/study/timestamps.h"
#include "server/study/trial_view.h"
#include "server/transfer/record_line.h"

namespace photinus {
namespace {

constexpr size_t kPieceBytes = 1 << 20;           // what Next aims at
constexpr int64_t kLineBytes = int64_t{1} << 20;  // of lists, serialized; the rest goes to further lines

// Keeps of `list` what fits into `room`, and appends the rest to `more`: further lines, each with the list that
// `list_of(continuation)` names.
template <typename Item, typename ListOf>
void Split(google::protobuf::RepeatedPtrField<Item>& list, int64_t& room, std::string& more, ListOf list_of) {
  int kept = 0;
  for (; kept < list.size() && room > 0; ++kept) room -= static_cast<int64_t>(list[kept].ByteSizeLong());
  for (int next = kept; next < list.size();) {
    v1::StudyRecord record;
    int64_t bytes = 0;
    for (; next < list.size() && bytes < kLineBytes; ++next) {
      bytes += static_cast<int64_t>(list[next].ByteSizeLong());
      *list_of(*record.mutable_more()).Add() = std::move(list[next]);
    }
    more += RecordLine(record);
  }
  list.DeleteSubrange(kept, list.size() - kept);
}

void SplitMetadata(google::protobuf::RepeatedPtrField<pb::KeyValue>& list, int64_t& room, std::string& more) {
  Split(
      list, room, more, [](v1::Continuation & line) -> auto& { return *line.mutable_metadata(); });
}

void SplitMeasurements(google::protobuf::RepeatedPtrField<pb::Measurement>& list, int32_t attempt, int64_t& room,
                       std::string& more) {
  Split(
      list, room, more, [attempt](v1::Continuation & line) -> auto& {
        line.set_attempt(attempt);
        return *line.mutable_measurements();
      });
}

void AddTrialLines(v1::TrialRecord& trial, std::string& text) {
  std::string more;
  int64_t room = kLineBytes;
  SplitMetadata(*trial.mutable_trial()->mutable_metadata(), room, more);
  SplitMeasurements(*trial.mutable_trial()->mutable_measurements(), trial.attempt(), room, more);
  for (v1::Attempt& attempt : *trial.mutable_attempts()) {
    SplitMeasurements(*attempt.mutable_measurements(), attempt.attempt(), room, more);
  }
  v1::StudyRecord record;
  *record.mutable_trial() = std::move(trial);
  absl::StrAppend(&text, RecordLine(record), more);
}

v1::TrialRecord ToRecord(const StudyName& study, TrialRow row) {
  v1::TrialRecord record;
  *record.mutable_trial() = ViewTrialRow(study, row);
  record.mutable_trial()->clear_name();  // of this study, under its present name
  record.set_attempt(row.attempt);
  record.set_lease_epoch(row.lease_epoch);
  record.set_incarnation(row.incarnation);
  record.set_version(row.mod_version);
  record.set_completion_hash(row.completion_hash);
  record.set_stop_requested(row.stop_requested);
  record.set_stop_reason(row.stop_reason);
  record.set_lost_count(row.lost_count);
  record.set_lost(row.lost);
  record.set_role(row.role);
  if (row.stop.outcome() != v1::StopDecision::OUTCOME_UNSPECIFIED) *record.mutable_stop_decision() = row.stop;
  return record;
}

// The earlier attempts. What was measured in one that goes on (a late worker reclaimed it) stands with the trial.
absl::Status AddAttempts(Snapshot& snapshot, const TrialRow& row, v1::TrialRecord& record) {
  ASSIGN_OR_RETURN(auto attempts, snapshot.ListAttempts(row.study_uid, row.id));
  for (AttemptRow& attempt : attempts) {
    v1::Attempt& added = *record.add_attempts();
    added.set_attempt(attempt.attempt);
    added.set_client_id(attempt.client_id);
    added.set_lease_epoch(attempt.lease_epoch);
    added.set_outcome(attempt.outcome);
    *added.mutable_end_time() = ToTimestamp(attempt.ended);
    if (attempt.late_result.has_value()) *added.mutable_late_result() = *std::move(attempt.late_result);
    added.set_late_infeasible(attempt.late_infeasible);
    added.set_late_infeasible_reason(attempt.late_infeasible_reason);
    added.set_cause(attempt.cause);
    if (attempt.attempt == row.attempt) continue;
    ASSIGN_OR_RETURN(auto measurements, snapshot.ListAttemptMeasurements(row.study_uid, row.id, attempt.attempt));
    for (MeasurementRow& measurement : measurements) *added.add_measurements() = std::move(measurement.body);
  }
  return absl::OkStatus();
}

// `rows`, with all that belongs to them, by ascending id.
absl::StatusOr<std::vector<v1::TrialRecord>> ReadRecords(Snapshot& snapshot, const StudyName& study,
                                                         const std::vector<TrialRow>& rows) {
  std::vector<v1::TrialRecord> records;
  if (rows.empty()) return records;
  std::unordered_map<int64_t, size_t> places;
  for (const TrialRow& row : rows) {
    places[row.id] = records.size();
    records.push_back(ToRecord(study, row));
    RETURN_IF_ERROR(AddAttempts(snapshot, row, records.back()));
  }
  const int64_t uid = rows.front().study_uid;
  ASSIGN_OR_RETURN(auto measurements, snapshot.ListMeasurements(uid, rows.front().id, rows.back().id));
  for (MeasurementRow& row : measurements) {
    *records[places.at(row.trial_id)].mutable_trial()->add_measurements() = std::move(row.body);
  }
  ASSIGN_OR_RETURN(auto explanations, snapshot.ListExplanations(uid, rows.front().id, rows.back().id));
  for (ExplanationRow& row : explanations) {
    *records[places.at(row.trial_id)].mutable_explanation() = std::move(row.body);
  }
  ASSIGN_OR_RETURN(auto metadata, snapshot.ListMetadata(uid, rows.front().id, rows.back().id));
  for (MetadataRow& row : metadata) {
    *records[places.at(row.trial_id)].mutable_trial()->add_metadata() = std::move(row.entry);
  }
  return records;
}

}  // namespace

absl::StatusOr<std::string> StudyExport::Next() {
  std::string text;
  while (stage_ != Stage::kOver && text.size() < kPieceBytes) {
    if (stage_ == Stage::kHeader) {
      RETURN_IF_ERROR(AddHeader(text));
    } else if (!waiting_.empty()) {
      RETURN_IF_ERROR(AddArtifactPart(text));
    } else {
      RETURN_IF_ERROR(AddTrialOrEnd(text));
    }
  }
  return text;
}

absl::Status StudyExport::AddHeader(std::string& text) {
  v1::StudyRecord record;
  v1::StudyHeader& header = *record.mutable_study();
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    header.Clear();
    ASSIGN_OR_RETURN(const StudyRow study, store_.Find(snapshot, name_));
    uid_ = study.uid;
    version_ = study.version;
    next_trial_id_ = study.next_trial_id;
    ASSIGN_OR_RETURN(*header.mutable_study(), ViewStudy(snapshot, study));
    header.mutable_study()->clear_name();
    ASSIGN_OR_RETURN(const TrialCounts counts, snapshot.CountTrials(study.uid));
    total_ = counts.requested + counts.active + counts.stopping + counts.succeeded + counts.infeasible;
    ASSIGN_OR_RETURN(auto states, snapshot.ListAlgorithmStates(study.uid));
    for (AlgorithmStateRow& state : states) {
      v1::AlgorithmState& added = *header.add_algorithm_states();
      added.set_kind(std::move(state.kind));
      added.set_state(std::move(state.state));
    }
    header.set_draining(study.draining);
    header.set_paused(study.paused);
    header.set_drained_from(study.drained_from);
    return absl::OkStatus();
  }));
  batches_.emplace(uid_, 0, next_trial_id_ - 1);
  header.set_format(kExportFormat);
  header.set_written_by(absl::StrCat("photinus-server ", PHOTINUS_VERSION));
  header.set_version(version_);
  header.set_next_trial_id(next_trial_id_);
  header.set_trials(total_);
  std::string more;
  int64_t room = kLineBytes;
  SplitMetadata(*header.mutable_study()->mutable_study_spec()->mutable_metadata(), room, more);
  absl::StrAppend(&text, RecordLine(record), more);
  stage_ = Stage::kTrials;
  return absl::OkStatus();
}

absl::StatusOr<StudyRow> StudyExport::SameStudy(Snapshot& snapshot) {
  ASSIGN_OR_RETURN(const auto study, snapshot.GetStudy(uid_));
  if (study.has_value() && study->owner == name_.owner && study->display_name == name_.study) return *study;
  return absl::AbortedError(absl::StrCat(name_.ToString(), " was deleted while it was exported"));
}

absl::Status StudyExport::ReadTrials() {
  trials_.clear();
  next_ = 0;
  return store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    RETURN_IF_ERROR(SameStudy(snapshot).status());
    ASSIGN_OR_RETURN(const std::vector<TrialRow> rows, batches_->Next(snapshot));
    ASSIGN_OR_RETURN(trials_, ReadRecords(snapshot, name_, rows));
    return absl::OkStatus();
  });
}

absl::Status StudyExport::AddTrialOrEnd(std::string& text) {
  if (next_ == trials_.size()) RETURN_IF_ERROR(ReadTrials());
  if (trials_.empty()) return AddEnd(text);
  v1::TrialRecord& trial = trials_[next_++];
  ASSIGN_OR_RETURN(const int64_t id, ParseTrialId(trial.trial().id()));
  AddTrialLines(trial, text);
  ++written_;
  if (!artifacts_) return absl::OkStatus();
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    RETURN_IF_ERROR(SameStudy(snapshot).status());
    ASSIGN_OR_RETURN(waiting_, snapshot.ListArtifacts(uid_, id));
    return absl::OkStatus();
  }));
  for (ArtifactRow& artifact : waiting_) artifact.trial_id = id;
  std::reverse(waiting_.begin(), waiting_.end());
  return absl::OkStatus();
}

absl::Status StudyExport::AddArtifactPart(std::string& text) {
  const ArtifactRow& artifact = waiting_.back();
  v1::StudyRecord record;
  v1::ArtifactRecord& part = *record.mutable_artifact();
  if (sent_ == 0) {
    part.set_name(artifact.name);
    part.set_size(artifact.size);
    part.set_sha256(artifact.sha256);
  }
  const int64_t length = std::min(kArtifactChunkBytes, artifact.size - sent_);
  const absl::Status status = store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    RETURN_IF_ERROR(SameStudy(snapshot).status());
    ASSIGN_OR_RETURN(*part.mutable_data(),
                     snapshot.ReadArtifact(uid_, artifact.trial_id, artifact.name, sent_, length));
    return absl::OkStatus();
  });
  bool replaced = absl::IsNotFound(status);
  if (!replaced) RETURN_IF_ERROR(status);
  sha256_.Update(part.data());
  sent_ += static_cast<int64_t>(part.data().size());
  replaced = replaced || static_cast<int64_t>(part.data().size()) != length;
  if (!replaced && sent_ == artifact.size) replaced = std::exchange(sha256_, Sha256()).HexDigest() != artifact.sha256;
  if (replaced) {
    return absl::AbortedError(absl::StrCat(TrialName{name_, artifact.trial_id}.ToString(), " or its artifact ",
                                           artifact.name, " was replaced while it was exported; export again"));
  }
  text += RecordLine(record);
  if (sent_ == artifact.size) {
    waiting_.pop_back();
    sent_ = 0;
  }
  return absl::OkStatus();
}

absl::Status StudyExport::AddEnd(std::string& text) {
  v1::StudyRecord record;
  record.mutable_end()->set_trials(written_);
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, SameStudy(snapshot));
    changed_ = study.version != version_;
    return absl::OkStatus();
  }));
  record.mutable_end()->set_changed(changed_);
  text += RecordLine(record);
  stage_ = Stage::kOver;
  return absl::OkStatus();
}

}  // namespace photinus
