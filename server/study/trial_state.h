// The state machine of a trial: REQUESTED -> ACTIVE -> (STOPPING ->) SUCCEEDED | INFEASIBLE. Pure functions on a row;
// service.md C10-C20. ACTIVE and STOPPING go back to REQUESTED only by Requeue.
#ifndef PHOTINUS_SERVER_STUDY_TRIAL_STATE_H_
#define PHOTINUS_SERVER_STUDY_TRIAL_STATE_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/names.h"
#include "server/storage/storage.h"
#include "server/study/lease_token.h"

namespace photinus {

inline constexpr char kLostReason[] = "lost";
inline constexpr char kStoppedByPerson[] = "StopTrial was called";  // a stop_reason
// Outcomes of attempts.
inline constexpr char kAttemptLost[] = "lost";        // with its worker; counts as a loss
inline constexpr char kAttemptCrashed[] = "crashed";  // its program died by a foreign signal; counts as a loss
inline constexpr char kAttemptReleased[] = "released";
inline constexpr char kAttemptRestarted[] = "restarted";  // the worker came back as another process
inline constexpr char kAttemptLateResult[] = "late result";

// ACTIVE or STOPPING: somebody evaluates it.
bool IsRunning(pb::Trial::State state);
// SUCCEEDED or INFEASIBLE: it never changes again.
bool IsFinished(pb::Trial::State state);

// Who evaluates a trial. An empty incarnation means a plain Vizier client: no lease, so the trial never expires.
struct TrialHolder {
  std::string client_id;
  std::string incarnation;
};

// REQUESTED -> ACTIVE, or a new trial's first state. Every holder gets an epoch of its own, leased or not, so that no
// older token fits again; and what was decided about the attempt before is forgotten.
void Assign(const TrialHolder& holder, absl::Time now, TrialRow& trial);

// Whether the holder that asks again for its trial is another process than the one that has it. A plain client, which
// names none, never is.
bool IsRestarted(const TrialHolder& holder, const TrialRow& trial);
// Gives the trial to the holder's new process, under the next epoch. What the old one had measured is an attempt that
// ended, and is returned; a trial without a lease merely gets one. A trial whose attempts ended so, or were lost,
// max_attempts times is INFEASIBLE and `lost` instead: it may well be what takes the process down.
std::optional<AttemptRow> TakeOver(const TrialHolder& holder, absl::Time now, int64_t max_attempts, TrialRow& trial);

// FailedPrecondition LEASE_LOST unless `token` (where there is one) is the newest of a trial that is still held.
absl::Status CheckLease(const TrialName& name, const TrialRow& trial, const std::optional<LeaseToken>& token);

struct Completion {
  std::optional<pb::Measurement> final_measurement;  // absent: the last intermediate one
  bool infeasible = false;
  std::string infeasible_reason;

  // Equal for equal requests, whatever the order of the metrics.
  std::string Hash() const;
};

// Whether `token` is the newest that was given out for the trial, whatever its state.
bool HasNewestToken(const TrialRow& trial, const std::optional<LeaseToken>& token);

// Whether the trial was finished by this very completion, sent again under no token or the newest.
bool IsReplay(const Completion& completion, const std::optional<LeaseToken>& token, const TrialRow& trial);

// Whether the trial was requeued, waits for a new holder, and `token` is its last holder's: that one may still complete
// it, after Reclaim.
bool WaitsForItsLastHolder(const TrialRow& trial, const std::optional<LeaseToken>& token);
// Undoes Requeue for the last holder, whose attempt this was: a trial that was stopping still is.
void Reclaim(const AttemptRow& attempt, TrialRow& trial);

// Finishes a running trial. `last` is the last intermediate measurement. A trial that was asked to stop, but whose
// measurements reach the horizon of that decision, counts as one that was not (TOO_LATE). Returns false, and changes
// nothing, on a replay of the completion that finished it. FailedPrecondition: REQUESTED, finished otherwise, nothing
// to complete with, LEASE_LOST.
absl::StatusOr<bool> Complete(const TrialName& name, const Completion& completion,
                              const std::optional<LeaseToken>& token, const std::optional<pb::Measurement>& last,
                              absl::Time now, TrialRow& trial);

// Whether a measurement may be added: false where it is dropped silently (INFEASIBLE). FailedPrecondition: REQUESTED,
// SUCCEEDED, LEASE_LOST.
absl::StatusOr<bool> AcceptsMeasurement(const TrialName& name, const TrialRow& trial,
                                        const std::optional<LeaseToken>& token);

// ACTIVE -> STOPPING for good; nothing happens to STOPPING and finished trials. Returns whether the row changed.
// FailedPrecondition: REQUESTED.
absl::StatusOr<bool> RequestStop(const TrialName& name, std::string_view reason, TrialRow& trial);
// The same by a stopping rule, whose decision is kept.
absl::StatusOr<bool> RequestStop(const TrialName& name, v1::StopDecision decision, TrialRow& trial);

// Ends the attempt of a running trial and returns its record: the trial is REQUESTED again with the next attempt, or
// INFEASIBLE and `lost` after max_attempts losses, or where a person had stopped it: then nobody wants another attempt.
AttemptRow Requeue(std::string_view outcome, absl::Time now, int64_t max_attempts, TrialRow& trial);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_TRIAL_STATE_H_
