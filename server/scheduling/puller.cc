#include "server/scheduling/puller.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/scheduling/policy_endpoints.h"
#include "server/study/trial_view.h"
#include "server/study/worker_state.h"

namespace photinus {

struct Puller::Waiter {
  Request request;
  Done done;
  std::atomic<bool> replied = false;
  int64_t changes_seen = 0;    // the count when the current round began
  ActiveStudies::Turn turn;    // of the study that is being asked
  std::set<int64_t> tried;     // uids of the studies that were asked in this round
  bool asked_for_own = false;  // for the trial that the client has already
  bool caught_up = false;      // with the other servers
  bool failed = false;         // a study of this round could not suggest

  void Reply(absl::StatusOr<Pulled> pulled) {
    if (!replied.exchange(true)) done(std::move(pulled));
  }
  bool Gone() const { return replied || (request.cancelled != nullptr && request.cancelled()); }
};

Puller::Puller(StudyStore& store, ActiveStudies& studies, Suggester& suggester, LeaseTable& leases, ThreadPool& pool,
               Timer& timer, RemoteChanges* remote)
    : store_(store),
      studies_(studies),
      suggester_(suggester),
      leases_(leases),
      pool_(pool),
      timer_(timer),
      remote_(remote) {
  subscription_ = store_.changes().Subscribe([this](const StudyChange& change) {
    if (change.deleted) ForgetFailure(change.uid);
    if (change.work) OnChange();
  });
}

void Puller::Pull(Request request, Done done) {
  auto waiter = std::make_shared<Waiter>();
  waiter->request = std::move(request);
  waiter->done = std::move(done);
  if (waiter->request.wait > absl::ZeroDuration()) {
    timer_.After(waiter->request.wait, [this, weak = std::weak_ptr<Waiter>(waiter)] {
      if (const auto late = weak.lock(); late != nullptr) Expire(*late);
    });
  }
  Begin(waiter);
}

void Puller::Expire(Waiter& waiter) {
  bool parked = false;
  {
    const MutexLock lock(mutex_);
    const auto found =
        std::find_if(parked_.begin(), parked_.end(), [&](const auto& other) { return other.get() == &waiter; });
    parked = found != parked_.end();
    if (parked) parked_.erase(found);
  }
  // In the midst of a round nothing is known yet; what the round still finds is the worker's when it asks again.
  waiter.Reply(parked ? Nothing(waiter) : Pulled{});
}

void Puller::Begin(const std::shared_ptr<Waiter>& waiter) {
  {
    const MutexLock lock(mutex_);
    waiter->changes_seen = changes_;
  }
  waiter->tried.clear();
  waiter->failed = false;
  TryNext(waiter);
}

void Puller::TryNext(const std::shared_ptr<Waiter>& waiter) {
  if (waiter->Gone()) return waiter->Reply(Pulled{});
  auto turn = NextTurn(*waiter);
  if (!turn.ok()) return waiter->Reply(turn.status());
  if (*turn == nullptr) {
    const auto caught_up = CatchUp(*waiter);
    if (!caught_up.ok()) return waiter->Reply(caught_up.status());
    return *caught_up ? Begin(waiter) : Park(waiter);
  }
  waiter->turn = *std::move(turn);
  waiter->tried.insert(waiter->turn->uid);
  Suggester::Request request;
  request.study = waiter->turn->name;
  request.claim = {waiter->request.holder, 1};
  request.with_operation = false;
  request.cancelled = [waiter] { return waiter->Gone(); };
  suggester_.Suggest(std::move(request), [this, waiter](absl::StatusOr<Suggested> suggested) {
    OnSuggested(waiter, std::move(suggested));
  });
}

absl::StatusOr<bool> Puller::CatchUp(Waiter& waiter) {
  if (remote_ == nullptr || std::exchange(waiter.caught_up, true)) return false;
  RETURN_IF_ERROR(remote_->Poll());
  waiter.asked_for_own = false;
  return true;
}

absl::StatusOr<ActiveStudies::Turn> Puller::NextTurn(Waiter& waiter) {
  const Request& request = waiter.request;
  if (!std::exchange(waiter.asked_for_own, true)) {
    ASSIGN_OR_RETURN(auto own, studies_.OfClient(request.holder.client_id, request.executors));
    if (own != nullptr) return own;
  }
  return studies_.Next(request.executors, waiter.tried);
}

void Puller::OnSuggested(const std::shared_ptr<Waiter>& waiter, absl::StatusOr<Suggested> suggested) {
  const ActiveStudy study = *std::exchange(waiter->turn, nullptr);
  if (suggested.ok() && !suggested->rows.empty()) return Grant(*waiter, *std::move(suggested));
  if (suggested.ok()) studies_.NoteNothing(study.uid, suggested->study.version);
  // Meanwhile others may have passed the study over, because this pull would take its last trial.
  const bool superseded = ErrorReason(suggested.status()) == kWorkerSuperseded;
  // A policy elsewhere that is away is that study's fault alone.
  const bool away = ErrorReason(suggested.status()) == kPythiaUnavailable;
  const bool over = superseded || (absl::IsUnavailable(suggested.status()) && !away);
  if (over || absl::IsCancelled(suggested.status())) OnChange();
  if (over) return waiter->Reply(suggested.status());
  if (!suggested.ok()) NoteFailure(*waiter, study, suggested.status());
  // On the pool, not here: the stack would grow with every study.
  if (!pool_.Submit([this, waiter] { TryNext(waiter); })) {
    waiter->Reply(absl::UnavailableError("too many pulls at once; try again"));
  }
}

void Puller::NoteFailure(Waiter& waiter, const ActiveStudy& study, const absl::Status& status) {
  // Closed or deleted meanwhile, or nobody waits any more.
  if (absl::IsNotFound(status) || absl::IsCancelled(status) || ErrorReason(status) == "STUDY_NOT_ACTIVE") return;
  waiter.failed = true;
  {
    const MutexLock lock(mutex_);
    const auto [known, fresh] = failed_.emplace(study.uid, study.version);
    if (!fresh && known->second == study.version) return;
    known->second = study.version;
  }
  spdlog::error("{} gives workers nothing: {}", study.name.ToString(), status.ToString());
}

void Puller::ForgetFailure(int64_t study_uid) {
  const MutexLock lock(mutex_);
  failed_.erase(study_uid);
}

void Puller::Grant(Waiter& waiter, Suggested suggested) {
  const TrialRow& row = suggested.rows[0];
  Pulled::Lease lease;
  lease.token = {row.study_uid, row.id, row.lease_epoch};
  lease.attempt = row.attempt;
  leases_.Grant(lease.token);
  const absl::Status status = store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(pb::Study study, ViewStudy(snapshot, suggested.study));
    lease.spec = std::move(*study.mutable_study_spec());
    return absl::OkStatus();
  });
  if (!status.ok()) return waiter.Reply(status);
  lease.trial = std::move(suggested.trials[0]);
  waiter.Reply(Pulled{std::move(lease), false});
}

void Puller::Park(const std::shared_ptr<Waiter>& waiter) {
  bool again = false;
  bool parked = false;
  if (waiter->request.wait > absl::ZeroDuration()) {
    const MutexLock lock(mutex_);
    again = !stopping_ && waiter->changes_seen != changes_;
    parked = !stopping_ && !again;
    if (parked) parked_.push_back(waiter);
  }
  if (parked || (again && pool_.Submit([this, waiter] { Begin(waiter); }))) return;
  waiter->Reply(Nothing(*waiter));
}

// A study where something still runs may yet have work: its trial may be lost, or free a slot. So may one that could
// not suggest.
Pulled Puller::Nothing(const Waiter& waiter) {
  return {std::nullopt, !waiter.failed && studies_.AllIdle(waiter.request.executors)};
}

void Puller::OnChange() {
  {
    const MutexLock lock(mutex_);
    ++changes_;
    if (waking_ || parked_.empty()) return;
    waking_ = true;
  }
  if (pool_.Submit([this] { Wake(); })) return;
  const MutexLock lock(mutex_);
  waking_ = false;
}

void Puller::Wake() {
  std::map<ActiveStudies::Executors, absl::StatusOr<int64_t>> startable;
  {
    const MutexLock lock(mutex_);
    waking_ = false;  // what changes from now on wakes again
    for (const auto& waiter : parked_) startable.emplace(waiter->request.executors, 0);
  }
  for (auto& [executors, trials] : startable) trials = studies_.Startable(executors);
  std::deque<std::shared_ptr<Waiter>> woken;
  {
    const MutexLock lock(mutex_);
    std::deque<std::shared_ptr<Waiter>> parked = std::exchange(parked_, {});
    for (auto& waiter : parked) {
      absl::StatusOr<int64_t>& trials = startable[waiter->request.executors];
      // Those who parked meanwhile looked later than this did.
      const bool wake = waiter->Gone() || !trials.ok() || (*trials)-- > 0;
      (wake ? woken : parked_).push_back(std::move(waiter));
    }
  }
  for (const auto& waiter : woken) Begin(waiter);
}

void Puller::Stop() {
  std::deque<std::shared_ptr<Waiter>> parked;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    parked.swap(parked_);
  }
  for (auto& waiter : parked) waiter->Reply(Nothing(*waiter));
}

}  // namespace photinus
