// photinus-server: one replica of the service.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/duration_option.h"
#include "common/base/status_macros.h"
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
#include "server/scheduling/timer.h"
#include "server/scheduling/worker_table.h"
#include "server/storage/postgres_storage.h"
#include "server/storage/sqlite_storage.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"

namespace photinus {
namespace {

constexpr int kExecutorThreads = 48;  // they mostly wait for commits, which many share
constexpr size_t kExecutorQueue = 4096;
constexpr size_t kComputeQueue = 1024;
constexpr absl::Duration kDrainTime = absl::Seconds(25);
constexpr char kSqlitePrefix[] = "sqlite://";
constexpr char kPostgresPrefix[] = "postgresql://";
constexpr char kShortPostgresPrefix[] = "postgres://";
constexpr int kUsageError = 2;  // exit code

struct Flags {
  std::string storage;
  std::string listen = "127.0.0.1:28080";
  absl::Duration lease_ttl = absl::Seconds(60);
  std::string log_level = "info";
};

// Without what follows the scheme, where there may be a password.
std::string SchemeOf(const std::string& url) {
  const size_t end = url.find("://");
  return end == std::string::npos ? "" : absl::StrCat(url.substr(0, end), "://...");
}

absl::StatusOr<std::unique_ptr<Storage>> OpenStorage(const std::string& url) {
  if (absl::StartsWith(url, kPostgresPrefix) || absl::StartsWith(url, kShortPostgresPrefix)) {
    return PostgresStorage::Open(url);
  }
  if (absl::StartsWith(url, absl::StrCat(kSqlitePrefix, "/"))) {
    return SqliteStorage::Open(url.substr(sizeof kSqlitePrefix - 1));
  }
  return absl::InvalidArgumentError(absl::StrCat("--storage '", SchemeOf(url), "' is not understood; write ",
                                                 "sqlite:///ABSOLUTE/PATH or postgresql://USER@HOST/DATABASE"));
}

// Blocks the signals that end the program in this thread and all that it starts.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// All parts of one replica, each after those that it uses.
class Replica {
 public:
  Replica(Storage& storage, const PageTokens& tokens, absl::Duration lease_ttl)
      : storage_(storage),
        tokens_(tokens),
        store_(storage, clock_, &CheckAlgorithmAndRule),
        leases_(store_, lease_ttl),
        workers_(clock_, lease_ttl) {}

  // Takes up what an earlier process left, and serves.
  absl::Status Start(const std::string& address) {
    RETURN_IF_ERROR(leases_.Recover());
    RETURN_IF_ERROR(active_studies_.Load());
    ASSIGN_OR_RETURN(server_, GrpcServer::Start(address, {&vizier_, &worker_, &query_}));
    RETURN_IF_ERROR(suggester_.RecoverOperations());
    Watch();
    return absl::OkStatus();
  }

  const std::string& address() const { return server_->address(); }

  // Long polls and watches end at once, calls in progress may finish.
  void Drain() {
    suggester_.Stop();
    puller_.Stop();
    watches_.Stop();
    server_->Shutdown(kDrainTime);
    executor_.Stop();
    compute_.Stop();
    timer_.Stop();
  }

 private:
  // Again and again: takes back what lost workers held, and ends the program once the disk has failed.
  void Watch() {
    timer_.After(std::min(leases_.ttl() / 20, absl::Seconds(1)), [this] {
      if (!storage_.Healthy()) {
        kill(getpid(), SIGTERM);
        return;
      }
      executor_.Submit([this] {
        const absl::Status status = leases_.TakeBackExpired();
        if (!status.ok()) spdlog::error("cannot take back expired leases: {}", status.ToString());
      });
      Watch();
    });
  }

  Storage& storage_;
  const PageTokens& tokens_;
  const SystemClock clock_;
  ThreadPool compute_{static_cast<int>(std::max(1u, std::thread::hardware_concurrency())), kComputeQueue};
  ThreadPool executor_{kExecutorThreads, kExecutorQueue};
  SystemTimer timer_{clock_};
  StudyStore store_;
  Suggester suggester_{store_, compute_, timer_};
  EarlyStopping early_stopping_{store_};
  LeaseTable leases_;
  WorkerTable workers_;
  ActiveStudies active_studies_{store_};
  Puller puller_{store_, active_studies_, suggester_, leases_, executor_, timer_};
  Watches watches_{executor_, timer_, store_};
  VizierGrpcService vizier_{executor_, store_, suggester_, early_stopping_, tokens_};
  WorkerGrpcService worker_{executor_, store_, puller_, leases_, workers_};
  QueryGrpcService query_{executor_, store_, leases_, workers_, watches_, tokens_};
  std::unique_ptr<GrpcServer> server_;
};

absl::Status Serve(const Flags& flags) {
  const sigset_t signals = BlockSignals();
  ASSIGN_OR_RETURN(const auto storage, OpenStorage(flags.storage));
  ASSIGN_OR_RETURN(const PageTokens tokens, PageTokens::FromStorage(*storage));
  Replica replica(*storage, tokens, flags.lease_ttl);
  RETURN_IF_ERROR(replica.Start(flags.listen));
  std::printf("listening on %s\n", replica.address().c_str());
  std::fflush(stdout);
  spdlog::info("photinus-server {} serves {} on {}", PHOTINUS_VERSION,
               absl::StartsWith(flags.storage, kSqlitePrefix) ? flags.storage : SchemeOf(flags.storage),
               replica.address());

  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("signal {}: draining", signal);
  replica.Drain();
  if (!storage->Healthy()) return absl::UnavailableError("stopped: the disk failed to write or sync; see above");
  spdlog::info("stopped");
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Photinus: a Vizier-compatible black-box optimization service", "photinus-server");
  app.set_version_flag("--version", std::string("photinus-server ") + PHOTINUS_VERSION);
  app.add_option("--storage", flags.storage,
                 "Where studies are kept: sqlite:///ABSOLUTE/PATH or "
                 "postgresql://USER@HOST/DATABASE (see libpq; a password belongs in PGPASSFILE)")
      ->required();
  app.add_option("--listen", flags.listen, "HOST:PORT to serve on; port 0 takes a free one")->capture_default_str();
  AddDurationOption(app, "--lease-ttl", flags.lease_ttl, absl::Seconds(1), absl::Hours(24),
                    "How long a worker's lease lives without a heartbeat: seconds, or 90s, 2m");
  app.add_option("--log-level", flags.log_level, "debug (one line per call), info, warn or error")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  app.footer("Example:\n  photinus-server --storage sqlite:///var/lib/photinus/db --listen 127.0.0.1:28080");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  spdlog::set_default_logger(spdlog::stderr_color_mt("photinus-server"));
  spdlog::set_level(spdlog::level::from_str(flags.log_level));
  const absl::Status status = Serve(flags);
  if (!status.ok()) spdlog::error("{}", std::string(status.message()));
  if (absl::IsInvalidArgument(status)) return kUsageError;
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) {
  try {
    return photinus::Main(argc, argv);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "photinus-server: %s\n", fault.what());
    return 1;
  }
}
