#include "server/study/trials.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/measurements.h"
#include "common/base/status_macros.h"
#include "common/study_document/stop_entry.h"
#include "common/study_document/trial_role.h"
#include "server/study/attempts.h"
#include "server/study/budget.h"
#include "server/study/entry_count.h"
#include "server/study/metadata.h"
#include "server/study/replies.h"
#include "server/study/study_state.h"
#include "server/study/timestamps.h"
#include "server/study/trial_size.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

// What can be said of a new trial without its study.
absl::StatusOr<Point> CheckNewTrial(const pb::Trial& trial) {
  auto point = PointFromTrial(trial);
  if (!point.ok()) return InField("trial", point.status());
  RETURN_IF_ERROR(CheckEntryCount("trial.measurements", trial.measurements_size()));
  RETURN_IF_ERROR(InField("trial", CheckMetadata(trial.metadata())));
  RETURN_IF_ERROR(InField("trial", CheckRole(RoleOf(trial))));
  int64_t bytes = 0;
  for (const pb::KeyValue& entry : trial.metadata()) bytes += static_cast<int64_t>(entry.ByteSizeLong());
  if (bytes > kMaxMetadataBytes) return FieldError("trial.metadata", "is larger than 32 MiB");
  for (int i = 0; i < trial.measurements_size(); ++i) {
    RETURN_IF_ERROR(CheckMeasurement(absl::StrCat("trial.measurements[", i, "]"), trial.measurements(i)));
  }
  RETURN_IF_ERROR(CheckMeasurement("trial.final_measurement", trial.final_measurement()));
  return point;
}

TrialRow NewRow(const StudyRow& study, const StudyProblem& problem, const pb::Trial& trial, absl::Time now) {
  TrialRow row;
  row.study_uid = study.uid;
  row.id = study.next_trial_id;
  const bool finished = trial.state() == pb::Trial::SUCCEEDED;
  row.state = finished ? pb::Trial::SUCCEEDED : pb::Trial::REQUESTED;
  row.role = RoleOf(trial);
  *row.body.mutable_parameters() = trial.parameters();
  *row.body.mutable_start_time() = ToTimestamp(now);
  for (const pb::Measurement& measurement : trial.measurements()) {
    row.measurement_bytes += ReplyBytes(problem, measurement);
  }
  for (const pb::KeyValue& entry : trial.metadata()) {
    if (IsStopEntry(entry)) continue;
    row.metadata_bytes += ReplyBytes(MetadataSize{1, static_cast<int64_t>(entry.ByteSizeLong())});
  }
  if (!finished) return row;
  *row.body.mutable_end_time() = ToTimestamp(now);
  if (trial.has_final_measurement()) *row.body.mutable_final_measurement() = trial.final_measurement();
  return row;
}

// The worker that lost the trial reports after all, before anybody else has it: its attempt goes on.
absl::Status ReclaimAttempt(StudyEdit& edit, const LeaseToken& token, TrialRow& trial) {
  ASSIGN_OR_RETURN(std::optional<AttemptRow> attempt, FindAttempt(edit.transaction(), trial, token));
  if (!attempt.has_value()) return absl::OkStatus();
  Reclaim(*attempt, trial);
  attempt->outcome = kAttemptLateResult;
  return edit.transaction().PutAttempt(trial.study_uid, *attempt);
}

absl::StatusOr<std::optional<pb::Measurement>> LastMeasurement(Snapshot& snapshot, const TrialRow& trial,
                                                               int32_t attempt) {
  ASSIGN_OR_RETURN(auto rows, snapshot.LatestMeasurements(trial.study_uid, trial.id, attempt, 1));
  if (rows.empty()) return std::optional<pb::Measurement>();
  return std::optional<pb::Measurement>(std::move(rows[0].body));
}

bool SameLateResult(const AttemptRow& a, const AttemptRow& b) {
  const auto bytes = [](const AttemptRow& row) {
    return row.late_result.has_value() ? std::optional(row.late_result->SerializeAsString()) : std::nullopt;
  };
  return a.late_infeasible == b.late_infeasible && a.late_infeasible_reason == b.late_infeasible_reason &&
         bytes(a) == bytes(b);
}

// Keeps what a worker sent under a stale token: GPU hours are not thrown away.
absl::Status KeepLateResult(StudyEdit& edit, const LeaseToken& token, const Completion& completion,
                            const TrialRow& trial) {
  ASSIGN_OR_RETURN(const std::optional<AttemptRow> attempt, FindAttempt(edit.transaction(), trial, token));
  if (!attempt.has_value()) return absl::OkStatus();
  AttemptRow late = *attempt;
  late.late_result = completion.final_measurement;
  if (!late.late_result.has_value() && !completion.infeasible) {
    ASSIGN_OR_RETURN(late.late_result, LastMeasurement(edit.transaction(), trial, attempt->attempt));
  }
  late.late_infeasible = completion.infeasible;
  late.late_infeasible_reason = completion.infeasible ? completion.infeasible_reason : "";
  if (SameLateResult(late, *attempt)) return absl::OkStatus();
  edit.MarkChanged();
  return edit.transaction().PutAttempt(trial.study_uid, late);
}

absl::StatusOr<TrialRow> InsertTrial(StudyEdit& edit, const pb::Trial& trial, const Point& point) {
  ASSIGN_OR_RETURN(const auto problem, edit.Problem());
  if (edit.study().next_trial_id > kMaxTrialsPerStudy) {
    return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_TRIALS",
                 absl::StrCat(edit.name().ToString(), " has had ", kMaxTrialsPerStudy, " trials; start another study"));
  }
  TrialRow row = NewRow(edit.study(), *problem, trial, edit.now());
  RETURN_IF_ERROR(InField("trial", CheckPoint(problem->space, row, point)));
  RETURN_IF_ERROR(CheckAttemptBytes(edit.TrialNameOf(row.id), row.measurement_bytes));
  ++edit.study().next_trial_id;
  RETURN_IF_ERROR(edit.PutTrial(row));
  for (const pb::Measurement& measurement : trial.measurements()) {
    RETURN_IF_ERROR(edit.transaction().AddMeasurement(row.study_uid, row.id, row.attempt, measurement).status());
  }
  for (const pb::KeyValue& entry : trial.metadata()) {
    if (IsStopEntry(entry)) continue;  // of another trial, that this one is a copy of
    RETURN_IF_ERROR(PutEntry(edit.transaction(), row.study_uid, row.id, entry));
  }
  edit.MarkMaybeUsedUp();
  return row;
}

// The attempt of the last holder of a trial that waits, who may yet complete it; nullopt: there is none.
absl::StatusOr<std::optional<AttemptRow>> AttemptOfLastHolder(StudyEdit& edit, const TrialRow& trial,
                                                              const std::optional<LeaseToken>& token) {
  if (!WaitsForItsLastHolder(trial, token)) return std::optional<AttemptRow>();
  return FindAttempt(edit.transaction(), trial, *token);
}

// To the trial's current attempt, or to one that ended.
absl::Status AppendMeasurement(StudyEdit& edit, const pb::Measurement& measurement, std::optional<AttemptRow> ended,
                               TrialRow& trial) {
  const int32_t attempt = ended.has_value() ? ended->attempt : trial.attempt;
  if (HasPlace(measurement)) {
    ASSIGN_OR_RETURN(const bool known,
                     edit.transaction().HasMeasurement(trial.study_uid, trial.id, attempt, measurement));
    if (known) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const int64_t seq,
                   edit.transaction().AddMeasurement(trial.study_uid, trial.id, attempt, measurement));
  const TrialName name = edit.TrialNameOf(trial.id);
  if (seq > kMaxMeasurementsPerAttempt) {
    return Error(
        absl::StatusCode::kResourceExhausted, "TOO_MANY_MEASUREMENTS",
        absl::StrCat(name.ToString(), " has ", kMaxMeasurementsPerAttempt, " measurements; report less often"));
  }
  ASSIGN_OR_RETURN(const auto problem, edit.Problem());
  int64_t& bytes = ended.has_value() ? ended->measurement_bytes : trial.measurement_bytes;
  bytes += ReplyBytes(*problem, measurement);
  RETURN_IF_ERROR(CheckAttemptBytes(name, bytes));
  if (ended.has_value()) RETURN_IF_ERROR(edit.transaction().PutAttempt(trial.study_uid, *ended));
  return edit.PutTrial(trial);
}

using View = absl::StatusOr<pb::Trial>(Snapshot&, const StudyRow&, const StudyProblem&, const TrialRow&);

absl::StatusOr<pb::Trial> ReadTrial(StudyStore& store, const TrialName& name, View view) {
  pb::Trial trial;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name.study));
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    ASSIGN_OR_RETURN(const auto row, snapshot.GetTrial(study.uid, name.id));
    if (!row.has_value()) return NoSuchTrial(name);
    ASSIGN_OR_RETURN(trial, view(snapshot, study, *problem, *row));
    return absl::OkStatus();
  }));
  return trial;
}

struct Changed {
  TrialRow trial;
  bool before = false;  // the request was served earlier, and only trial.id is known
};

// Changes a trial of an ACTIVE study, once for each request.
absl::StatusOr<Changed> ChangeOnce(StudyStore& store, const StudyName& study, const RequestId& request,
                                   absl::FunctionRef<absl::StatusOr<TrialRow>(StudyEdit&)> change) {
  Changed changed;
  ASSIGN_OR_RETURN(const auto served, store.EditOnce(study, request, [&](StudyEdit& edit) -> absl::StatusOr<int64_t> {
    RETURN_IF_ERROR(CheckActive(study, edit.study()));
    ASSIGN_OR_RETURN(changed.trial, change(edit));
    return changed.trial.id;
  }));
  changed.before = served.before;
  changed.trial.id = served.result;
  return changed;
}

}  // namespace

absl::Status CheckPoint(const SearchSpace& space, const TrialRow& trial, const Point& point) {
  if (IsFinished(trial.state)) return space.ValidateHistory(point);
  if (point.empty() && trial.role == kBaselineRole) return absl::OkStatus();
  return space.Validate(point);
}

absl::StatusOr<pb::Trial> CreateTrial(StudyStore& store, const StudyName& study, const pb::Trial& trial,
                                      const RequestId& request) {
  ASSIGN_OR_RETURN(const Point point, CheckNewTrial(trial));
  ASSIGN_OR_RETURN(const Changed changed,
                   ChangeOnce(store, study, request, [&](StudyEdit& edit) { return InsertTrial(edit, trial, point); }));
  return changed.before ? GetTrial(store, {study, changed.trial.id}) : ReplyTrial(store, study, changed.trial);
}

absl::StatusOr<TrialRow> CreateTrial(StudyEdit& edit, const pb::Trial& trial) {
  ASSIGN_OR_RETURN(const Point point, CheckNewTrial(trial));
  return InsertTrial(edit, trial, point);
}

absl::StatusOr<pb::Trial> GetTrial(StudyStore& store, const TrialName& name) {
  return ReadTrial(store, name, &ViewTrial);
}

absl::StatusOr<pb::Trial> AddMeasurement(StudyStore& store, const TrialName& name, const pb::Measurement& measurement,
                                         const std::optional<LeaseToken>& token, const RequestId& request) {
  RETURN_IF_ERROR(CheckMeasurement("measurement", measurement));
  const auto add_once = [&](StudyEdit& edit) -> absl::StatusOr<TrialRow> {
    ASSIGN_OR_RETURN(TrialRow trial, edit.GetTrial(name.id));
    ASSIGN_OR_RETURN(std::optional<AttemptRow> ended, AttemptOfLastHolder(edit, trial, token));
    if (!ended.has_value()) {
      ASSIGN_OR_RETURN(const bool accepts, AcceptsMeasurement(name, trial, token));
      if (!accepts) return trial;  // silently
    }
    RETURN_IF_ERROR(AppendMeasurement(edit, measurement, std::move(ended), trial));
    return trial;
  };
  ASSIGN_OR_RETURN(const Changed changed, ChangeOnce(store, name.study, request, add_once));
  return changed.before ? ReadTrial(store, name, &ViewLatest) : ReplyLatest(store, name.study, changed.trial);
}

absl::StatusOr<pb::Trial> CompleteTrial(StudyStore& store, const TrialName& name, const Completion& completion,
                                        const std::optional<LeaseToken>& token) {
  RETURN_IF_ERROR(CheckMeasurement("final_measurement", completion.final_measurement.value_or(pb::Measurement())));
  RETURN_IF_ERROR(CheckInfeasibleReason(completion.infeasible_reason));
  TrialRow result;
  absl::Status refused;  // reported only after the late result is on disk
  RETURN_IF_ERROR(store.Edit(name.study, [&](StudyEdit& edit) -> absl::Status {
    refused = absl::OkStatus();
    ASSIGN_OR_RETURN(TrialRow trial, edit.GetTrial(name.id));
    if (!IsReplay(completion, token, trial)) RETURN_IF_ERROR(CheckActive(name.study, edit.study()));
    if (WaitsForItsLastHolder(trial, token)) RETURN_IF_ERROR(ReclaimAttempt(edit, *token, trial));
    std::optional<pb::Measurement> last;
    const bool needed = !completion.final_measurement.has_value() || trial.stop_requested;
    if (needed && !completion.infeasible) {
      ASSIGN_OR_RETURN(last, LastMeasurement(edit.transaction(), trial, trial.attempt));
    }
    const auto changed = Complete(name, completion, token, last, edit.now(), trial);
    if (!changed.ok() && ErrorReason(changed.status()) == "LEASE_LOST") {
      refused = changed.status();
      return KeepLateResult(edit, *token, completion, trial);
    }
    RETURN_IF_ERROR(changed.status());
    if (*changed) {
      RETURN_IF_ERROR(edit.PutTrial(trial));
      edit.MarkMaybeOver();
    }
    result = std::move(trial);
    return absl::OkStatus();
  }));
  RETURN_IF_ERROR(refused);
  return ReplyTrial(store, name.study, result);
}

absl::Status DeleteTrial(StudyStore& store, const TrialName& name, const RequestId& request) {
  return store
      .EditOnce(name.study, request,
                [&](StudyEdit& edit) -> absl::StatusOr<int64_t> {
                  RETURN_IF_ERROR(CheckActive(name.study, edit.study()));
                  RETURN_IF_ERROR(edit.GetTrial(name.id).status());
                  RETURN_IF_ERROR(edit.DeleteTrial(name.id));
                  return 0;
                })
      .status();
}

absl::StatusOr<pb::Trial> StopTrial(StudyStore& store, const TrialName& name, std::string_view reason) {
  TrialRow result;
  RETURN_IF_ERROR(store.Edit(name.study, [&](StudyEdit& edit) -> absl::Status {
    ASSIGN_OR_RETURN(TrialRow trial, edit.GetTrial(name.id));
    const bool stops = trial.state == pb::Trial::STOPPING || IsFinished(trial.state);
    if (!stops) RETURN_IF_ERROR(CheckActive(name.study, edit.study()));
    ASSIGN_OR_RETURN(const bool changed, RequestStop(name, reason, trial));
    if (changed) RETURN_IF_ERROR(edit.PutTrial(trial));
    result = std::move(trial);
    return absl::OkStatus();
  }));
  return ReplyTrial(store, name.study, result);
}

absl::StatusOr<bool> KeepDecision(StudyStore& store, const TrialName& name, const TrialRow& seen,
                                  const std::optional<LeaseToken>& token, const v1::StopDecision& decision) {
  bool same_attempt = false;
  RETURN_IF_ERROR(store.EditActive(name.study, [&](StudyEdit& edit) -> absl::Status {
    ASSIGN_OR_RETURN(TrialRow trial, edit.GetTrial(name.id));
    RETURN_IF_ERROR(CheckLease(name, trial, token));
    // Every holder has an epoch of its own.
    same_attempt = edit.study().uid == seen.study_uid && trial.lease_epoch == seen.lease_epoch;
    if (!same_attempt) return absl::OkStatus();
    if (decision.outcome() != v1::StopDecision::STOPPED) {
      const bool exempt = trial.stop.outcome() == v1::StopDecision::EXEMPT;  // by a check that was quicker
      if (trial.state != pb::Trial::ACTIVE || exempt) return absl::OkStatus();
      trial.stop = decision;
      return edit.PutTrial(trial);
    }
    ASSIGN_OR_RETURN(const bool changed, RequestStop(name, decision, trial));
    return changed ? edit.PutTrial(trial) : absl::OkStatus();
  }));
  return same_attempt;
}

}  // namespace photinus
