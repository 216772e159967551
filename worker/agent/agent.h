// The worker daemon: its slots, their leases, its folders, its end.
#ifndef PHOTINUS_WORKER_AGENT_AGENT_H_
#define PHOTINUS_WORKER_AGENT_AGENT_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/rpc/cancellation.h"
#include "common/rpc/channel.h"
#include "worker/agent/devices.h"
#include "worker/agent/executor.h"
#include "worker/agent/lease_keeper.h"
#include "worker/agent/process_guard.h"
#include "worker/agent/server_calls.h"
#include "worker/agent/slot.h"
#include "worker/agent/spool.h"
#include "worker/agent/trial_result.h"
#include "worker/base/file_descriptor.h"

namespace photinus {

struct AgentOptions {
  std::string server = "127.0.0.1:28080";
  std::string name;                  // [A-Za-z0-9._-]{1,64}; unique among the workers of a server
  int slots = 1;                     // per device
  int threads = 0;                   // of a network's trial; 0: slots share the machine's cores (SharedThreads)
  std::string energy;                // what predicts a network's energy_mj: see TrialPlace
  std::vector<std::string> monitor;  // what measures it, where a power monitor does: see TrialPlace
  std::string data_dir;              // may be shared by several workers
  bool exit_when_idle = false;
  bool allow_remote_command = false;
  // photinus-trial's full path, or why no networks are trained here.
  absl::StatusOr<std::string> trial_program = absl::NotFoundError("no photinus-trial is named");
  absl::Duration first_pause = absl::Seconds(5);  // see SlotSettings
  absl::Duration farewell = absl::Seconds(5);     // for the server's answers, after the programs' own grace at the end
  TrialRun::Settings run;
};

class Agent {
 public:
  // `guard` must outlive the agent. InvalidArgument: an option; Unavailable: the data folder cannot be used;
  // AlreadyExists: another worker of this name uses it; FailedPrecondition: there is nothing that this worker could
  // run, or no networks on one of the devices.
  static absl::StatusOr<std::unique_ptr<Agent>> Create(AgentOptions options, const std::vector<Device>& devices,
                                                       const ProcessGuard& guard);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Delivers what an earlier process left in the spool: before a slot pulls, since under the new incarnation a pull
  // takes the slot's trial from the old one, whose result would then be refused. Then works until Stop, until every
  // slot is idle (if exit_when_idle), or until the server refuses this worker for good, which it returns
  // (AlreadyExists: a newer daemon of this name). Then running trials are stopped and given back, for a few seconds at
  // most.
  absl::Status Run();

  // Thread-safe, also before Run. A second call kills what still runs and waits for nobody.
  void Stop();

 private:
  Agent(AgentOptions options, Channel channel, FileDescriptor lock, const ProcessGuard& guard);

  absl::Status CheckExecutors(const std::vector<Device>& devices) const;
  void MakeSlots(const std::vector<Device>& devices);
  bool MayRunCommands() const { return channel_.address().is_local || options_.allow_remote_command; }
  std::vector<std::unique_ptr<Executor>> MakeExecutors(const Device& device) const;
  int ThreadsOn(const Device& device) const;
  std::string LateDir() const;
  void RemoveStaleWorkDirs() const;
  void EmptySpool();
  void OnIdle(size_t slot, bool idle);
  // Makes Run end, with the first of such statuses that is an error.
  void Leave(const absl::Status& status);
  void EndSlots();
  // Tells the server that this worker is gone, if it can be told at once.
  void SignOff();
  absl::StatusOr<v1::HeartbeatResponse> Beat(const v1::HeartbeatRequest& request, absl::Duration timeout);

  const AgentOptions options_;
  const Channel channel_;
  const FileDescriptor lock_;  // a locked file: one daemon per name and data folder
  const ProcessGuard& guard_;
  const SystemClock clock_;
  ServerClients clients_;
  Cancellation stopping_;   // no new trials
  Cancellation giving_up_;  // no more waiting for anybody
  const Spool spool_;
  std::vector<TrialResult> undelivered_;  // from the spool, before Run
  std::unique_ptr<LeaseKeeper> leases_;
  int slot_count_ = 1;
  std::vector<std::unique_ptr<Slot>> slots_;

  Mutex mutex_;
  CondVar changed_;  // running_slots_ or stop_wanted_
  std::vector<bool> idle_ ABSL_GUARDED_BY(mutex_);
  size_t running_slots_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stop_wanted_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_AGENT_H_
