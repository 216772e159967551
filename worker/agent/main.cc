// photinus-worker: the daemon that runs trials, and `photinus-worker net ...`.
#include <poll.h>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <thread>

#include "common/base/duration_option.h"
#include "worker/agent/agent.h"
#include "worker/agent/devices.h"
#include "worker/agent/network_executor.h"
#include "worker/agent/process_guard.h"
#include "worker/agent/standard_streams.h"
#include "worker/base/file_descriptor.h"
#include "worker/net/net_commands.h"
#include "worker/net/worker_options.h"

namespace photinus {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

struct Flags {
  AgentOptions agent;
  std::string device = "cpu";
  std::string monitor;
  bool no_networks = false;
};

// The machine's name, with what a worker's name must not hold replaced.
std::string DefaultName() {
  char host[65] = "worker";
  gethostname(host, sizeof(host) - 1);
  std::string name = host;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_' && c != '.') c = '-';
  }
  return name;
}

std::string DefaultDataDir() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return std::string(state) + "/photinus";
  }
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "" : home) + "/.local/state/photinus";
}

void AddFlags(CLI::App& app, Flags& flags) {
  AgentOptions& agent = flags.agent;
  agent.name = DefaultName();
  agent.data_dir = DefaultDataDir();
  app.add_option("--server", agent.server, "HOST:PORT, dns:///HOST:PORT or unix:/PATH of photinus-server")
      ->envname("PHOTINUS_SERVER")
      ->capture_default_str();
  app.add_option("--name", agent.name, "this worker's name, unique on the server")->capture_default_str();
  app.add_option("--slots", agent.slots, "how many trials run at once on each device")->capture_default_str();
  app.add_option("--device", flags.device, "cpu, cuda:0,cuda:1 or cuda:all")->capture_default_str();
  app.add_option(
         "--threads", agent.threads,
         "threads of a network's trial, those that make its batches included; 0: as the machine's cores allow, up to 2 "
         "(5 on a GPU)")
      ->capture_default_str();
  app.add_option(
      "--energy", agent.energy,
      "what predicts a network's energy_mj before it is trained: phone, watch, earbud, or a file of `energy fit`");
  app.add_option("--monitor", flags.monitor,
                 "program and arguments of the power monitor that measures retests, where --energy was fitted to one");
  app.add_option("--data-dir", agent.data_dir, "data sets, work folders and undelivered results; workers may share it")
      ->capture_default_str();
  AddDurationOption(app, "--stop-grace", agent.run.stop_grace, absl::ZeroDuration(), absl::Hours(24),
                    "how long a trial told to stop has before it is killed: seconds, or 90s, 2m");
  app.add_flag("--exit-when-idle", agent.exit_when_idle, "leave (status 0) once no study has work");
  app.add_flag("--no-networks", flags.no_networks, "train no networks here, only run the commands of studies");
  app.add_flag("--allow-remote-command", agent.allow_remote_command,
               "run commands that studies of a server on another machine name; whoever can write studies there can "
               "then run anything here");
}

// Signals become reads: blocked in every thread, so to be called before there are any.
int OpenSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

// Passes signals on to the agent while it runs.
absl::Status RunAgent(Agent& agent, int signals) {
  const FileDescriptor done(eventfd(0, EFD_CLOEXEC));
  std::thread listener([&agent, &done, signals] {
    pollfd events[] = {{signals, POLLIN, 0}, {done.get(), POLLIN, 0}};
    while (poll(events, 2, -1) >= 0 && events[1].revents == 0) {
      signalfd_siginfo info;
      if (read(signals, &info, sizeof(info)) != sizeof(info)) continue;
      spdlog::info("signal {}: leaving", info.ssi_signo);
      agent.Stop();
    }
  });
  const absl::Status status = agent.Run();
  eventfd_write(done.get(), 1);
  listener.join();
  return status;
}

int Work(const Flags& flags) {
  const int signals = OpenSignals();
  const auto guard = ProcessGuard::Start();  // forks, so before all threads
  if (!guard.ok()) {
    std::fprintf(stderr, "photinus-worker: cannot start its guard: %s\n", guard.status().ToString().c_str());
    return kExitFailure;
  }
  spdlog::set_default_logger(spdlog::stderr_color_mt("photinus-worker"));
  spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
  const auto devices = ParseDevices(flags.device, std::getenv("CUDA_VISIBLE_DEVICES"), CountCudaDevices());
  auto agent = devices.ok() ? Agent::Create(flags.agent, *devices, *guard)
                            : absl::StatusOr<std::unique_ptr<Agent>>(devices.status());
  if (!agent.ok()) {
    std::fprintf(stderr, "photinus-worker: %s\n", std::string(agent.status().message()).c_str());
    return absl::IsInvalidArgument(agent.status()) ? kExitUsage : kExitFailure;
  }
  const absl::Status status = RunAgent(**agent, signals);
  if (status.ok()) return 0;
  std::fprintf(stderr, "photinus-worker: %s\n", std::string(status.message()).c_str());
  return kExitFailure;
}

int Main(int argc, char** argv) {
  CLI::App app("Runs the trials of photinus-server's studies on this machine.", "photinus-worker");
  Flags flags;
  AddFlags(app, flags);
  app.set_version_flag("--version", "photinus-worker " PHOTINUS_VERSION);
  net::AddNetCommands(app);
  app.footer(
      "Examples:\n"
      "  photinus-worker --server tuner:28080 --device cuda:all --slots 2\n"
      "  photinus-worker --server 127.0.0.1:28080 --exit-when-idle");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::RuntimeError& failure) {  // of `net ...`, which has said why
    return failure.get_exit_code();
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return kExitUsage;
  }
  if (!app.get_subcommands().empty()) return 0;  // it has run
  if (!flags.agent.energy.empty()) {             // trials run in folders of their own
    if (const std::string fault = net::ResolveEnergySource(flags.agent.energy); !fault.empty()) {
      std::fprintf(stderr, "photinus-worker: --energy: %s\n", fault.c_str());
      return kExitUsage;
    }
  }
  if (const std::string fault = net::ResolveMonitor(flags.agent.energy, flags.monitor, flags.agent.monitor);
      !fault.empty()) {
    std::fprintf(stderr, "photinus-worker: --monitor: %s\n", fault.c_str());
    return kExitUsage;
  }
  flags.agent.trial_program = flags.no_networks ? absl::CancelledError("--no-networks was given") : FindTrialProgram();
  return Work(flags);
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) {
  photinus::OpenMissingStandardStreams();
  try {
    return photinus::Main(argc, argv);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "photinus-worker: %s\n", fault.what());
    return photinus::kExitFailure;
  }
}
