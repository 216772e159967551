#include "server/replica/replica.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "common/base/status_macros.h"
#include "server/api/admin_grpc_service.h"
#include "server/api/grpc_call.h"
#include "server/api/grpc_server.h"
#include "server/api/pythia_grpc_service.h"
#include "server/api/query_grpc_service.h"
#include "server/api/vizier_grpc_service.h"
#include "server/api/watch_stream.h"
#include "server/api/worker_grpc_service.h"
#include "server/pythia/served_policies.h"
#include "server/replica/database_outage.h"
#include "server/scheduling/active_studies.h"
#include "server/scheduling/early_stopping.h"
#include "server/scheduling/lease_table.h"
#include "server/scheduling/problem_check.h"
#include "server/scheduling/puller.h"
#include "server/scheduling/suggester.h"
#include "server/scheduling/thread_pool.h"
#include "server/scheduling/worker_table.h"
#include "server/study/erasure.h"
#include "server/study/page_token.h"
#include "server/study/remote_changes.h"
#include "server/study/study_store.h"
#include "server/transfer/staged_study.h"

namespace photinus {
namespace {

constexpr int kExecutorThreads = 48;  // they mostly wait for commits, which many share
constexpr size_t kExecutorQueue = 4096;
constexpr size_t kLongReadQueue = 1024;
constexpr size_t kComputeQueue = 1024;
constexpr int kPolicyThreads = 4;  // for another server's studies: they wait for trials, then compute
constexpr size_t kPolicyQueue = 256;
constexpr absl::Duration kAbandonedAfter = absl::Minutes(10);  // an import that nothing is added to
constexpr int kBackgroundThreads = 6;                          // one for each thing that is done again and again
constexpr absl::Duration kWatchInterval = absl::Seconds(1);
constexpr absl::Duration kMayBeAway = absl::Seconds(2);  // the database, before health checkers are told

}  // namespace

// Each after those that it uses.
struct Replica::Parts {
  Parts(Storage& storage, const Clock& clock, Timer& timer, PageTokens page_tokens,
        std::unique_ptr<PythiaEndpoints> the_endpoints, std::unique_ptr<ServedPolicies> policies,
        ReplicaOptions the_options)
      : storage(storage),
        clock(clock),
        timer(timer),
        tokens(std::move(page_tokens)),
        endpoints(std::move(the_endpoints)),
        served_policies(std::move(policies)),
        options(std::move(the_options)) {}

  // Runs `work` now and then every `interval`, but never twice at once.
  void Repeat(absl::Duration interval, const std::function<void()>& work) {
    background.Submit([this, interval, work] {
      work();
      timer.After(interval, [this, interval, work] { Repeat(interval, work); });
    });
  }

  // Begins what is done again and again: what lost workers and replicas held is taken over, what was deleted is
  // erased, what imports left that ended with their server is removed, and the storage is looked after.
  void Watch() {
    last_poll = absl::ToInt64Nanoseconds(clock.Monotonic());
    Repeat(leases.SweepInterval(), [this] { LogFault("take back expired leases", leases.TakeBackExpired()); });
    Repeat(leases.SweepInterval(), [this] { LogFault("note who was seen", workers.StoreSightings()); });
    Repeat(kWatchInterval, [this] { LogFault("tend operations", suggester.TendOperations()); });
    Repeat(kWatchInterval,
           [this] { LogFault("erase what was deleted", EraseDeleted(storage, [this] { return stopping.load(); })); });
    Repeat(kAbandonedAfter, [this] {
      LogFault("remove what an unfinished import left", RemoveAbandonedStudies(store, kAbandonedAfter));
    });
    if (remote_changes != nullptr) Repeat(kWatchInterval, [this] { LookForChanges(); });
    CheckStorage();
  }

  // That a database is away is not the fault of each task.
  void LogFault(const char* task, const absl::Status& status) {
    if (status.ok()) return;
    if (absl::IsUnavailable(status) && remote_changes != nullptr && !LookForChanges()) return;
    spdlog::error("cannot {}: {}", task, status.ToString());
  }

  // False if the database is away.
  bool LookForChanges() {
    const absl::Status status = remote_changes->Poll();
    if (!status.ok()) {
      outage.Note(std::string(status.message()));
      return false;
    }
    last_poll = absl::ToInt64Nanoseconds(clock.Monotonic());
    outage.End();
    return true;
  }

  // On the timer's thread, because a poll may hang.
  void CheckStorage() {
    timer.After(kWatchInterval, [this] { CheckStorage(); });
    if (!storage.Healthy()) options.on_dead_storage();
    if (remote_changes == nullptr) return;
    const bool reached = clock.Monotonic() - absl::Nanoseconds(last_poll.load()) <= kWatchInterval + kMayBeAway;
    if (!reached) outage.Note("it does not answer");
    if (serving.exchange(reached) != reached) server->SetServing(reached);
  }

  Storage& storage;
  const Clock& clock;
  Timer& timer;
  const PageTokens tokens;
  const std::unique_ptr<PythiaEndpoints> endpoints;
  const std::unique_ptr<const ServedPolicies> served_policies;
  const ReplicaOptions options;
  std::atomic<bool> stopping = false;
  ThreadPool compute{static_cast<int>(std::max(1u, std::thread::hardware_concurrency())), kComputeQueue};
  ThreadPool preparing{1, kComputeQueue};  // one each for what no request waits for
  ThreadPool learning{1, kComputeQueue};
  ThreadPool executor{kExecutorThreads, kExecutorQueue};
  ThreadPool long_reads{kMaxLongReads, kLongReadQueue};
  ThreadPool policy_calls{kPolicyThreads, kPolicyQueue};
  const CallPools pools{executor, long_reads};
  StudyStore store{storage, clock, CheckAlgorithmOrEndpoint(*endpoints), options.cache_bytes};
  Suggester suggester{store, compute, {preparing, learning}, timer, endpoints.get()};
  EarlyStopping early_stopping{store, learning, endpoints.get()};
  LeaseTable leases{store, options.lease_ttl};
  WorkerTable workers{storage, clock, options.lease_ttl};
  ActiveStudies active_studies{store};
  // Null where the storage is not shared.
  const std::unique_ptr<RemoteChanges> remote_changes =
      storage.shared() == nullptr ? nullptr : std::make_unique<RemoteChanges>(*storage.shared(), store.changes());
  Puller puller{store, active_studies, suggester, leases, executor, timer, remote_changes.get()};
  Watches watches{pools, timer, store};
  VizierGrpcService vizier{pools, store, suggester, early_stopping, tokens};
  WorkerGrpcService worker{pools, store, puller, leases, workers, stopping};
  QueryGrpcService query{pools, store, leases, workers, watches, tokens, stopping};
  AdminGrpcService admin{executor, storage, stopping};
  PythiaGrpcService pythia{policy_calls, *served_policies};
  std::unique_ptr<GrpcServer> server;
  DatabaseOutage outage{clock};
  std::atomic<int64_t> last_poll = 0;  // nanoseconds, on the monotonic clock
  std::atomic<bool> serving = true;
  ThreadPool background{kBackgroundThreads, kBackgroundThreads};
};

absl::StatusOr<std::unique_ptr<Replica>> Replica::Start(Storage& storage, const Clock& clock, Timer& timer,
                                                        const ReplicaOptions& options) {
  ASSIGN_OR_RETURN(PageTokens tokens, PageTokens::FromStorage(storage));
  ASSIGN_OR_RETURN(auto endpoints, PythiaEndpoints::Make(options.pythia));
  ASSIGN_OR_RETURN(auto policies, ServedPolicies::Make(options.pythia_vizier));
  std::unique_ptr<Replica> replica(new Replica(std::make_unique<Parts>(
      storage, clock, timer, std::move(tokens), std::move(endpoints), std::move(policies), options)));
  Parts& parts = *replica->parts_;
  if (parts.remote_changes != nullptr) RETURN_IF_ERROR(parts.remote_changes->Poll());
  RETURN_IF_ERROR(parts.leases.TakeBackExpired());
  RETURN_IF_ERROR(parts.active_studies.Load());
  ASSIGN_OR_RETURN(parts.server, GrpcServer::Start(options.listen, {&parts.vizier, &parts.worker, &parts.query,
                                                                    &parts.admin, &parts.pythia}));
  RETURN_IF_ERROR(parts.suggester.TendOperations());
  parts.Watch();
  storage.BeginSelfCheck();
  return replica;
}

Replica::Replica(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Replica::~Replica() { Drain(); }

const std::string& Replica::address() const { return parts_->server->address(); }

void Replica::Drain() {
  parts_->stopping = true;
  parts_->suggester.Stop();
  parts_->early_stopping.Stop();
  parts_->endpoints->CancelCalls();
  parts_->puller.Stop();
  parts_->watches.Stop();
  parts_->long_reads.EndWaiting();
  parts_->policy_calls.EndWaiting();
  if (parts_->server != nullptr) parts_->server->Shutdown(parts_->options.drain_time);
  parts_->executor.Stop();
  parts_->long_reads.Stop();
  parts_->policy_calls.Stop();
  parts_->compute.Stop();
  parts_->endpoints->Stop();
  parts_->preparing.Stop();
  parts_->learning.Stop();
  parts_->timer.Stop();
  parts_->background.Stop();
}

}  // namespace photinus
