#include "tests/support/sample_study.h"

#include <google/protobuf/unknown_field_set.h>

#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

constexpr char kDocument[] = R"({"seed": 7, "budget": {"trials": 50}})";
constexpr char kBinary[] = "\0\x01\xff";

pb::KeyValue Entry(const std::string& ns, const std::string& key, const std::string& value) {
  pb::KeyValue entry;
  entry.set_ns(ns);
  entry.set_key(key);
  entry.set_value(value);
  return entry;
}

TrialRow ATrialRow(int64_t uid, int64_t id, pb::Trial::State state) {
  TrialRow row;
  row.study_uid = uid;
  row.id = id;
  row.state = state;
  row.mod_version = id;
  row.body = ATrial({{"x", 0.1 * static_cast<double>(id)}});
  row.body.mutable_start_time()->set_seconds(1'700'000'000 + id);
  row.body.mutable_start_time()->set_nanos(123'456'789);
  return row;
}

absl::Status PutTrials(Transaction& t, int64_t uid) {
  TrialRow waiting = ATrialRow(uid, 1, pb::Trial::REQUESTED);
  waiting.attempt = 2;
  waiting.lease_epoch = 3;
  waiting.lost_count = 1;
  RETURN_IF_ERROR(t.PutTrial(waiting));
  AttemptRow lost{1, 1, "w1.0", 3, "lost", absl::FromUnixMicros(1'700'000'000'123'456), AMeasurement(9, {{"y", 1}})};
  RETURN_IF_ERROR(t.PutAttempt(uid, lost));
  for (int step = 1; step <= 3; ++step) {
    RETURN_IF_ERROR(t.AddMeasurement(uid, 1, 1, AMeasurement(step, {{"y", 0.1 * step}})).status());
  }
  TrialRow running = ATrialRow(uid, 2, pb::Trial::STOPPING);
  running.client_id = "w2.0";
  running.incarnation = "process";
  running.lease_epoch = 1;
  running.stop_requested = true;
  running.stop_reason = "median";
  RETURN_IF_ERROR(t.PutTrial(running));
  RETURN_IF_ERROR(t.AddMeasurement(uid, 2, 1, AMeasurement(1, {{"y", std::nan("")}, {"z", -0.0}})).status());
  TrialRow done = ATrialRow(uid, 4, pb::Trial::SUCCEEDED);  // 3 was deleted
  done.client_id = "w2.1";
  done.completion_hash = "abc";
  *done.body.mutable_final_measurement() =
      AMeasurement(7, {{"y", 1.0 / 3}, {"z", std::numeric_limits<double>::infinity()}});
  done.body.mutable_end_time()->set_seconds(1'700'000'100);
  RETURN_IF_ERROR(t.PutTrial(done));
  RETURN_IF_ERROR(t.PutMetadata(uid, 4, Entry("", "note", "two\nlines, \"quoted\" and \xE2\x82\xAC")));
  pb::KeyValue unknown = Entry("other", "any", "");
  unknown.mutable_proto()->set_type_url("type.googleapis.com/nobody.Knows");
  unknown.mutable_proto()->set_value(std::string(kBinary, 3));
  RETURN_IF_ERROR(t.PutMetadata(uid, 4, unknown));
  TrialRow gone = ATrialRow(uid, 5, pb::Trial::INFEASIBLE);
  gone.lost = true;
  gone.lost_count = 3;
  gone.body.set_infeasible_reason("lost");
  RETURN_IF_ERROR(t.PutTrial(gone));
  return t.PutAttempt(uid, {5, 1, "w3.0", 2, "lost", absl::FromUnixSeconds(1'700'000'200), std::nullopt});
}

OperationRow AnOperation(int64_t uid) {
  OperationRow operation;
  operation.study_uid = uid;
  operation.client_id = "w2.0";
  operation.number = 3;
  operation.count = 2;
  operation.done = true;
  operation.created = absl::FromUnixMicros(1'700'000'000'000'001);
  operation.finished = absl::FromUnixMicros(1'700'000'001'000'002);
  operation.trial_ids = {2, 4};
  operation.error_code = 9;
  operation.error_message = "over";
  return operation;
}

StudyRow AStudyRow(bool with_unknown_field) {
  StudyRow study;
  study.owner = "ada";
  study.display_name = "kws";
  study.state = pb::Study::ACTIVE;
  study.draining = study.paused = true;
  study.version = 17;
  study.next_trial_id = 9;  // of 1, 2, 4, 5 and some that were deleted
  study.drained_from = 9;
  study.inactive_reason = "none";
  study.spec = AStudy("").WithFloat("x").WithObjective("y").Study().study_spec();
  if (with_unknown_field) {
    study.spec.GetReflection()->MutableUnknownFields(&study.spec)->AddLengthDelimited(77)->assign("from the future");
  }
  study.created = absl::FromUnixMicros(1'690'000'000'000'001);
  return study;
}

absl::Status Append(Snapshot& s, const TrialRow& trial, std::string& all) {
  absl::StrAppend(&all, trial.id, " ", trial.state, " ", trial.client_id, " ", trial.attempt, " ", trial.lease_epoch,
                  " ", trial.incarnation, " ", trial.mod_version, " ", trial.completion_hash, " ");
  absl::StrAppend(&all, trial.stop_requested, trial.stop_reason, " ", trial.lost_count, trial.lost, " ",
                  trial.body.SerializeAsString(), " ", trial.stop.SerializeAsString(), "\n");
  for (int32_t attempt = 1; attempt <= trial.attempt; ++attempt) {
    ASSIGN_OR_RETURN(const auto measurements, s.ListAttemptMeasurements(trial.study_uid, trial.id, attempt));
    for (const auto& row : measurements) {
      absl::StrAppend(&all, row.attempt, " ", row.seq, " ", row.body.SerializeAsString(), "\n");
    }
  }
  ASSIGN_OR_RETURN(const auto attempts, s.ListAttempts(trial.study_uid, trial.id));
  for (const auto& row : attempts) {
    absl::StrAppend(&all, row.attempt, " ", row.client_id, " ", row.lease_epoch, " ", row.outcome, " ",
                    absl::ToUnixMicros(row.ended), " ",
                    row.late_result.has_value() ? row.late_result->SerializeAsString() : "none", " ",
                    row.late_infeasible, row.late_infeasible_reason, " ", row.cause, "\n");
  }
  ASSIGN_OR_RETURN(const auto explanations, s.ListExplanations(trial.study_uid, trial.id, trial.id));
  for (const auto& row : explanations) absl::StrAppend(&all, row.body.SerializeAsString(), "\n");
  ASSIGN_OR_RETURN(const auto artifacts, s.ListArtifacts(trial.study_uid, trial.id));
  for (const auto& row : artifacts) {
    ASSIGN_OR_RETURN(const std::string bytes, s.ReadArtifact(trial.study_uid, trial.id, row.name, 0, row.size));
    absl::StrAppend(&all, row.name, " ", row.size, " ", row.sha256, " ", Sha256Hex(bytes), "\n");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> PutSampleStudy(Transaction& t, bool with_unknown_field) {
  RETURN_IF_ERROR(t.EnsureOwner("ada"));
  ASSIGN_OR_RETURN(const int64_t uid, t.InsertStudy(AStudyRow(with_unknown_field)));
  RETURN_IF_ERROR(t.PutMetadata(uid, 0, Entry("mine", "z", "first")));
  RETURN_IF_ERROR(t.PutMetadata(uid, 0, Entry("photinus", "study", kDocument)));
  RETURN_IF_ERROR(t.PutMetadata(uid, 0, Entry("mine", "a", "last")));
  RETURN_IF_ERROR(t.PutAlgorithmState(uid, "SOBOL", std::string(kBinary, 3)));
  RETURN_IF_ERROR(PutTrials(t, uid));
  RETURN_IF_ERROR(PutArtifact(t, uid, 4, "empty", ""));
  RETURN_IF_ERROR(PutArtifact(t, uid, 4, "curve.json", "[1, 2, 3]"));
  RETURN_IF_ERROR(t.PutOperation(AnOperation(uid)));
  RETURN_IF_ERROR(t.PutSetting("key", "secret"));
  return uid;
}

absl::Status PutArtifact(Transaction& t, int64_t uid, int64_t trial, const std::string& name,
                         const std::string& bytes) {
  return t.PutArtifact(uid, {trial, name, Sha256Hex(bytes), static_cast<int64_t>(bytes.size())}, bytes);
}

absl::StatusOr<std::string> DescribeStudy(Snapshot& s, int64_t uid) {
  ASSIGN_OR_RETURN(const auto study, s.GetStudy(uid));
  if (!study.has_value()) return absl::NotFoundError("no such study");
  std::string all = absl::StrCat(study->state, study->draining, study->paused, " ", study->version, " ",
                                 study->next_trial_id, " ", study->drained_from, " ", study->inactive_reason, " ",
                                 absl::ToUnixMicros(study->created), " ", study->spec.SerializeAsString(), "\n");
  ASSIGN_OR_RETURN(const TrialCounts counts, s.CountTrials(uid));
  absl::StrAppend(&all, counts.requested, " ", counts.active, " ", counts.stopping, " ", counts.succeeded, " ",
                  counts.infeasible, " ", counts.stopped_early, "\n");
  ASSIGN_OR_RETURN(const auto states, s.ListAlgorithmStates(uid));
  for (const auto& state : states) absl::StrAppend(&all, state.kind, "=", state.state, "\n");
  ASSIGN_OR_RETURN(const auto metadata, s.ListMetadata(uid, 0, std::numeric_limits<int64_t>::max()));
  for (const auto& row : metadata) {
    ASSIGN_OR_RETURN(const MetadataSize size, s.GetMetadataSize(uid, row.trial_id));
    absl::StrAppend(&all, row.trial_id, " of ", size.entries, " ", size.bytes, " ", row.entry.SerializeAsString(),
                    "\n");
  }
  ASSIGN_OR_RETURN(const auto trials, s.ListTrials(uid, {}));
  for (const TrialRow& trial : trials) RETURN_IF_ERROR(Append(s, trial, all));
  return all;
}

}  // namespace photinus
