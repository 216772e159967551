#include "server/api/worker_handlers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "server/study/attempts.h"
#include "server/study/timestamps.h"
#include "server/study/worker_state.h"

namespace photinus {
namespace {

constexpr int kMaxWaitSeconds = 60;
constexpr int kMaxExecutors = 64;
constexpr size_t kMaxVersionBytes = 256;

absl::Status CheckExecutors(const v1::PullTrialRequest& request) {
  if (request.executors_size() == 0) return FieldError("executors", "is empty; name what the worker can run");
  if (request.executors_size() > kMaxExecutors) {
    return FieldError(
        "executors", absl::StrCat("has ", request.executors_size(), " names; at most ", kMaxExecutors, " are allowed"));
  }
  for (int i = 0; i < request.executors_size(); ++i) {
    RETURN_IF_ERROR(ValidateId(absl::StrCat("executors[", i, "]"), request.executors(i)));
  }
  return absl::OkStatus();
}

absl::Status CheckHeartbeat(const v1::HeartbeatRequest& request) {
  RETURN_IF_ERROR(ValidateId("worker", request.worker()));
  if (!request.incarnation().empty()) RETURN_IF_ERROR(ValidateId("incarnation", request.incarnation()));
  if (request.slots() < 0) return FieldError("slots", "must not be negative");
  if (request.version().size() > kMaxVersionBytes) {
    return FieldError("version", absl::StrCat("has ", request.version().size(), " bytes; at most ", kMaxVersionBytes,
                                              " are allowed"));
  }
  return absl::OkStatus();
}

absl::StatusOr<LeaseTable::Held> ParseHeld(const v1::HeartbeatRequest::Lease& lease) {
  ASSIGN_OR_RETURN(TrialName trial, ParseField<TrialName>("trial", lease.trial()));
  ASSIGN_OR_RETURN(const LeaseToken token, LeaseToken::Parse(lease.lease_token()));
  return LeaseTable::Held{std::move(trial), token};
}

absl::StatusOr<Puller::Request> ParsePull(const v1::PullTrialRequest& request) {
  RETURN_IF_ERROR(ValidateId("worker", request.worker()));
  RETURN_IF_ERROR(ValidateId("client_id", request.client_id()));
  if (WorkerOf(request.client_id()) != request.worker()) {
    return FieldError("client_id", "must be the worker's name, a dot and the slot");
  }
  RETURN_IF_ERROR(ValidateId("incarnation", request.incarnation()));
  RETURN_IF_ERROR(CheckExecutors(request));
  if (request.wait_seconds() < 0) return FieldError("wait_seconds", "must not be negative");
  Puller::Request pull;
  pull.holder = {request.client_id(), request.incarnation()};
  pull.executors.insert(request.executors().begin(), request.executors().end());
  pull.wait = absl::Seconds(std::min(request.wait_seconds(), kMaxWaitSeconds));
  return pull;
}

v1::PullTrialResponse ToResponse(Pulled pulled, absl::Duration ttl) {
  v1::PullTrialResponse response;
  response.set_all_idle(pulled.all_idle);
  if (!pulled.lease.has_value()) return response;
  *response.mutable_trial() = std::move(pulled.lease->trial);
  *response.mutable_study_spec() = std::move(pulled.lease->spec);
  response.set_lease_token(pulled.lease->token.ToString());
  *response.mutable_lease_ttl() = ToProtoDuration(ttl);
  response.set_attempt(pulled.lease->attempt);
  return response;
}

v1::HeartbeatResponse::Verdict ToProto(LeaseVerdict verdict) {
  switch (verdict) {
    case LeaseVerdict::kOk:
      return v1::HeartbeatResponse::OK;
    case LeaseVerdict::kStop:
      return v1::HeartbeatResponse::STOP;
    case LeaseVerdict::kLost:
      return v1::HeartbeatResponse::LOST;
    case LeaseVerdict::kStudyClosed:
      return v1::HeartbeatResponse::STUDY_CLOSED;
  }
  return v1::HeartbeatResponse::VERDICT_UNSPECIFIED;
}

}  // namespace

void HandlePullTrial(Puller& puller, LeaseTable& leases, WorkerTable& workers, const v1::PullTrialRequest& request,
                     const CallContext& context, std::function<void(absl::StatusOr<v1::PullTrialResponse>)> done) {
  auto pull = ParsePull(request);
  if (!pull.ok()) return done(pull.status());
  if (const absl::Status seen = workers.Seen(request.worker(), request.incarnation(), 0, ""); !seen.ok()) {
    return done(seen);
  }
  pull->cancelled = context.cancelled;
  puller.Pull(*std::move(pull), [ttl = leases.ttl(), done = std::move(done)](absl::StatusOr<Pulled> pulled) {
    if (!pulled.ok()) return done(pulled.status());
    done(ToResponse(*std::move(pulled), ttl));
  });
}

absl::StatusOr<v1::HeartbeatResponse> HandleHeartbeat(LeaseTable& leases, WorkerTable& workers,
                                                      const v1::HeartbeatRequest& request) {
  RETURN_IF_ERROR(CheckHeartbeat(request));
  std::vector<LeaseTable::Held> held;
  for (int i = 0; i < request.leases_size(); ++i) {
    auto lease = ParseHeld(request.leases(i));
    if (!lease.ok()) return InField(absl::StrCat("leases[", i, "]"), lease.status());
    held.push_back(*std::move(lease));
  }
  if (request.leaving()) {
    RETURN_IF_ERROR(workers.Left(request.worker(), request.incarnation()));
    return v1::HeartbeatResponse();
  }
  RETURN_IF_ERROR(workers.Seen(request.worker(), request.incarnation(), request.slots(), request.version()));
  ASSIGN_OR_RETURN(const auto verdicts, leases.Renew(held));
  v1::HeartbeatResponse response;
  for (size_t i = 0; i < verdicts.size(); ++i) {
    auto& answer = *response.add_answers();
    answer.set_trial(request.leases(static_cast<int>(i)).trial());
    answer.set_verdict(ToProto(verdicts[i]));
  }
  return response;
}

absl::StatusOr<v1::ReleaseResponse> HandleRelease(StudyStore& store, const v1::ReleaseRequest& request) {
  ASSIGN_OR_RETURN(const TrialName trial, ParseField<TrialName>("trial", request.trial()));
  ASSIGN_OR_RETURN(const LeaseToken token, LeaseToken::Parse(request.lease_token()));
  RETURN_IF_ERROR(ReleaseTrial(store, trial, token,
                               request.crashed() ? ReleaseCause::kCrashed : ReleaseCause::kGivenBack, request.cause()));
  return v1::ReleaseResponse();
}

absl::StatusOr<v1::ListWorkersResponse> HandleListWorkers(LeaseTable& leases, WorkerTable& workers) {
  ASSIGN_OR_RETURN(auto trials, leases.TrialsByWorker());
  v1::ListWorkersResponse response;
  ASSIGN_OR_RETURN(const std::vector<WorkerInfo> infos, workers.List());
  for (const WorkerInfo& info : infos) {
    auto& worker = *response.add_workers();
    worker.set_name(info.name);
    worker.set_slots(info.slots);
    worker.set_version(info.version);
    worker.set_alive(info.alive);
    *worker.mutable_last_seen() = ToTimestamp(info.last_seen);
    for (const TrialName& trial : trials[info.name]) worker.add_trials(trial.ToString());
  }
  return response;
}

}  // namespace photinus
