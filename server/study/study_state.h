// The state machine of a study: ACTIVE <-> INACTIVE <-> COMPLETED, with draining and paused beside it. Pure functions
// on a row; service.md C22.
#ifndef PHOTINUS_SERVER_STUDY_STUDY_STATE_H_
#define PHOTINUS_SERVER_STUDY_STUDY_STATE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "server/storage/storage.h"

namespace photinus {

// FailedPrecondition unless ACTIVE: all other studies are immutable.
absl::Status CheckActive(const StudyName& name, const StudyRow& study);

// What SetStudyState does. A study that was COMPLETED and becomes ACTIVE again stays drained until Resume: only
// trials that are made by hand from then on run.
// InvalidArgument: STATE_UNSPECIFIED or an unknown number.
absl::Status SetState(pb::Study::State state, StudyRow& study);

// No new suggestions; running trials may finish, and what is made by hand meanwhile, then the study is COMPLETED.
// Nothing happens to a COMPLETED study. FailedPrecondition: INACTIVE.
absl::Status Drain(const StudyName& name, StudyRow& study);
// No new suggestions until resumed. FailedPrecondition: not ACTIVE.
absl::Status Pause(const StudyName& name, StudyRow& study);
// Undoes Drain and Pause. FailedPrecondition: not ACTIVE.
absl::Status Resume(const StudyName& name, StudyRow& study);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_STUDY_STATE_H_
