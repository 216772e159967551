// One attempt at one trial: the program runs, its lines become measurements, its end becomes a result.
#ifndef PHOTINUS_WORKER_AGENT_TRIAL_RUN_H_
#define PHOTINUS_WORKER_AGENT_TRIAL_RUN_H_

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "worker/agent/assignment.h"
#include "worker/agent/child_process.h"
#include "worker/agent/executor.h"
#include "worker/agent/lease_keeper.h"
#include "worker/agent/log_tail.h"
#include "worker/agent/measurement_reporter.h"
#include "worker/agent/server_calls.h"
#include "worker/agent/trial_output.h"
#include "worker/agent/trial_result.h"

namespace photinus {

struct TrialEnd {
  enum class Kind {
    kFinished,    // `result` is to be delivered
    kCrashed,     // ended by a signal that was not ours: to be given back as a loss
    kCannotRun,   // this machine cannot run it for now: to be given back
    kHandedBack,  // HandBack was called: to be given back
    kFenced,      // the lease may have run out: to be given back, if it is ours still
    kLost,        // somebody else's or closed: nothing to tell
  };
  Kind kind = Kind::kFinished;
  TrialResult result;  // for kCrashed and kCannotRun: the log as its only artifact
  std::string note;    // for the log
  bool warns = false;  // the note is a warning
};

// Run belongs to one thread; OnLeaseEvent, HandBack and Kill are thread-safe.
class TrialRun final : public ChildOutput {
 public:
  struct Settings {
    absl::Duration stop_grace = absl::Seconds(30);      // from SIGTERM to SIGKILL when a trial is stopped early
    absl::Duration hand_back_grace = absl::Seconds(5);  // the same when this worker goes down
  };

  // The references must outlive the run. `place.work_dir` exists.
  TrialRun(const Assignment& assignment, const TrialPlace& place, const Settings& settings, ServerClients& clients,
           const ProcessGuard& guard);
  ~TrialRun() override;

  TrialEnd Run(const Executor& executor);

  void OnLeaseEvent(LeaseEvent event);
  // The worker goes down: the program is stopped, its result does not count.
  void HandBack();
  // The same without any grace.
  void Kill();

  // ChildOutput.
  void OnOutputLine(std::string_view line, bool cut) override;
  void OnErrorLine(std::string_view line, bool cut) override;
  bool HasRoom() override;

 private:
  enum class Fate { kOpen, kHandedBack, kFenced, kLost };

  void Stop(absl::Duration grace) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Sets the fate unless it is decided, and ends the program.
  void Decide(Fate fate, absl::Duration grace);
  void OnMeasurement(const OutputMeasurement& output);
  // Of artifacts with one name the last one counts.
  void OnArtifact(const OutputArtifact& output);
  TrialEnd Conclude(const ChildExit& exit);
  // Why the program, which was to stop early, left no final measurement; nullopt if it left one.
  std::optional<std::string> NoFinalMeasurement() const;
  TrialEnd Finished();
  TrialEnd Infeasible(const std::string& reason);
  TrialEnd GiveBack(TrialEnd::Kind kind, const std::string& reason);
  // What all results have: token, work dir, unsent measurements, the log's file.
  void FillIn(TrialResult& result);
  pb::Measurement MeasurementOf(int64_t step, std::optional<double> elapsed, const Metrics& metrics) const;

  const Assignment& assignment_;
  const TrialPlace& place_;
  const Settings settings_;
  ServerClients& clients_;
  const ProcessGuard& guard_;
  Cancellation calls_;  // of the reporter

  Mutex mutex_;
  ChildProcess* child_ ABSL_GUARDED_BY(mutex_) = nullptr;       // while it runs
  std::optional<absl::Duration> stop_ ABSL_GUARDED_BY(mutex_);  // wanted, with this grace
  Fate fate_ ABSL_GUARDED_BY(mutex_) = Fate::kOpen;

  // Of the thread in Run.
  absl::Duration started_;
  std::unique_ptr<MeasurementReporter> reporter_;
  LogTail log_;
  std::optional<pb::Measurement> last_measurement_;
  std::set<std::string> static_metrics_;  // names of those of step 0
  std::optional<Metrics> final_metrics_;
  std::optional<std::string> infeasible_reason_;
  std::vector<ResultArtifact> artifacts_;
  std::vector<pb::Measurement> unsent_;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_TRIAL_RUN_H_
