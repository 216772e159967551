// One program, run to its end: request in, lines out, stopped or killed on demand.
#ifndef PHOTINUS_WORKER_AGENT_CHILD_PROCESS_H_
#define PHOTINUS_WORKER_AGENT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "worker/agent/line_reader.h"
#include "worker/agent/process_guard.h"
#include "worker/agent/spawn.h"

namespace photinus {

// How it ended.
struct ChildExit {
  int status = 0;             // exit status; meaningful if signal is 0
  int signal = 0;             // that ended it, or 0
  bool stop_sent = false;     // we sent SIGTERM before it ended
  bool killed_by_us = false;  // we sent SIGKILL before it ended
};

// Receives what the child prints, from the thread that calls ChildProcess::Run.
class ChildOutput {
 public:
  virtual ~ChildOutput() = default;
  // `cut`: the line was longer than kMaxLine and lost its end.
  virtual void OnOutputLine(std::string_view line, bool cut) = 0;
  virtual void OnErrorLine(std::string_view line, bool cut) = 0;
  // False: standard output is not read for now, so that the child has to wait. Asked again after ChildProcess::Wake.
  virtual bool HasRoom() = 0;
};

// The child is killed when the thread that started it ends, and with its group when it ends itself or this process does
// (see Spawn, ProcessGuard).
class ChildProcess {
 public:
  static constexpr size_t kMaxLine = 64 << 10;

  // Errors: those of Spawn. `guard` must outlive the child.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const ChildCommand& command, const ProcessGuard& guard);
  // Kills the child's group if it has not ended in Run.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Feeds the input and reads lines until the child has ended, then kills what is left of its group. To be called once,
  // by the thread that called Start.
  ChildExit Run(ChildOutput& output);

  // Thread-safe, also after the end. SIGTERM to the group now, SIGKILL after `grace`; of several calls the earliest
  // kill counts.
  void Stop(absl::Duration grace);
  // Thread-safe. SIGKILL to the group `after` from now, without SIGTERM before.
  void Kill(absl::Duration after = absl::ZeroDuration());
  // Thread-safe. Makes Run ask HasRoom again.
  void Wake();

  pid_t pid() const { return child_.pid; }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  ChildProcess(SpawnedChild child, std::string input, FileDescriptor wake, const ProcessGuard& guard);

  // Waits for the next event and handles it; true once the child has ended.
  bool HandleEvents(ChildOutput& output);
  void FeedInput();
  // Reads once. Closes the stream at its end; false if nothing was there.
  bool ReadOutput(ChildOutput& output);
  bool ReadErrors(ChildOutput& output);
  // Sends what Stop and Kill asked for. Returns for how many milliseconds poll may sleep; -1: without limit.
  int SendSignals();
  ChildExit Reap();

  const ProcessGuard& guard_;
  SpawnedChild child_;
  const FileDescriptor wake_;  // an eventfd

  Mutex mutex_;
  bool stop_wanted_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<SteadyTime> kill_at_ ABSL_GUARDED_BY(mutex_);

  // Of the thread in Run.
  std::string input_;  // what is still to be fed
  size_t fed_ = 0;
  LineReader output_lines_{kMaxLine};
  LineReader error_lines_{kMaxLine};
  bool stop_sent_ = false;
  bool kill_sent_ = false;
  bool reaped_ = false;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_CHILD_PROCESS_H_
