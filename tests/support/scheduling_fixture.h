// StudyFixture with what schedules on it.
#ifndef PHOTINUS_TESTS_SUPPORT_SCHEDULING_FIXTURE_H_
#define PHOTINUS_TESTS_SUPPORT_SCHEDULING_FIXTURE_H_

#include <future>
#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "server/scheduling/lease_table.h"
#include "server/scheduling/problem_check.h"
#include "server/scheduling/puller.h"
#include "server/scheduling/suggester.h"
#include "server/scheduling/thread_pool.h"
#include "tests/support/study_fixture.h"

namespace photinus {

constexpr int kPoolThreads = 2;  // of each pool of the fixture

// A pool all of whose threads are busy and whose queue is full, until Open.
class FullPool {
 public:
  explicit FullPool(ThreadPool& pool) {
    const auto busy = std::make_shared<std::latch>(kPoolThreads);
    const std::shared_future<void> gate(open_.get_future());
    for (int i = 0; i < kPoolThreads; ++i) {
      EXPECT_TRUE(pool.Submit([busy, gate] {
        busy->count_down();
        gate.wait();
      }));
    }
    busy->wait();
    while (pool.Submit([] {})) {
    }
  }
  void Open() { open_.set_value(); }

 private:
  std::promise<void> open_;
};

inline constexpr absl::Duration kTtl = absl::Seconds(60);

class SchedulingFixture : public StudyFixture {
 protected:
  // Nothing is computed ahead, so that tests see what they ask for and nothing else.
  SchedulingFixture() : StudyFixture(&CheckAlgorithmAndRule) { ahead_.Stop(); }
  ~SchedulingFixture() override {
    suggester_.Stop();
    puller_.Stop();
    pool_.Stop();
    compute_.Stop();
  }

  absl::StatusOr<Suggested> Suggest(const std::string& client, int64_t count = 1) {
    std::promise<absl::StatusOr<Suggested>> promise;
    Suggester::Request request;
    request.study = name_;
    request.claim = {{client, ""}, count};
    suggester_.Suggest(std::move(request),
                       [&](absl::StatusOr<Suggested> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }
  std::vector<int64_t> SuggestIds(const std::string& client, int64_t count = 1) {
    std::vector<int64_t> ids;
    const auto suggested = Suggest(client, count);
    EXPECT_OK(suggested);
    if (suggested.ok()) {
      for (const TrialRow& row : suggested->rows) ids.push_back(row.id);
    }
    return ids;
  }

  std::future<absl::StatusOr<Pulled>> StartPull(const std::string& client, absl::Duration wait = absl::ZeroDuration(),
                                                const std::string& incarnation = "i",
                                                const std::string& executor = "command") {
    auto promise = std::make_shared<std::promise<absl::StatusOr<Pulled>>>();
    auto future = promise->get_future();
    Puller::Request request;
    request.holder = {client, incarnation};
    request.executors = {executor};
    request.wait = wait;
    puller_.Pull(std::move(request),
                 [promise](absl::StatusOr<Pulled> pulled) { promise->set_value(std::move(pulled)); });
    return future;
  }
  Pulled Pull(const std::string& client, const std::string& incarnation = "i") {
    auto pulled = StartPull(client, absl::ZeroDuration(), incarnation).get();
    EXPECT_OK(pulled);
    return pulled.ok() ? *std::move(pulled) : Pulled();
  }
  // The trial's resource name, or "" for none.
  static std::string NameOf(const Pulled& pulled) { return pulled.lease.has_value() ? pulled.lease->trial.name() : ""; }

  // A study that workers may pull from; `rest` is more of the study document, beginning with a comma.
  static AStudy Pullable(const std::string& name, const std::string& rest = "") {
    return AStudy(name).WithFloat("x").WithObjective("y").WithDocument(
        R"({"trial": {"executor": "command", "argv": ["true"]})" + rest + "}");
  }

  FakeTimer timer_{clock_};
  ThreadPool compute_{kPoolThreads, 100};
  ThreadPool pool_{kPoolThreads, 100};
  ThreadPool ahead_{1, 100};
  Suggester suggester_{store_, compute_, {ahead_, ahead_}, timer_};
  LeaseTable leases_{store_, kTtl};
  ActiveStudies active_{store_};
  Puller puller_{store_, active_, suggester_, leases_, pool_, timer_, nullptr};
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_SCHEDULING_FIXTURE_H_
