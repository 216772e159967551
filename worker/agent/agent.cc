#include "worker/agent/agent.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "worker/agent/checkpoint_dirs.h"
#include "worker/agent/command_executor.h"
#include "worker/agent/device_check.h"
#include "worker/agent/network_executor.h"
#include "worker/agent/result_delivery.h"
#include "worker/base/core_count.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxName = 64;
constexpr int kMaxSlots = 1000;
constexpr int kMaxThreads = 1024;  // as photinus-trial takes them
constexpr int kIncarnationBytes = 16;
constexpr int kPullSeconds = 20;
constexpr absl::Duration kSignOffTime = absl::Seconds(1);
constexpr int kPullSecondsWhenLeaving = 1;  // with --exit-when-idle the end should be noticed soon

absl::Status BadOption(std::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT", what);
}

absl::Status CheckOptions(const AgentOptions& options) {
  constexpr char kAllowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  const std::string& name = options.name;
  if (name.empty() || name.size() > kMaxName || name.find_first_not_of(kAllowed) != std::string::npos ||
      name.front() == '.') {
    return BadOption("--name '" + name + "' must be 1 to 64 letters, digits, '.', '_' or '-', not beginning with '.'");
  }
  if (options.slots < 1 || options.slots > kMaxSlots) return BadOption("--slots must be 1 to 1000");
  if (options.threads < 0 || options.threads > kMaxThreads) {
    return BadOption("--threads must be 1 to 1024, or 0 for the slots to share the cores");
  }
  return absl::OkStatus();
}

absl::StatusOr<FileDescriptor> LockName(const fs::path& folder, const std::string& name) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return absl::UnavailableError(absl::StrCat(folder.string(), " cannot be made: ", error.message()));
  const fs::path path = folder / (name + ".lock");
  FileDescriptor lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open()) {
    return absl::UnavailableError(absl::StrCat(path.string(), " cannot be written: ", std::strerror(errno)));
  }
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::AlreadyExistsError(absl::StrCat("another worker named '", name, "' runs with this data folder (",
                                                 path.string(), " is locked); give this one another --name"));
  }
  return lock;
}

uint64_t RandomSeed() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32) | device();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Agent>> Agent::Create(AgentOptions options, const std::vector<Device>& devices,
                                                     const ProcessGuard& guard) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(Channel channel, Channel::Open(options.server));
  options.data_dir = fs::absolute(options.data_dir).lexically_normal().string();
  ASSIGN_OR_RETURN(FileDescriptor lock, LockName(fs::path(options.data_dir) / "spool", options.name));
  std::unique_ptr<Agent> agent(new Agent(std::move(options), std::move(channel), std::move(lock), guard));
  RETURN_IF_ERROR(agent->CheckExecutors(devices));
  ASSIGN_OR_RETURN(agent->undelivered_, agent->spool_.Open());
  agent->RemoveStaleWorkDirs();
  agent->MakeSlots(devices);
  return agent;
}

Agent::Agent(AgentOptions options, Channel channel, FileDescriptor lock, const ProcessGuard& guard)
    : options_(std::move(options)),
      channel_(std::move(channel)),
      lock_(std::move(lock)),
      guard_(guard),
      clients_(channel_),
      spool_(fs::path(options_.data_dir) / "spool" / options_.name) {
  clients_.incarnation = SecureHex(kIncarnationBytes);
}

Agent::~Agent() = default;

// Says once what this worker does not do.
absl::Status Agent::CheckExecutors(const std::vector<Device>& devices) const {
  const absl::Status no_networks = options_.trial_program.status();
  if (!MayRunCommands()) {
    const std::string refusal = absl::StrCat(options_.server,
                                             " is not on this machine, so commands of its studies do "
                                             "not run here without --allow-remote-command");
    if (!no_networks.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("nothing to do: ", refusal, ", and no networks are trained: ", no_networks.message()));
    }
    spdlog::info("{}", refusal);
  }
  if (!no_networks.ok()) {
    spdlog::warn("no networks are trained here: {}", std::string(no_networks.message()));
    return absl::OkStatus();
  }
  for (const Device& device : devices) {
    if (device.is_cuda()) RETURN_IF_ERROR(CheckDevice(*options_.trial_program, device, guard_));
  }
  return absl::OkStatus();
}

void Agent::MakeSlots(const std::vector<Device>& devices) {
  const int count = slot_count_ = options_.slots * static_cast<int>(devices.size());
  leases_ = std::make_unique<LeaseKeeper>(
      clock_, RandomSeed(), LeaseKeeper::Identity{options_.name, clients_.incarnation, PHOTINUS_VERSION, count},
      [this](const v1::HeartbeatRequest& request, absl::Duration timeout) { return Beat(request, timeout); });
  for (int i = 0; i < count; ++i) {
    const Device& device = devices[static_cast<size_t>(i / options_.slots)];
    SlotSettings settings;
    settings.worker = options_.name;
    settings.client_id = absl::StrCat(options_.name, ".", i);
    settings.device = device.name;
    settings.device_in_child = device.name_in_child;
    settings.data_dir = options_.data_dir;
    settings.trials_dir = (fs::path(options_.data_dir) / "trials" / options_.name).string();
    settings.late_dir = LateDir();
    settings.threads = ThreadsOn(device);
    settings.energy = options_.energy;
    settings.monitor = options_.monitor;
    settings.first_pause = options_.first_pause;
    settings.pull_seconds = options_.exit_when_idle ? kPullSecondsWhenLeaving : kPullSeconds;
    settings.run = options_.run;
    const auto index = static_cast<size_t>(i);
    slots_.push_back(std::make_unique<Slot>(std::move(settings), MakeExecutors(device), clients_, *leases_, spool_,
                                            guard_, [this, index](bool idle) { OnIdle(index, idle); }));
  }
}

std::vector<std::unique_ptr<Executor>> Agent::MakeExecutors(const Device& device) const {
  std::vector<std::unique_ptr<Executor>> executors;
  if (MayRunCommands()) {
    // A user's own program chooses its threads itself; it only sees its device.
    std::vector<std::string> command_environment;
    if (device.is_cuda()) command_environment.push_back("CUDA_VISIBLE_DEVICES=" + device.visible);
    executors.push_back(std::make_unique<CommandExecutor>(std::move(command_environment)));
  }
  if (options_.trial_program.ok()) {
    executors.push_back(
        std::make_unique<NetworkExecutor>(*options_.trial_program, device.Environment(ThreadsOn(device))));
  }
  return executors;
}

int Agent::ThreadsOn(const Device& device) const {
  return options_.threads > 0 ? options_.threads : SharedThreads(device, CountCores(), slot_count_);
}

std::string Agent::LateDir() const { return (fs::path(options_.data_dir) / "late").string(); }

// What a killed daemon left behind, unless the spool still needs it. Work dirs have random names, and the data folder
// may have had another path then.
void Agent::RemoveStaleWorkDirs() const {
  std::set<fs::path> needed;
  for (const TrialResult& result : undelivered_) needed.insert(fs::path(result.work_dir).filename());
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(options_.data_dir) / "trials" / options_.name, error)) {
    std::error_code ignored;
    if (needed.count(entry.path().filename()) == 0) fs::remove_all(entry.path(), ignored);
  }
}

void Agent::EmptySpool() {
  for (const TrialResult& result : std::exchange(undelivered_, {})) {
    spdlog::info("{} is handed over from the spool", result.complete.name());
    const Delivery delivery = DeliverFromSpool(clients_, spool_, LateDir(), result, stopping_);
    if (delivery == Delivery::kLater) return;
    const auto trial = TrialName::Parse(result.complete.name());
    if (delivery == Delivery::kAccepted && trial.ok())
      CheckpointDirs(options_.data_dir).Remove(*trial, result.lease_token);
  }
}

absl::StatusOr<v1::HeartbeatResponse> Agent::Beat(const v1::HeartbeatRequest& request, absl::Duration timeout) {
  CallOptions call;
  call.timeout = timeout;
  call.max_attempts = 1;  // the keeper repeats
  call.wait_for_connection = true;
  call.cancellation = &giving_up_;
  auto response = clients_.worker.Heartbeat(request, call);
  if (IsSuperseded(response.status())) Leave(response.status());
  return response;
}

absl::Status Agent::Run() {
  spdlog::info("worker {} with {} slots asks {}", options_.name, slots_.size(), options_.server);
  {
    const MutexLock lock(mutex_);
    idle_.assign(slots_.size(), false);
    running_slots_ = slots_.size();
  }
  leases_->Start();
  EmptySpool();
  std::vector<std::thread> threads;
  threads.reserve(slots_.size());
  for (const auto& slot : slots_) {
    const auto run = [this, &slot] {
      const absl::Status status = slot->Run(stopping_, giving_up_);
      if (!status.ok()) Leave(status);
      const MutexLock lock(mutex_);
      --running_slots_;
      changed_.NotifyAll();
    };
    try {
      threads.emplace_back(run);
    } catch (const std::system_error& refusal) {
      Leave(absl::UnavailableError(absl::StrCat("the system gives no thread for slot ", threads.size() + 1, " of ",
                                                slots_.size(), ": ", refusal.what(), "; give fewer --slots")));
      const MutexLock lock(mutex_);
      running_slots_ -= slots_.size() - threads.size();
      break;
    }
  }
  EndSlots();
  for (std::thread& thread : threads) thread.join();
  giving_up_.Cancel();
  leases_.reset();
  SignOff();
  const MutexLock lock(mutex_);
  if (!IsSuperseded(failure_)) return failure_;
  return absl::AlreadyExistsError(absl::StrCat("another worker named '", options_.name, "' has come to ",
                                               options_.server, " since; give this one another --name"));
}

// Waits for the reason to end, then brings everything down in order.
void Agent::EndSlots() {
  {
    const MutexLock lock(mutex_);
    while (!stop_wanted_) changed_.Wait(mutex_);
  }
  for (const auto& slot : slots_) slot->HandBack();
  const MutexLock lock(mutex_);
  const absl::Duration deadline = clock_.Monotonic() + options_.run.hand_back_grace + options_.farewell;
  while (running_slots_ > 0 && clock_.Monotonic() < deadline) {
    changed_.WaitFor(mutex_, absl::ToChronoNanoseconds(deadline - clock_.Monotonic()));
  }
  giving_up_.Cancel();
}

void Agent::SignOff() {
  v1::HeartbeatRequest request;
  request.set_worker(options_.name);
  request.set_incarnation(clients_.incarnation);
  request.set_leaving(true);
  CallOptions call;
  call.timeout = kSignOffTime;
  call.max_attempts = 1;
  // Not told: the server finds out when no beats come.
  const absl::Status status = clients_.worker.Heartbeat(request, call).status();
  if (!status.ok()) spdlog::debug("not signed off: {}", status.ToString());
}

void Agent::Leave(const absl::Status& status) {
  {
    const MutexLock lock(mutex_);
    if (failure_.ok()) failure_ = status;
    stop_wanted_ = true;
    changed_.NotifyAll();
  }
  stopping_.Cancel();
}

void Agent::Stop() {
  bool again;
  {
    const MutexLock lock(mutex_);
    again = stop_wanted_;
  }
  Leave(absl::OkStatus());
  if (again) giving_up_.Cancel();
}

void Agent::OnIdle(size_t slot, bool idle) {
  {
    const MutexLock lock(mutex_);
    idle_[slot] = idle;
    if (!options_.exit_when_idle || stop_wanted_) return;
    for (const bool one : idle_) {
      if (!one) return;
    }
  }
  spdlog::info("no study has work; leaving");
  Leave(absl::OkStatus());
}

}  // namespace photinus
