#include "server/study/study_state.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {

namespace {

void BeginDraining(StudyRow& study) {
  if (!study.draining) study.drained_from = study.next_trial_id;
  study.draining = true;
}

}  // namespace

absl::Status CheckActive(const StudyName& name, const StudyRow& study) {
  if (study.state == pb::Study::ACTIVE) return absl::OkStatus();
  return Error(
      absl::StatusCode::kFailedPrecondition, "STUDY_NOT_ACTIVE",
      absl::StrCat(name.ToString(), " is ", pb::Study::State_Name(study.state),
                   " and takes no changes; continue it with `photinus study resume`, or SetStudyState(ACTIVE)"));
}

absl::Status SetState(pb::Study::State state, StudyRow& study) {
  if (state == pb::Study::STATE_UNSPECIFIED || !pb::Study::State_IsValid(state)) {
    return FieldError("state", "must be ACTIVE, INACTIVE or COMPLETED");
  }
  if (study.state == pb::Study::COMPLETED) BeginDraining(study);
  if (state == pb::Study::COMPLETED) study.draining = study.paused = false;
  study.state = state;
  return absl::OkStatus();
}

absl::Status Drain(const StudyName& name, StudyRow& study) {
  if (study.state == pb::Study::COMPLETED) return absl::OkStatus();
  RETURN_IF_ERROR(CheckActive(name, study));
  BeginDraining(study);
  study.paused = false;
  return absl::OkStatus();
}

absl::Status Pause(const StudyName& name, StudyRow& study) {
  RETURN_IF_ERROR(CheckActive(name, study));
  BeginDraining(study);
  study.paused = true;
  return absl::OkStatus();
}

absl::Status Resume(const StudyName& name, StudyRow& study) {
  RETURN_IF_ERROR(CheckActive(name, study));
  study.draining = study.paused = false;
  return absl::OkStatus();
}

}  // namespace photinus
