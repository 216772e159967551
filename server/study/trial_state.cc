#include "server/study/trial_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/measurements.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "server/study/timestamps.h"

namespace photinus {
namespace {

absl::Status WrongState(const TrialName& name, const TrialRow& trial, std::string_view hint) {
  return Error(absl::StatusCode::kFailedPrecondition, "WRONG_TRIAL_STATE",
               absl::StrCat(name.ToString(), " is ", pb::Trial::State_Name(trial.state), "; ",
                            absl::string_view(hint.data(), hint.size())));
}

absl::Status LeaseLost(const TrialName& name) {
  return Error(absl::StatusCode::kFailedPrecondition, "LEASE_LOST",
               absl::StrCat(name.ToString(),
                            " is no longer leased under this token: the attempt that the token is of has ended"));
}

AttemptRow RecordOf(std::string_view outcome, absl::Time now, const TrialRow& trial) {
  AttemptRow attempt;
  attempt.trial_id = trial.id;
  attempt.attempt = trial.attempt;
  attempt.client_id = trial.client_id;
  attempt.lease_epoch = trial.lease_epoch;
  attempt.outcome = std::string(outcome);
  attempt.ended = now;
  attempt.measurement_bytes = trial.measurement_bytes;
  return attempt;
}

void BeginNextAttempt(TrialRow& trial) {
  ++trial.attempt;
  trial.measurement_bytes = 0;
}

// Whether the latest of the measurements is at `horizon`, which counts steps or, where they have none, seconds. In
// those the final measurement says when the trial ended, which is after what a stopped one still has to do.
bool ReachesHorizon(const pb::Measurement& final, const std::optional<pb::Measurement>& last, double horizon) {
  const pb::Measurement& other = last.has_value() ? *last : final;
  const int64_t step = std::max(final.step_count(), other.step_count());
  const double at = step > 0 ? static_cast<double>(step) : ElapsedSeconds(other);
  return horizon > 0 && at >= horizon;
}

// Ends the trial for want of a worker.
void GiveUp(std::string_view reason, absl::Time now, TrialRow& trial) {
  trial.state = pb::Trial::INFEASIBLE;
  trial.lost = true;
  trial.incarnation.clear();
  trial.body.set_infeasible_reason(std::string(reason));
  *trial.body.mutable_end_time() = ToTimestamp(now);
}

}  // namespace

bool HasNewestToken(const TrialRow& trial, const std::optional<LeaseToken>& token) {
  return token.has_value() && token->study_uid == trial.study_uid && token->trial_id == trial.id &&
         token->epoch == trial.lease_epoch && trial.lease_epoch > 0;
}

bool IsRunning(pb::Trial::State state) { return state == pb::Trial::ACTIVE || state == pb::Trial::STOPPING; }

bool IsFinished(pb::Trial::State state) { return state == pb::Trial::SUCCEEDED || state == pb::Trial::INFEASIBLE; }

void Assign(const TrialHolder& holder, absl::Time now, TrialRow& trial) {
  trial.state = pb::Trial::ACTIVE;
  trial.client_id = holder.client_id;
  trial.incarnation = holder.incarnation;
  trial.stop_requested = false;
  trial.stop_reason.clear();
  trial.stop.Clear();
  ++trial.lease_epoch;
  *trial.body.mutable_start_time() = ToTimestamp(now);
}

bool IsRestarted(const TrialHolder& holder, const TrialRow& trial) {
  return !holder.incarnation.empty() && holder.incarnation != trial.incarnation;
}

std::optional<AttemptRow> TakeOver(const TrialHolder& holder, absl::Time now, int64_t max_attempts, TrialRow& trial) {
  std::optional<AttemptRow> ended;
  if (!trial.incarnation.empty()) {
    ended = RecordOf(kAttemptRestarted, now, trial);
    ++trial.lost_count;
    if (trial.lost_count >= max_attempts) {
      GiveUp(kLostReason, now, trial);
      return ended;
    }
    BeginNextAttempt(trial);
    if (!trial.stop_requested) trial.stop.Clear();  // what the ended attempt had shown is not known of the next one
    *trial.body.mutable_start_time() = ToTimestamp(now);
  }
  trial.incarnation = holder.incarnation;
  ++trial.lease_epoch;
  return ended;
}

absl::Status CheckLease(const TrialName& name, const TrialRow& trial, const std::optional<LeaseToken>& token) {
  if (!token.has_value() || (IsRunning(trial.state) && HasNewestToken(trial, token))) return absl::OkStatus();
  return LeaseLost(name);
}

bool WaitsForItsLastHolder(const TrialRow& trial, const std::optional<LeaseToken>& token) {
  // A requeue keeps the epoch (the next holder raises it), so the last holder's token still fits.
  return trial.state == pb::Trial::REQUESTED && HasNewestToken(trial, token);
}

void Reclaim(const AttemptRow& attempt, TrialRow& trial) {
  trial.state = trial.stop_requested ? pb::Trial::STOPPING : pb::Trial::ACTIVE;
  trial.client_id = attempt.client_id;
  trial.attempt = attempt.attempt;
  trial.measurement_bytes = attempt.measurement_bytes;
}

std::string Completion::Hash() const {
  std::string canonical = absl::StrCat(infeasible ? 1 : 0, "|", infeasible_reason.size(), "|", infeasible_reason, "|");
  if (final_measurement.has_value()) {
    pb::Measurement sorted = *final_measurement;
    std::stable_sort(sorted.mutable_metrics()->begin(), sorted.mutable_metrics()->end(),
                     [](const auto& a, const auto& b) { return a.metric_id() < b.metric_id(); });
    canonical += sorted.SerializeAsString();
  }
  return Sha256Hex(canonical);
}

bool IsReplay(const Completion& completion, const std::optional<LeaseToken>& token, const TrialRow& trial) {
  if (token.has_value() && !HasNewestToken(trial, token)) return false;
  return IsFinished(trial.state) && trial.completion_hash == completion.Hash();
}

absl::StatusOr<bool> Complete(const TrialName& name, const Completion& completion,
                              const std::optional<LeaseToken>& token, const std::optional<pb::Measurement>& last,
                              absl::Time now, TrialRow& trial) {
  if (IsReplay(completion, token, trial)) return false;
  if (IsFinished(trial.state)) {
    if (token.has_value() && (trial.lost || !HasNewestToken(trial, token))) return LeaseLost(name);
    return WrongState(name, trial, "its result cannot change; create a new trial instead");
  }
  RETURN_IF_ERROR(CheckLease(name, trial, token));
  if (!IsRunning(trial.state)) return WrongState(name, trial, "get it with SuggestTrials before completing it");
  if (!completion.final_measurement.has_value() && !completion.infeasible && !last.has_value()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_MEASUREMENT",
                 absl::StrCat(name.ToString(), " has no measurement to complete with; send final_measurement"));
  }
  trial.state = completion.infeasible ? pb::Trial::INFEASIBLE : pb::Trial::SUCCEEDED;
  trial.completion_hash = completion.Hash();
  if (completion.final_measurement.has_value()) {
    *trial.body.mutable_final_measurement() = *completion.final_measurement;
  } else if (!completion.infeasible) {
    *trial.body.mutable_final_measurement() = *last;
  }
  if (completion.infeasible) trial.body.set_infeasible_reason(completion.infeasible_reason);
  const bool full = ReachesHorizon(trial.body.final_measurement(), last, trial.stop.horizon());
  if (trial.stop_requested && !completion.infeasible && full) {
    trial.stop_requested = false;
    trial.stop.set_outcome(v1::StopDecision::TOO_LATE);
  }
  *trial.body.mutable_end_time() = ToTimestamp(now);
  return true;
}

absl::StatusOr<bool> AcceptsMeasurement(const TrialName& name, const TrialRow& trial,
                                        const std::optional<LeaseToken>& token) {
  RETURN_IF_ERROR(CheckLease(name, trial, token));
  if (trial.state == pb::Trial::INFEASIBLE) return false;
  if (!IsRunning(trial.state)) {
    return WrongState(name, trial, "measurements can be added to ACTIVE and STOPPING trials only");
  }
  return true;
}

absl::StatusOr<bool> RequestStop(const TrialName& name, std::string_view reason, TrialRow& trial) {
  v1::StopDecision decision;
  decision.set_reason(std::string(reason));
  return RequestStop(name, std::move(decision), trial);
}

absl::StatusOr<bool> RequestStop(const TrialName& name, v1::StopDecision decision, TrialRow& trial) {
  if (trial.state == pb::Trial::REQUESTED) return WrongState(name, trial, "only a running trial can be stopped");
  if (trial.state != pb::Trial::ACTIVE) return false;
  trial.state = pb::Trial::STOPPING;
  trial.stop_requested = true;
  trial.stop_reason = decision.reason();
  trial.stop = std::move(decision);
  trial.stop.set_outcome(v1::StopDecision::STOPPED);
  return true;
}

AttemptRow Requeue(std::string_view outcome, absl::Time now, int64_t max_attempts, TrialRow& trial) {
  AttemptRow attempt = RecordOf(outcome, now, trial);
  if (outcome == kAttemptLost || outcome == kAttemptCrashed) ++trial.lost_count;
  const bool stopped = trial.stop_requested && trial.stop_reason == kStoppedByPerson;
  if (stopped || trial.lost_count >= max_attempts) {
    GiveUp(stopped ? absl::StrCat("stopped by request, then ", attempt.outcome) : kLostReason, now, trial);
    return attempt;
  }
  trial.incarnation.clear();
  trial.state = pb::Trial::REQUESTED;
  trial.client_id.clear();
  BeginNextAttempt(trial);
  return attempt;
}

}  // namespace photinus
