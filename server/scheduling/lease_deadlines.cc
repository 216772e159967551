#include "server/scheduling/lease_deadlines.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "server/storage/shared_storage.h"

namespace photinus {
namespace {

// Shared time that passed unobserved for longer than this does not count: a quarter of a worker's time to live, so that
// what a clock was set by and still counts does not use up the half by which leases outlive it.
constexpr int kGapsPerGrace = 4;
constexpr absl::Duration kShortestGap = absl::Seconds(1);

using Key = std::pair<int64_t, int64_t>;  // study uid, trial id

Key KeyOf(const LeaseToken& token) { return {token.study_uid, token.trial_id}; }

// In memory, for the only server of a storage.
class LocalLeaseDeadlines final : public LeaseDeadlines {
 public:
  LocalLeaseDeadlines(Storage& storage, const Clock& clock, absl::Duration lifetime)
      : storage_(storage), clock_(clock), lifetime_(lifetime) {}

  void Renew(const LeaseToken& token) override {
    const MutexLock lock(mutex_);
    Deadline& deadline = deadlines_[KeyOf(token)];
    if (token.epoch >= deadline.epoch) deadline = {token.epoch, clock_.Monotonic() + lifetime_};
  }

  absl::StatusOr<std::vector<LeaseRow>> Expired() override {
    std::vector<LeaseRow> held;
    RETURN_IF_ERROR(storage_.Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(held, snapshot.ListLeases(std::nullopt));
      return absl::OkStatus();
    }));
    const absl::Duration now = clock_.Monotonic();
    std::vector<LeaseRow> expired;
    std::map<Key, Deadline> kept;
    const MutexLock lock(mutex_);
    for (LeaseRow& lease : held) {
      Deadline deadline{lease.epoch, now + lifetime_};
      const auto known = deadlines_.find({lease.study_uid, lease.trial_id});
      if (known != deadlines_.end() && known->second.epoch >= lease.epoch) deadline = known->second;
      kept.emplace(Key(lease.study_uid, lease.trial_id), deadline);
      if (deadline.epoch == lease.epoch && deadline.expires <= now) expired.push_back(std::move(lease));
    }
    deadlines_ = std::move(kept);
    return expired;
  }

 private:
  struct Deadline {
    int64_t epoch = 0;
    absl::Duration expires;  // on the monotonic clock
  };

  Storage& storage_;
  const Clock& clock_;
  const absl::Duration lifetime_;

  Mutex mutex_;
  std::map<Key, Deadline> deadlines_ ABSL_GUARDED_BY(mutex_);
};

// In the storage that several servers share. What was heard since the last look goes there with the next.
class SharedLeaseDeadlines final : public LeaseDeadlines {
 public:
  SharedLeaseDeadlines(SharedStorage& storage, const Clock& clock, absl::Duration lifetime, absl::Duration grace)
      : storage_(storage), clock_(clock), times_{lifetime, std::max(grace / kGapsPerGrace, kShortestGap), grace} {}

  void Renew(const LeaseToken& token) override {
    const MutexLock lock(mutex_);
    Note({token.epoch, clock_.Monotonic()}, KeyOf(token));
  }

  absl::StatusOr<std::vector<LeaseRow>> Expired() override {
    std::map<Key, Heard> heard;
    {
      const MutexLock lock(mutex_);
      heard.swap(heard_);
    }
    std::vector<LeaseBeat> beats;
    beats.reserve(heard.size());
    const absl::Duration now = clock_.Monotonic();
    for (const auto& [key, last] : heard) beats.push_back({key.first, key.second, last.epoch, now - last.at});
    auto expired = storage_.SweepLeases(beats, times_);
    if (!expired.ok()) {
      const MutexLock lock(mutex_);
      for (const auto& [key, last] : heard) Note(last, key);
    }
    return expired;
  }

 private:
  struct Heard {
    int64_t epoch = 0;
    absl::Duration at;  // on the monotonic clock
  };

  void Note(const Heard& heard, const Key& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Heard& last = heard_[key];
    if (std::tie(heard.epoch, heard.at) > std::tie(last.epoch, last.at)) last = heard;
  }

  SharedStorage& storage_;
  const Clock& clock_;
  const SharedStorage::LeaseTimes times_;

  Mutex mutex_;
  std::map<Key, Heard> heard_ ABSL_GUARDED_BY(mutex_);  // what storage does not know yet
};

}  // namespace

std::unique_ptr<LeaseDeadlines> MakeLeaseDeadlines(Storage& storage, const Clock& clock, absl::Duration lifetime,
                                                   absl::Duration grace) {
  if (storage.shared() != nullptr) {
    return std::make_unique<SharedLeaseDeadlines>(*storage.shared(), clock, lifetime, grace);
  }
  return std::make_unique<LocalLeaseDeadlines>(storage, clock, lifetime);
}

}  // namespace photinus
