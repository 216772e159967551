#include "server/study/attempts.h"

#include <string_view>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/study_state.h"
#include "server/study/trial_state.h"

namespace photinus {
namespace {

constexpr size_t kMaxCauseBytes = 1024;

absl::Status EndAttempt(StudyEdit& edit, std::string_view outcome, std::string_view why, TrialRow& trial) {
  ASSIGN_OR_RETURN(const auto problem, edit.Problem());
  AttemptRow attempt = Requeue(outcome, edit.now(), problem->max_attempts(), trial);
  attempt.cause = Shortened(why, kMaxCauseBytes);
  RETURN_IF_ERROR(edit.transaction().PutAttempt(trial.study_uid, attempt));
  edit.MarkMaybeOver();
  return edit.PutTrial(trial);
}

}  // namespace

absl::StatusOr<bool> LoseTrial(StudyStore& store, const TrialName& name, const LeaseToken& token) {
  bool lost = false;
  RETURN_IF_ERROR(store.EditActive(name.study, [&](StudyEdit& edit) -> absl::Status {
    lost = false;
    auto trial = edit.GetTrial(name.id);
    if (absl::IsNotFound(trial.status())) return absl::OkStatus();
    RETURN_IF_ERROR(trial.status());
    if (!CheckLease(name, *trial, token).ok()) return absl::OkStatus();
    lost = true;
    return EndAttempt(edit, kAttemptLost, /*why=*/"", *trial);
  }));
  return lost;
}

absl::Status ReleaseTrial(StudyStore& store, const TrialName& name, const LeaseToken& token, ReleaseCause cause,
                          std::string_view why) {
  const std::string_view outcome = cause == ReleaseCause::kCrashed ? kAttemptCrashed : kAttemptReleased;
  return store.Edit(name.study, [&](StudyEdit& edit) -> absl::Status {
    ASSIGN_OR_RETURN(TrialRow trial, edit.GetTrial(name.id));
    ASSIGN_OR_RETURN(const auto before, FindAttempt(edit.transaction(), trial, token));
    if (before.has_value() && before->outcome == outcome) return absl::OkStatus();
    RETURN_IF_ERROR(CheckActive(name.study, edit.study()));
    RETURN_IF_ERROR(CheckLease(name, trial, token));
    return EndAttempt(edit, outcome, why, trial);
  });
}

absl::StatusOr<std::optional<AttemptRow>> FindAttempt(Snapshot& snapshot, const TrialRow& trial,
                                                      const LeaseToken& token) {
  // Epochs are equal in many trials.
  if (token.study_uid != trial.study_uid || token.trial_id != trial.id) return std::optional<AttemptRow>();
  ASSIGN_OR_RETURN(std::vector<AttemptRow> attempts, snapshot.ListAttempts(trial.study_uid, trial.id));
  for (AttemptRow& attempt : attempts) {
    if (attempt.lease_epoch == token.epoch) return std::optional<AttemptRow>(std::move(attempt));
  }
  return std::optional<AttemptRow>();
}

absl::StatusOr<std::vector<AttemptView>> ListAttempts(StudyStore& store, const TrialName& name) {
  std::vector<AttemptView> views;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    views.clear();
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name.study));
    ASSIGN_OR_RETURN(const auto trial, snapshot.GetTrial(study.uid, name.id));
    if (!trial.has_value()) return NoSuchTrial(name);
    ASSIGN_OR_RETURN(auto attempts, snapshot.ListAttempts(study.uid, name.id));
    for (AttemptRow& attempt : attempts) {
      AttemptView view;
      ASSIGN_OR_RETURN(auto rows, snapshot.ListAttemptMeasurements(study.uid, name.id, attempt.attempt));
      for (MeasurementRow& row : rows) view.measurements.push_back(std::move(row.body));
      view.row = std::move(attempt);
      views.push_back(std::move(view));
    }
    return absl::OkStatus();
  }));
  return views;
}

}  // namespace photinus
