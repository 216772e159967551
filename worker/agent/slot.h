// One trial after another: pull, run, deliver.
#ifndef PHOTINUS_WORKER_AGENT_SLOT_H_
#define PHOTINUS_WORKER_AGENT_SLOT_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/rpc/cancellation.h"
#include "worker/agent/assignment.h"
#include "worker/agent/checkpoint_dirs.h"
#include "worker/agent/executor.h"
#include "worker/agent/lease_keeper.h"
#include "worker/agent/process_guard.h"
#include "worker/agent/server_calls.h"
#include "worker/agent/spool.h"
#include "worker/agent/trial_run.h"

namespace photinus {

inline constexpr absl::Duration kLongestPause = absl::Seconds(60);

// From this attempt on it counts as a loss of the trial that a machine cannot run it, so that a trial which no machine
// can run (a folder of clips that is nowhere whole) ends some day. It is the trial's number of attempts, however those
// before ended; nearly all were refusals or given back, as few may be lost. By refusals alone, one slot has then tried
// for an hour and a half.
inline constexpr int kFreeAttempts = 100;

struct SlotSettings {
  std::string worker;     // the daemon's name
  std::string client_id;  // <worker>.<slot>
  std::string device;     // as `photinus worker list` shows it
  std::string device_in_child;
  std::string data_dir;                           // absolute
  std::string trials_dir;                         // absolute; work dirs are made in there
  std::string late_dir;                           // absolute; artifacts of refused results are kept in there
  int threads = 1;                                // for a trial
  std::string energy;                             // see TrialPlace
  std::vector<std::string> monitor;               // see TrialPlace
  int pull_seconds = 20;                          // how long one PullTrial waits for work
  absl::Duration first_pause = absl::Seconds(5);  // after a trial that this machine cannot run; grows to kLongestPause
  TrialRun::Settings run;
};

// The references must outlive the slot. Run belongs to one thread; HandBack is thread-safe.
class Slot {
 public:
  // on_idle: whether the last PullTrial said that no study has work for this worker; called after each one.
  Slot(SlotSettings settings, std::vector<std::unique_ptr<Executor>> executors, ServerClients& clients,
       LeaseKeeper& leases, const Spool& spool, const ProcessGuard& guard, std::function<void(bool)> on_idle);

  // Until `stopping`. While the server is away it waits. What it cannot hand over before `giving_up` stays in the
  // spool. Returns the error, if PullTrial failed for a reason that does not pass (a wrong name, a superseded daemon,
  // not a Photinus server).
  absl::Status Run(Cancellation& stopping, Cancellation& giving_up);

  // Ends the running trial; call it after stopping.Cancel().
  void HandBack();

 private:
  absl::StatusOr<v1::PullTrialResponse> Pull(Cancellation& stopping);
  // False: this machine cannot run it for now, and the trial is given back.
  bool RunTrial(const v1::PullTrialResponse& response, Cancellation& stopping, Cancellation& giving_up);
  TrialEnd RunLeased(const Assignment& assignment, const TrialPlace& place, Cancellation& stopping,
                     Cancellation& giving_up);
  void HandOver(const TrialEnd& end, const Assignment& assignment, Cancellation& giving_up);
  // Gives a trial back for another attempt. crashed: counts as a loss of the trial.
  void Release(const std::string& trial, const std::string& lease_token, bool crashed, std::string_view cause,
               Cancellation& giving_up);
  const Executor* FindExecutor(const std::string& name) const;

  const SlotSettings settings_;
  const std::vector<std::unique_ptr<Executor>> executors_;
  ServerClients& clients_;
  LeaseKeeper& leases_;
  const Spool& spool_;
  const ProcessGuard& guard_;
  const std::function<void(bool)> on_idle_;
  const CheckpointDirs checkpoints_;

  Mutex mutex_;
  TrialRun* running_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_SLOT_H_
