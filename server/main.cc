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
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/base/duration_option.h"
#include "common/base/status_macros.h"
#include "server/api/grpc_server.h"
#include "server/pythia/pythia_endpoints.h"
#include "server/pythia/served_policies.h"
#include "server/replica/replica.h"
#include "server/scheduling/timer.h"
#include "server/storage/postgres_connection.h"
#include "server/storage/postgres_storage.h"
#include "server/storage/sqlite_copy.h"
#include "server/storage/sqlite_storage.h"

// jemalloc reads this at its start. Freed memory goes back to the system within a second, threads keep only small
// objects to themselves and share few heaps, so what a burst of large requests took does not stay taken.
extern "C" const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:500,muzzy_decay_ms:0,narenas:2,lg_tcache_max:9";

namespace photinus {
namespace {

constexpr char kSqlitePrefix[] = "sqlite://";
constexpr char kPostgresPrefix[] = "postgresql://";
constexpr char kShortPostgresPrefix[] = "postgres://";
constexpr int kUsageError = 2;                           // exit code
constexpr absl::Duration kLastCalls = absl::Seconds(5);  // after a drain, for what still waits for the storage

struct Flags {
  std::string storage;
  std::string listen = "127.0.0.1:28080";
  absl::Duration lease_ttl = absl::Seconds(60);
  absl::Duration drain_time = absl::Seconds(25);
  size_t cache_mib = kDefaultCacheBytes >> 20;
  PythiaOptions pythia;
  std::string pythia_vizier;
  std::string log_level = "info";
  bool allow_network_disk = false;
  std::string backup;  // the file that backup makes, or restore reads
};

// With dots for what may be a password.
std::string WithoutPassword(const std::string& storage) {
  if (absl::StrContains(storage, "password")) return "...";
  const size_t at = storage.rfind('@');
  if (at == std::string::npos) return storage;
  return absl::StrCat(storage.substr(0, std::min(storage.find(':') + 1, at)), "...", storage.substr(at));
}

bool IsPostgres(const std::string& url) {
  return absl::StartsWith(url, kPostgresPrefix) || absl::StartsWith(url, kShortPostgresPrefix);
}

// The file that sqlite:///PATH means. InvalidArgument.
absl::StatusOr<std::string> SqlitePath(const std::string& url) {
  if (!absl::StartsWith(url, absl::StrCat(kSqlitePrefix, "/"))) {
    return absl::InvalidArgumentError(absl::StrCat("--storage '", WithoutPassword(url), "' is not understood; write ",
                                                   "sqlite:///ABSOLUTE/PATH or postgresql://USER@HOST/DATABASE"));
  }
  const std::string path = url.substr(sizeof kSqlitePrefix - 1);
  if (path == "/:memory:" || absl::StrContains(path, '?')) {
    return absl::InvalidArgumentError(
        absl::StrCat("--storage '", url, "': sqlite:/// takes the path of a file, without options or ':memory:'"));
  }
  return path;
}

// InvalidArgument.
absl::Status CheckStorage(const std::string& url) {
  return IsPostgres(url) ? CheckPostgresUrl(url) : SqlitePath(url).status();
}

// What is wrong with the addresses, before the database is upgraded for nothing. Connects to nobody. InvalidArgument;
// FailedPrecondition: what CheckListenAddress says.
absl::Status CheckFlags(const Flags& flags) {
  RETURN_IF_ERROR(CheckStorage(flags.storage));
  RETURN_IF_ERROR(CheckListenAddress(flags.listen));
  RETURN_IF_ERROR(PythiaEndpoints::Make(flags.pythia).status());
  return ServedPolicies::Make(flags.pythia_vizier).status();
}

absl::StatusOr<std::unique_ptr<Storage>> OpenStorage(const Flags& flags) {
  if (IsPostgres(flags.storage)) return PostgresStorage::Open(flags.storage);
  ASSIGN_OR_RETURN(const std::string path, SqlitePath(flags.storage));
  SqliteOptions options;
  options.allow_network_disk = flags.allow_network_disk;
  return SqliteStorage::Open(path, options);
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

// Sees to it that the program ends, even if a database or a disk never answers. What was acknowledged is stored.
void EndWithin(absl::Duration time) {
  std::thread([time] {
    absl::SleepFor(time);
    spdlog::error("the storage still does not answer: ended without it");
    _exit(1);
  }).detach();
}

absl::Status Serve(const Flags& flags) {
  const sigset_t signals = BlockSignals();
  RETURN_IF_ERROR(CheckFlags(flags));
  ASSIGN_OR_RETURN(const auto storage, OpenStorage(flags));
  const SystemClock clock;
  SystemTimer timer(clock);
  ASSIGN_OR_RETURN(const auto replica, Replica::Start(*storage, clock, timer,
                                                      {.listen = flags.listen,
                                                       .lease_ttl = flags.lease_ttl,
                                                       .drain_time = flags.drain_time,
                                                       .on_dead_storage = [] { kill(getpid(), SIGTERM); },
                                                       .cache_bytes = flags.cache_mib << 20,
                                                       .pythia = flags.pythia,
                                                       .pythia_vizier = flags.pythia_vizier}));
  std::printf("listening on %s\n", replica->address().c_str());
  std::fflush(stdout);
  spdlog::info("photinus-server {} serves {} on {}", PHOTINUS_VERSION,
               IsPostgres(flags.storage) ? ShownPostgresUrl(flags.storage) : flags.storage, replica->address());

  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("signal {}: draining", signal);
  EndWithin(flags.drain_time + kLastCalls);
  replica->Drain();
  if (!storage->Healthy())
    return absl::UnavailableError("stopped: the disk failed or the database is damaged; see above");
  spdlog::info("stopped");
  return absl::OkStatus();
}

absl::Status RefusePostgres(const std::string& url, const char* instead) {
  if (!IsPostgres(url)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--storage: a PostgreSQL database is handled by ", instead, " (docs/operations.md)"));
}

absl::Status Backup(const Flags& flags) {
  RETURN_IF_ERROR(RefusePostgres(flags.storage, "pg_dump"));
  ASSIGN_OR_RETURN(const std::string path, SqlitePath(flags.storage));
  RETURN_IF_ERROR(BackUpSqliteFile(path, flags.backup));
  std::printf("%s\n", flags.backup.c_str());
  return absl::OkStatus();
}

absl::Status Restore(const Flags& flags) {
  RETURN_IF_ERROR(RefusePostgres(flags.storage, "pg_restore"));
  ASSIGN_OR_RETURN(const std::string path, SqlitePath(flags.storage));
  RETURN_IF_ERROR(RestoreSqliteFile(flags.backup, path));
  std::printf("%s\n", path.c_str());
  return absl::OkStatus();
}

// The verb that the command line names; serving has none.
absl::Status Run(const CLI::App& app, const Flags& flags) {
  if (app.got_subcommand("backup")) return Backup(flags);
  if (app.got_subcommand("restore")) return Restore(flags);
  return Serve(flags);
}

// Both work on the file of a server that does not run.
void AddVerbs(CLI::App& app, Flags& flags) {
  CLI::App* backup = app.add_subcommand("backup", "Copy the database while no server uses it, then end");
  backup->fallthrough();
  backup->add_option("--to", flags.backup, "The copy, a new file")->required()->type_name("FILE");
  backup->footer(
      "Of a running server: photinus server backup FILE\n\nExample:\n"
      "  photinus-server backup --storage sqlite:///var/lib/photinus/db --to /backup/photinus.db");
  CLI::App* restore =
      app.add_subcommand("restore", "Put a backup in the place of a database that is not there, then end");
  restore->fallthrough();
  restore->add_option("--from", flags.backup, "The backup; it is checked first")->required()->type_name("FILE");
  restore->footer(
      "Example:\n  photinus-server restore --from /backup/photinus.db --storage sqlite:///var/lib/photinus/db");
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
  AddDurationOption(app, "--drain-time", flags.drain_time, absl::ZeroDuration(), absl::Hours(1),
                    "How long calls in progress may take after SIGTERM; 5 s later the server ends in any case");
  app.add_flag("--allow-network-disk", flags.allow_network_disk,
               "Open a SQLite file on NFS, CIFS or 9p, where nothing keeps a second machine from writing to it");
  app.add_option("--cache-mib", flags.cache_mib,
                 "How much memory, in MiB and about, may remember the histories of studies")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--pythia-endpoints", flags.pythia.allowed,
                 "Pythia servers, HOST:PORT,..., that studies may name to be searched by their policies")
      ->delimiter(',');
  AddDurationOption(app, "--pythia-timeout", flags.pythia.timeout, absl::Seconds(1), absl::Hours(24),
                    "How long such a policy may take for an answer");
  app.add_option(
      "--pythia-vizier", flags.pythia_vizier,
      "The Vizier server, HOST:PORT, that takes this one for its Pythia server: its trials are fetched there");
  app.add_option("--log-level", flags.log_level, "debug (one line per call), info, warn or error")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  AddVerbs(app, flags);
  app.footer("Example:\n  photinus-server --storage sqlite:///var/lib/photinus/db --listen 127.0.0.1:28080");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  spdlog::set_default_logger(spdlog::stderr_color_mt("photinus-server"));
  spdlog::set_level(spdlog::level::from_str(flags.log_level));
  const absl::Status status = Run(app, flags);
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
