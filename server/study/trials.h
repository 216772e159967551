// What can be done with single trials; each function is one step of service.md C16-C23.
#ifndef PHOTINUS_SERVER_STUDY_TRIALS_H_
#define PHOTINUS_SERVER_STUDY_TRIALS_H_

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "server/study/lease_token.h"
#include "server/study/study_store.h"
#include "server/study/trial_state.h"

namespace photinus {

// Trials are returned as they are after the change (replies.h). A request that was served before changes nothing. All
// give NotFound for a study or trial that is not there, and all that change something FailedPrecondition for a study
// that is not ACTIVE.

// InvalidArgument unless a trial of this point may be in a study of this space: what is to run must be in the space,
// but for a baseline, which is a network of its own and needs no place there; history may be out of range.
absl::Status CheckPoint(const SearchSpace& space, const TrialRow& trial, const Point& point);

// Adds a trial of the caller's own: SUCCEEDED as history, anything else as REQUESTED. InvalidArgument: parameters, more
// than kMaxEntriesPerRequest measurements, one of more than kMaxMeasurementBytes. ResourceExhausted: too many trials,
// too large measurements (trial_size.h).
absl::StatusOr<pb::Trial> CreateTrial(StudyStore& store, const StudyName& study, const pb::Trial& trial,
                                      const RequestId& request = {});
// The same inside a transaction, of an ACTIVE study.
absl::StatusOr<TrialRow> CreateTrial(StudyEdit& edit, const pb::Trial& trial);

absl::StatusOr<pb::Trial> GetTrial(StudyStore& store, const TrialName& name);

// Returns the trial as ViewLatest does. FailedPrecondition, ResourceExhausted (too many or too large measurements),
// InvalidArgument (larger than kMaxMeasurementBytes). An exact duplicate with a step or an elapsed time changes
// nothing.
inline constexpr int64_t kMaxMeasurementsPerAttempt = 100'000;
absl::StatusOr<pb::Trial> AddMeasurement(StudyStore& store, const TrialName& name, const pb::Measurement& measurement,
                                         const std::optional<LeaseToken>& token, const RequestId& request = {});

// InvalidArgument: the result is larger than trial_size.h says. FailedPrecondition; LEASE_LOST keeps the result with
// the attempt that the token belongs to. A replay is answered whatever the study's state: the completion may have been
// the study's last.
absl::StatusOr<pb::Trial> CompleteTrial(StudyStore& store, const TrialName& name, const Completion& completion,
                                        const std::optional<LeaseToken>& token);

absl::Status DeleteTrial(StudyStore& store, const TrialName& name, const RequestId& request = {});

// FailedPrecondition: REQUESTED. A trial that stops or is finished is answered whatever the study's state: the call may
// be a repetition.
absl::StatusOr<pb::Trial> StopTrial(StudyStore& store, const TrialName& name, std::string_view reason);

// Keeps with the attempt that was `seen` before what the stopping rule decided about it, and stops it if that is the
// outcome; whether it did. False where the trial has another holder by now. FailedPrecondition: REQUESTED, LEASE_LOST.
absl::StatusOr<bool> KeepDecision(StudyStore& store, const TrialName& name, const TrialRow& seen,
                                  const std::optional<LeaseToken>& token, const v1::StopDecision& decision);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_TRIALS_H_
