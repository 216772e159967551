#include "worker/agent/slot.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/backoff.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "worker/agent/artifact_upload.h"
#include "worker/agent/checkpoint_dirs.h"
#include "worker/agent/log_tail.h"
#include "worker/agent/result_delivery.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxCause = 1 << 10;
constexpr absl::Duration kPullMargin = absl::Seconds(10);  // for the answer, after the server's own wait
constexpr absl::Duration kLongestAway = absl::Seconds(2);  // between pulls: a server that is back should be found soon
constexpr absl::Duration kLeastBetweenPulls = absl::Seconds(1);  // should a server answer "nothing" at once

bool IsHopeless(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsUnimplemented(status) || absl::IsPermissionDenied(status) ||
         absl::IsUnauthenticated(status) || IsSuperseded(status);
}

// A fresh folder.
absl::StatusOr<std::string> MakeWorkDir(const std::string& trials_dir, const Assignment& assignment) {
  const fs::path path =
      fs::path(trials_dir) / absl::StrCat(FolderNameOf(assignment.name), ".", assignment.attempt, "-", SecureHex(4));
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return absl::UnavailableError(absl::StrCat(path.string(), " cannot be made: ", error.message()));
  return path.string();
}

void RemoveWorkDir(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) spdlog::warn("{} cannot be removed: {}", path, error.message());
}

}  // namespace

Slot::Slot(SlotSettings settings, std::vector<std::unique_ptr<Executor>> executors, ServerClients& clients,
           LeaseKeeper& leases, const Spool& spool, const ProcessGuard& guard, std::function<void(bool)> on_idle)
    : settings_(std::move(settings)),
      executors_(std::move(executors)),
      clients_(clients),
      leases_(leases),
      spool_(spool),
      guard_(guard),
      on_idle_(std::move(on_idle)),
      checkpoints_(settings_.data_dir) {}

absl::Status Slot::Run(Cancellation& stopping, Cancellation& giving_up) {
  Backoff backoff = MakeBackoff(kFirstBackoff, kLongestAway);
  Backoff pauses = MakeBackoff(settings_.first_pause, kLongestPause);
  bool away = false;
  while (!stopping.cancelled()) {
    const absl::Time asked = absl::Now();
    const auto response = Pull(stopping);
    if (absl::IsCancelled(response.status())) break;
    if (!response.ok()) {
      if (IsHopeless(response.status())) return response.status();
      if (!away) spdlog::warn("{}: no trials for now: {}", settings_.client_id, response.status().ToString());
      away = true;
      stopping.WaitFor(backoff.Next());
      continue;
    }
    if (away) spdlog::info("{}: the server is back", settings_.client_id);
    away = false;
    backoff.Reset();
    on_idle_(!response->has_trial() && response->all_idle());
    if (!response->has_trial()) {
      stopping.WaitFor(kLeastBetweenPulls - (absl::Now() - asked));
    } else if (RunTrial(*response, stopping, giving_up)) {
      pauses.Reset();
    } else {
      stopping.WaitFor(pauses.Next());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::PullTrialResponse> Slot::Pull(Cancellation& stopping) {
  v1::PullTrialRequest request;
  request.set_worker(settings_.worker);
  request.set_client_id(settings_.client_id);
  request.set_incarnation(clients_.incarnation);
  request.set_wait_seconds(settings_.pull_seconds);
  request.set_device(settings_.device);
  for (const auto& executor : executors_) request.add_executors(executor->name());
  CallOptions options;
  options.timeout = absl::Seconds(settings_.pull_seconds) + kPullMargin;
  options.cancellation = &stopping;
  return clients_.worker.PullTrial(request, options);
}

bool Slot::RunTrial(const v1::PullTrialResponse& response, Cancellation& stopping, Cancellation& giving_up) {
  const auto assignment = Assignment::FromResponse(response);
  absl::StatusOr<std::string> work_dir = assignment.ok() ? MakeWorkDir(settings_.trials_dir, *assignment)
                                                         : absl::StatusOr<std::string>(assignment.status());
  if (!work_dir.ok()) {
    spdlog::error("{}: {} cannot run here: {}", settings_.client_id, response.trial().name(),
                  work_dir.status().ToString());
    Release(response.trial().name(), response.lease_token(), /*crashed=*/false, work_dir.status().ToString(),
            giving_up);
    return false;
  }
  checkpoints_.RemoveAbandoned(absl::Now());
  const CheckpointDir kept = checkpoints_.Open(assignment->name, assignment->lease_token, assignment->attempt);
  const TrialPlace place{settings_.device_in_child, settings_.data_dir, *work_dir,        settings_.threads,
                         settings_.energy,          kept.path,          settings_.monitor};
  spdlog::info("{}: {} attempt {} starts", settings_.client_id, response.trial().name(), assignment->attempt);
  return RunLeased(*assignment, place, stopping, giving_up).kind != TrialEnd::Kind::kCannotRun;
}

TrialEnd Slot::RunLeased(const Assignment& assignment, const TrialPlace& place, Cancellation& stopping,
                         Cancellation& giving_up) {
  const std::string trial = assignment.name.ToString();
  TrialRun run(assignment, place, settings_.run, clients_, guard_);
  const int64_t lease = leases_.Add(trial, assignment.lease_token, assignment.lease_ttl,
                                    [&run](LeaseEvent event) { run.OnLeaseEvent(event); });
  TrialEnd end;
  if (const Executor* executor = FindExecutor(assignment.document.trial->executor); executor != nullptr) {
    {
      const MutexLock lock(mutex_);
      running_ = &run;
    }
    if (stopping.cancelled()) run.HandBack();  // HandBack may have found nothing to hand back
    const Cancellation::Registration kill(&giving_up, [&run] { run.Kill(); });
    end = run.Run(*executor);
    const MutexLock lock(mutex_);
    running_ = nullptr;
  } else {
    end = TrialEnd{TrialEnd::Kind::kCannotRun, {}, "this worker has no executor of that name"};
  }
  const bool warns = end.warns || end.kind == TrialEnd::Kind::kCannotRun;
  spdlog::log(warns ? spdlog::level::warn : spdlog::level::info, "{}: {} attempt {}: {}{}", settings_.client_id, trial,
              assignment.attempt, end.note, end.kind == TrialEnd::Kind::kFinished ? ", not delivered yet" : "");
  HandOver(end, assignment, giving_up);
  leases_.Remove(lease);
  if (end.kind != TrialEnd::Kind::kFinished) RemoveWorkDir(place.work_dir);  // else DeliverFromSpool did, or will
  return end;
}

void Slot::HandOver(const TrialEnd& end, const Assignment& assignment, Cancellation& giving_up) {
  const std::string trial = assignment.name.ToString();
  switch (end.kind) {
    case TrialEnd::Kind::kFinished:
      // On disk before the first try: a daemon killed in the middle delivers it at its next start.
      if (const absl::Status saved = spool_.Save(end.result); !saved.ok()) {
        spdlog::error("{}: the result is not on disk: {}", trial, saved.ToString());
      }
      // Of a refused result the trial may be another attempt's, which goes on from this folder.
      if (DeliverFromSpool(clients_, spool_, settings_.late_dir, end.result, giving_up) == Delivery::kAccepted) {
        checkpoints_.Remove(assignment.name, assignment.lease_token);
      }
      return;
    case TrialEnd::Kind::kCrashed:
    case TrialEnd::Kind::kCannotRun: {  // the log tells people why; an error means that the release fails as well
      UploadArtifacts(clients_, trial, assignment.lease_token, end.result.artifacts, giving_up).IgnoreError();
      const bool counts = end.kind == TrialEnd::Kind::kCrashed || assignment.attempt >= kFreeAttempts;
      return Release(trial, assignment.lease_token, counts, end.note, giving_up);
    }
    case TrialEnd::Kind::kHandedBack:
    case TrialEnd::Kind::kFenced:
      return Release(trial, assignment.lease_token, /*crashed=*/false, end.note, giving_up);
    case TrialEnd::Kind::kLost:
      return;
  }
}

void Slot::Release(const std::string& trial, const std::string& lease_token, bool crashed, std::string_view cause,
                   Cancellation& giving_up) {
  v1::ReleaseRequest request;
  request.set_trial(trial);
  request.set_lease_token(lease_token);
  request.set_crashed(crashed);
  request.set_cause(ValidUtf8(cause.substr(0, kMaxCause)));
  const absl::Status status =
      UntilAnswered(giving_up, [&] { return clients_.worker.Release(request, TrialCall(lease_token, giving_up)); });
  // Refused: it was somebody else's already. Not answered: it will be when its lease runs out.
  if (!status.ok()) spdlog::info("{}: not given back: {}", trial, status.ToString());
}

void Slot::HandBack() {
  const MutexLock lock(mutex_);
  if (running_ != nullptr) running_->HandBack();
}

const Executor* Slot::FindExecutor(const std::string& name) const {
  for (const auto& executor : executors_) {
    if (executor->name() == name) return executor.get();
  }
  return nullptr;
}

}  // namespace photinus
