#include "worker/agent/measurement_reporter.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/base/clock.h"

namespace photinus {
namespace {

constexpr absl::Duration kPerMeasurement = absl::Milliseconds(1000 / MeasurementReporter::kMaxPerSecond);
constexpr int kBurst = 400;  // measurements that may be sent at once after a pause

}  // namespace

MeasurementReporter::MeasurementReporter(ServerClients& clients, std::string trial, std::string lease_token,
                                         Cancellation& cancellation, Events events)
    : clients_(clients),
      trial_(std::move(trial)),
      lease_token_(std::move(lease_token)),
      cancellation_(cancellation),
      events_(std::move(events)),
      thread_(&MeasurementReporter::Loop, this) {}

MeasurementReporter::~MeasurementReporter() { Finish(absl::ZeroDuration()); }

void MeasurementReporter::Add(pb::Measurement measurement) {
  const MutexLock lock(mutex_);
  if (lost_) return;
  queue_.push_back(std::move(measurement));
  changed_.NotifyAll();
}

bool MeasurementReporter::HasRoom() {
  const MutexLock lock(mutex_);
  return queue_.size() < kCapacity;
}

std::vector<pb::Measurement> MeasurementReporter::Finish(absl::Duration patience) {
  {
    const MutexLock lock(mutex_);
    finishing_ = true;
    changed_.NotifyAll();
    const absl::Duration deadline = SystemClock().Monotonic() + patience;
    while (!ended_) {
      const absl::Duration rest = deadline - SystemClock().Monotonic();
      if (rest <= absl::ZeroDuration()) break;
      changed_.WaitFor(mutex_, absl::ToChronoNanoseconds(rest));
    }
  }
  cancellation_.Cancel();
  if (thread_.joinable()) thread_.join();
  const MutexLock lock(mutex_);
  return {queue_.begin(), queue_.end()};
}

void MeasurementReporter::Loop() {
  Sent sent = Sent::kDone;
  while (sent == Sent::kDone) {
    pb::Measurement next;
    {
      const MutexLock lock(mutex_);
      while (queue_.empty() && !finishing_) changed_.Wait(mutex_);
      if (queue_.empty()) break;
      next = queue_.front();  // stays there until it is sent
    }
    sent = AwaitTurn() ? Send(next) : Sent::kCancelled;
    const MutexLock lock(mutex_);
    if (sent == Sent::kDone) queue_.pop_front();
    if (sent == Sent::kLost) queue_.clear();
    lost_ = sent == Sent::kLost;
    if (queue_.size() == kCapacity - 1 || lost_) events_.on_room();
  }
  const MutexLock lock(mutex_);
  ended_ = true;
  changed_.NotifyAll();
}

bool MeasurementReporter::AwaitTurn() {
  const absl::Time now = absl::Now();
  budget_full_at_ = std::max(budget_full_at_, now) + kPerMeasurement;
  const absl::Duration debt = budget_full_at_ - now - kBurst * kPerMeasurement;
  return !cancellation_.WaitFor(std::max(debt, absl::ZeroDuration()));
}

MeasurementReporter::Sent MeasurementReporter::Send(const pb::Measurement& measurement) {
  pb::AddTrialMeasurementRequest request;
  request.set_trial_name(trial_);
  *request.mutable_measurement() = measurement;
  const absl::Status status = UntilAnswered(cancellation_, [&] {
    return clients_.vizier.AddTrialMeasurement(request, TrialCall(lease_token_, cancellation_)).status();
  });
  if (status.ok()) {
    CheckStop();
    return Sent::kDone;
  }
  if (absl::IsCancelled(status)) return Sent::kCancelled;
  if (absl::IsFailedPrecondition(status) || absl::IsNotFound(status)) {
    spdlog::warn("{}: {}", trial_, status.ToString());
    events_.on_lost();
    return Sent::kLost;
  }
  if (!std::exchange(dropped_, true)) {
    spdlog::error("{}: the measurement of step {} is dropped, as later ones may be: {}", trial_,
                  measurement.step_count(), status.ToString());
  }
  return Sent::kDone;
}

void MeasurementReporter::CheckStop() {
  pb::CheckTrialEarlyStoppingStateRequest request;
  request.set_trial_name(trial_);
  const auto should_stop =
      clients_.vizier.CheckTrialEarlyStoppingState(request, TrialCall(lease_token_, cancellation_));
  if (should_stop.ok() && *should_stop) events_.on_stop();
  // An error is no decision; the next measurement or heartbeat asks again.
}

}  // namespace photinus
