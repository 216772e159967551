// Workers' own lease keepers against the server's leases, on one clock that the test moves.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "server/api/worker_handlers.h"
#include "server/scheduling/worker_table.h"
#include "server/study/attempts.h"
#include "tests/support/scheduling_fixture.h"
#include "worker/agent/lease_keeper.h"

namespace photinus {
namespace {

using BeatResult = absl::StatusOr<v1::HeartbeatResponse>;

// One daemon, as far as leases go.
struct Worker {
  Worker(const Clock& clock, uint64_t seed, const std::string& name, const LeaseKeeper::Beat& beat)
      : keeper(clock, seed, LeaseKeeper::Identity{name, "incarnation of " + name, "0.1", 1}, beat) {}

  std::vector<LeaseEvent> events;
  LeaseKeeper keeper;
};

class LeaseSimulation : public SchedulingFixture {
 protected:
  LeaseSimulation() { spdlog::set_level(spdlog::level::off); }  // lost beats are worth a line each

  // A worker that holds a trial; `name.0` is its client.
  Worker& AddWorker(const std::string& name) {
    auto worker = std::make_unique<Worker>(
        clock_, workers_.size() + 1, name,
        [this](const v1::HeartbeatRequest& request, absl::Duration) -> BeatResult { return beat_(request); });
    const Pulled pulled = Pull(name + ".0", "incarnation of " + name);
    Worker* const added = worker.get();
    worker->keeper.Add(pulled.lease->trial.name(), pulled.lease->token.ToString(), kTtl,
                       [added](LeaseEvent event) { added->events.push_back(event); });
    workers_.push_back(std::move(worker));
    return *added;
  }

  BeatResult Deliver(const v1::HeartbeatRequest& request) { return HandleHeartbeat(*table_, seen_, request); }

  // Lets time pass: each worker does what is due, and the server looks for lost ones.
  void Run(absl::Duration duration, const std::function<bool(const Worker&)>& is_stopped = nullptr) {
    const absl::Duration end = clock_.Monotonic() + duration;
    std::multimap<absl::Duration, Worker*> due;  // null: the server
    for (const auto& worker : workers_) due.emplace(clock_.Monotonic(), worker.get());
    due.emplace(clock_.Monotonic(), nullptr);
    while (due.begin()->first <= end) {
      const auto [at, worker] = *due.begin();
      due.erase(due.begin());
      clock_.Advance(std::max(at - clock_.Monotonic(), absl::ZeroDuration()));
      if (worker == nullptr) {
        ASSERT_OK(table_->TakeBackExpired());
        due.emplace(clock_.Monotonic() + table_->SweepInterval(), nullptr);
      } else if (is_stopped != nullptr && is_stopped(*worker)) {
        due.emplace(clock_.Monotonic() + absl::Seconds(1), worker);
      } else {
        due.emplace(clock_.Monotonic() + std::max(worker->keeper.Step(), absl::Milliseconds(1)), worker);
      }
    }
    clock_.Advance(end - clock_.Monotonic());
  }

  // Every worker has the trial that it began with, and was told nothing else.
  void ExpectNothingTakenBack() {
    for (size_t i = 0; i < workers_.size(); ++i) {
      const TrialName trial{name_, static_cast<int64_t>(i + 1)};
      EXPECT_TRUE(workers_[i]->events.empty()) << trial.ToString();
      EXPECT_EQ(Get(trial).state(), pb::Trial::ACTIVE) << trial.ToString();
      EXPECT_TRUE(Attempts(trial)->empty()) << trial.ToString();
    }
  }

  std::unique_ptr<LeaseTable> table_ = std::make_unique<LeaseTable>(store_, kTtl);
  WorkerTable seen_{store_.storage(), clock_, kTtl};
  std::function<BeatResult(const v1::HeartbeatRequest&)> beat_ = [this](const auto& request) {
    return Deliver(request);
  };
  std::vector<std::unique_ptr<Worker>> workers_;
};

TEST_F(LeaseSimulation, ThirtyPercentLostBeatsInAnHourTakeNothingBack) {
  constexpr int kWorkers = 200;
  constexpr double kLostOnTheWay = 0.15, kLostOnTheWayBack = 0.15;
  Create(Pullable("kws"));
  Random random(7);
  int beats = 0, lost = 0;
  beat_ = [&](const v1::HeartbeatRequest& request) -> BeatResult {
    ++beats;
    const double luck = random.Uniform();
    const bool is_lost = luck < kLostOnTheWay + kLostOnTheWayBack;
    lost += is_lost ? 1 : 0;
    if (luck < kLostOnTheWay) return absl::UnavailableError("lost on the way");
    BeatResult response = Deliver(request);
    return is_lost ? BeatResult(absl::UnavailableError("lost on the way back")) : response;
  };
  for (int i = 0; i < kWorkers; ++i) AddWorker(absl::StrCat("w", i));
  Run(absl::Hours(1));
  EXPECT_GT(beats, kWorkers * 200);
  EXPECT_NEAR(static_cast<double>(lost) / beats, 0.3, 0.02);
  ExpectNothingTakenBack();
}

TEST_F(LeaseSimulation, ATimeOfDayThatJumpsTakesNothingBack) {
  Create(Pullable("kws"));
  for (int i = 0; i < 3; ++i) AddWorker(absl::StrCat("w", i));
  for (const absl::Duration jump : {absl::Hours(1), -absl::Hours(2), absl::Hours(1)}) {
    clock_.Jump(jump);
    Run(5 * kTtl);
  }
  ExpectNothingTakenBack();
}

TEST_F(LeaseSimulation, AServerThatIsAwayForALittleTakesNothingBack) {
  Create(Pullable("kws"));
  for (int i = 0; i < 20; ++i) AddWorker(absl::StrCat("w", i));
  Run(5 * kTtl);
  table_.reset();
  clock_.Advance(0.6 * kTtl);  // beats that are due meanwhile would only be lost
  table_ = std::make_unique<LeaseTable>(store_, kTtl);
  Run(5 * kTtl);
  ExpectNothingTakenBack();
}

TEST_F(LeaseSimulation, AServerThatWasAwayForLongLeavesEveryWorkerTheTimeToComeBack) {
  Create(Pullable("kws"));
  AddWorker("w");
  table_.reset();
  clock_.Advance(absl::Hours(24));
  table_ = std::make_unique<LeaseTable>(store_, kTtl);
  ASSERT_OK(table_->TakeBackExpired());
  clock_.Advance(kTtl);
  ASSERT_OK(table_->TakeBackExpired());
  EXPECT_EQ(Get({name_, 1}).state(), pb::Trial::ACTIVE);
}

TEST_F(LeaseSimulation, AWorkerThatWasStoppedForTwiceTheLeaseNeverCompletesATrialThatMovedOn) {
  Create(Pullable("kws"));
  Worker& stopped = AddWorker("w");
  Run(3 * kTtl);
  Run(2 * kTtl, [&](const Worker& worker) { return &worker == &stopped; });
  EXPECT_TRUE(stopped.events.empty());
  const Pulled next = Pull("v.0", "another");
  ASSERT_EQ(NameOf(next), "owners/ada/studies/kws/trials/1");
  EXPECT_EQ(next.lease->attempt, 2);

  const TrialName trial{name_, 1};
  const LeaseToken stale{next.lease->token.study_uid, 1, 1};
  constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
  EXPECT_THAT(AddMeasurement(store_, trial, AMeasurement(1, {{"y", 0.1}}), stale), Fails(kRefused, "LEASE_LOST"));
  EXPECT_THAT(CompleteTrial(store_, trial, Result(0.1), stale), Fails(kRefused, "LEASE_LOST"));
  stopped.keeper.Step();
  ASSERT_EQ(stopped.events.size(), 1u);
  EXPECT_EQ(stopped.events[0], LeaseEvent::kFenced);

  EXPECT_OK(CompleteTrial(store_, trial, Result(0.9), next.lease->token));
  EXPECT_THAT(CompleteTrial(store_, trial, Result(0.1), stale), Fails(kRefused, "LEASE_LOST"));
  EXPECT_EQ(Get(trial).final_measurement().metrics(0).value(), 0.9);
  const auto attempts = Attempts(trial);
  ASSERT_OK(attempts);
  ASSERT_EQ(attempts->size(), 1u);
  ASSERT_TRUE((*attempts)[0].row.late_result.has_value()) << "its hours are not thrown away";
  EXPECT_EQ((*attempts)[0].row.late_result->metrics(0).value(), 0.1);
}

}  // namespace
}  // namespace photinus
