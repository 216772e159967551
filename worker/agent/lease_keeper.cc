#include "worker/agent/lease_keeper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace photinus {
namespace {

constexpr absl::Duration kIdleTtl = absl::Seconds(60);
constexpr int kBeatsPerTtl = 4;
constexpr double kJitter = 0.2;
constexpr int kRepeatsPerTtl = 30;
constexpr int kMaxRepeats = 3;
constexpr absl::Duration kShortestTimeout = absl::Milliseconds(50);

}  // namespace

LeaseKeeper::LeaseKeeper(const Clock& clock, uint64_t seed, Identity identity, Beat beat)
    : clock_(clock),
      identity_(std::move(identity)),
      beat_(std::move(beat)),
      next_beat_(clock.Monotonic()),  // the server learns of us at once
      jitter_(seed) {}

LeaseKeeper::~LeaseKeeper() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

int64_t LeaseKeeper::Add(const std::string& trial, const std::string& token, absl::Duration ttl, OnEvent on_event) {
  const MutexLock lock(mutex_);
  const absl::Duration now = clock_.Monotonic();
  leases_[next_handle_] = Lease{trial, token, ttl, now, false, std::move(on_event)};
  next_beat_ = std::min(next_beat_, now + ttl / kBeatsPerTtl);
  changed_ = true;
  wake_.NotifyAll();
  return next_handle_++;
}

void LeaseKeeper::Remove(int64_t handle) {
  const MutexLock lock(mutex_);  // events are given under this lock
  leases_.erase(handle);
}

void LeaseKeeper::Start() { thread_ = std::thread(&LeaseKeeper::Loop, this); }

void LeaseKeeper::Loop() {
  for (;;) {
    const absl::Duration idle = Step();
    const MutexLock lock(mutex_);
    // Waking without need costs one Step.
    if (!changed_ && !stopping_) wake_.WaitFor(mutex_, absl::ToChronoNanoseconds(idle));
    changed_ = false;
    if (stopping_) return;
  }
}

absl::Duration LeaseKeeper::Step() {
  v1::HeartbeatRequest request;
  std::vector<int64_t> handles;
  absl::Duration sent, timeout;
  {
    const MutexLock lock(mutex_);
    sent = clock_.Monotonic();
    FenceExpired(sent);
    if (sent < next_beat_) return std::min(next_beat_, NextFence()) - sent;
    request = MakeRequest(handles);
    // Back in time for the next fence.
    timeout = std::max(std::min(NextFence() - sent, ShortestTtl() / kBeatsPerTtl), kShortestTimeout);
  }
  const auto response = beat_(request, timeout);
  const MutexLock lock(mutex_);
  const absl::Duration now = clock_.Monotonic();
  if (response.ok()) Apply(*response, handles, sent);
  if (!response.ok() && repeats_ == kMaxRepeats) spdlog::warn("heartbeat: {}", response.status().ToString());
  FenceExpired(now);
  ScheduleNext(response.ok(), sent, now);
  return std::max(std::min(next_beat_, NextFence()) - now, absl::ZeroDuration());
}

v1::HeartbeatRequest LeaseKeeper::MakeRequest(std::vector<int64_t>& handles) {
  v1::HeartbeatRequest request;
  request.set_worker(identity_.worker);
  request.set_incarnation(identity_.incarnation);
  request.set_slots(identity_.slots);
  request.set_version(identity_.version);
  for (const auto& [handle, lease] : leases_) {
    if (lease.ended) continue;
    auto& entry = *request.add_leases();
    entry.set_trial(lease.trial);
    entry.set_lease_token(lease.token);
    handles.push_back(handle);
  }
  return request;
}

void LeaseKeeper::Apply(const v1::HeartbeatResponse& response, const std::vector<int64_t>& handles,
                        absl::Duration sent) {
  const size_t answered = std::min(handles.size(), static_cast<size_t>(response.answers_size()));
  for (size_t i = 0; i < answered; ++i) {
    const auto found = leases_.find(handles[i]);
    if (found == leases_.end()) continue;  // removed in the meantime
    Lease& lease = found->second;
    const v1::HeartbeatResponse::Verdict verdict = response.answers(static_cast<int>(i)).verdict();
    switch (verdict) {
      case v1::HeartbeatResponse::LOST:
      case v1::HeartbeatResponse::STUDY_CLOSED:
        lease.ended = true;
        lease.on_event(verdict == v1::HeartbeatResponse::LOST ? LeaseEvent::kLost : LeaseEvent::kStudyClosed);
        break;
      case v1::HeartbeatResponse::STOP:
        lease.renewed = sent;
        lease.on_event(LeaseEvent::kStop);
        break;
      default:
        lease.renewed = sent;
    }
  }
}

void LeaseKeeper::FenceExpired(absl::Duration now) {
  for (auto& [handle, lease] : leases_) {
    if (lease.ended || now < lease.renewed + lease.ttl) continue;
    lease.ended = true;
    lease.on_event(LeaseEvent::kFenced);
  }
}

void LeaseKeeper::ScheduleNext(bool acknowledged, absl::Duration sent, absl::Duration now) {
  const absl::Duration ttl = ShortestTtl();
  if (repeats_ == 0) begun_ = sent;
  const bool urgent = NextFence() - now <= ttl / kBeatsPerTtl;
  if (!acknowledged && (repeats_ < kMaxRepeats || urgent)) {
    ++repeats_;
    next_beat_ = now + ttl / kRepeatsPerTtl;
    return;
  }
  repeats_ = 0;
  const double factor = 1 - kJitter + 2 * kJitter * jitter_.Uniform();
  next_beat_ = begun_ + factor * (ttl / kBeatsPerTtl);
}

absl::Duration LeaseKeeper::ShortestTtl() const {
  absl::Duration ttl = kIdleTtl;
  for (const auto& [handle, lease] : leases_) {
    if (!lease.ended) ttl = std::min(ttl, lease.ttl);
  }
  return ttl;
}

absl::Duration LeaseKeeper::NextFence() const {
  absl::Duration fence = absl::InfiniteDuration();
  for (const auto& [handle, lease] : leases_) {
    if (!lease.ended) fence = std::min(fence, lease.renewed + lease.ttl);
  }
  return fence;
}

}  // namespace photinus
