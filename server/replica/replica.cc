#include "server/replica/replica.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "common/base/status_macros.h"
#include "server/api/admin_grpc_service.h"
#include "server/api/grpc_server.h"
#include "server/api/query_grpc_service.h"
#include "server/api/vizier_grpc_service.h"
#include "server/api/watch_stream.h"
#include "server/api/worker_grpc_service.h"
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
#include "server/study/study_store.h"
#include "server/transfer/staged_study.h"

namespace photinus {
namespace {

constexpr int kExecutorThreads = 48;  // they mostly wait for commits, which many share
constexpr size_t kExecutorQueue = 4096;
constexpr size_t kComputeQueue = 1024;
constexpr absl::Duration kAbandonedAfter = absl::Minutes(10);  // an import that nothing is added to
constexpr absl::Duration kDrainTime = absl::Seconds(25);

}  // namespace

// Each after those that it uses.
struct Replica::Parts {
  Parts(Storage& storage, const Clock& clock, Timer& timer, PageTokens page_tokens, ReplicaOptions the_options)
      : storage(storage), clock(clock), timer(timer), tokens(std::move(page_tokens)), options(std::move(the_options)) {}

  // Again and again: takes over what lost workers and replicas held, erases what was deleted, and tells once the disk
  // has failed.
  void Watch() {
    timer.After(std::min(leases.ttl() / 20, absl::Seconds(1)), [this] {
      if (!storage.Healthy()) options.on_dead_storage();
      executor.Submit([this] {
        LogFault("take back expired leases", leases.TakeBackExpired());
        LogFault("tend operations", suggester.TendOperations());
      });
      if (!erasing.exchange(true) && !executor.Submit([this] { Erase(); })) erasing = false;
      Watch();
    });
  }

  // Now and again and again: removes what imports left that ended with their server.
  void RemoveAbandoned() {
    executor.Submit(
        [this] { LogFault("remove what an unfinished import left", RemoveAbandonedStudies(store, kAbandonedAfter)); });
    timer.After(kAbandonedAfter, [this] { RemoveAbandoned(); });
  }

  void Erase() {
    LogFault("erase deleted studies", EraseDeletedStudies(storage, [this] { return stopping.load(); }));
    erasing = false;
  }

  static void LogFault(const char* task, const absl::Status& status) {
    if (!status.ok()) spdlog::error("cannot {}: {}", task, status.ToString());
  }

  Storage& storage;
  const Clock& clock;
  Timer& timer;
  const PageTokens tokens;
  const ReplicaOptions options;
  ThreadPool compute{static_cast<int>(std::max(1u, std::thread::hardware_concurrency())), kComputeQueue};
  ThreadPool executor{kExecutorThreads, kExecutorQueue};
  StudyStore store{storage, clock, &CheckAlgorithmAndRule, options.cache_bytes};
  Suggester suggester{store, compute, timer};
  EarlyStopping early_stopping{store};
  LeaseTable leases{store, options.lease_ttl};
  WorkerTable workers{clock, options.lease_ttl};
  ActiveStudies active_studies{store};
  Puller puller{store, active_studies, suggester, leases, executor, timer};
  Watches watches{executor, timer, store};
  VizierGrpcService vizier{executor, store, suggester, early_stopping, tokens};
  WorkerGrpcService worker{executor, store, puller, leases, workers};
  QueryGrpcService query{executor, store, leases, workers, watches, tokens};
  AdminGrpcService admin{executor, storage};
  std::unique_ptr<GrpcServer> server;
  std::atomic<bool> erasing = false;
  std::atomic<bool> stopping = false;
};

absl::StatusOr<std::unique_ptr<Replica>> Replica::Start(Storage& storage, const Clock& clock, Timer& timer,
                                                        const ReplicaOptions& options) {
  ASSIGN_OR_RETURN(PageTokens tokens, PageTokens::FromStorage(storage));
  std::unique_ptr<Replica> replica(
      new Replica(std::make_unique<Parts>(storage, clock, timer, std::move(tokens), options)));
  Parts& parts = *replica->parts_;
  RETURN_IF_ERROR(parts.leases.Recover());
  RETURN_IF_ERROR(parts.active_studies.Load());
  ASSIGN_OR_RETURN(parts.server,
                   GrpcServer::Start(options.listen, {&parts.vizier, &parts.worker, &parts.query, &parts.admin}));
  RETURN_IF_ERROR(parts.suggester.TendOperations());
  parts.Watch();
  parts.RemoveAbandoned();
  storage.BeginSelfCheck();
  return replica;
}

Replica::Replica(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Replica::~Replica() { Drain(); }

const std::string& Replica::address() const { return parts_->server->address(); }

void Replica::Drain() {
  parts_->stopping = true;
  parts_->suggester.Stop();
  parts_->puller.Stop();
  parts_->watches.Stop();
  if (parts_->server != nullptr) parts_->server->Shutdown(kDrainTime);
  parts_->executor.Stop();
  parts_->compute.Stop();
  parts_->timer.Stop();
}

}  // namespace photinus
