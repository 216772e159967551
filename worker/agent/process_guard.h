// The last resort against processes that outlive a daemon killed with SIGKILL.
#ifndef PHOTINUS_WORKER_AGENT_PROCESS_GUARD_H_
#define PHOTINUS_WORKER_AGENT_PROCESS_GUARD_H_

#include <sys/types.h>

#include "absl/status/statusor.h"

namespace photinus {

// A process in a session of its own that reads from a pipe which process groups run. The pipe's other end is held by
// the daemon alone: when the daemon ends, in whatever way, the guard kills the groups that are left, and ends too.
// (PR_SET_PDEATHSIG takes only the daemon's direct children; this takes their children as well, unless they have left
// their group.) Thread-safe.
class ProcessGuard {
 public:
  // Forks: to be called while the process has one thread and knows no gRPC yet.
  static absl::StatusOr<ProcessGuard> Start();
  ProcessGuard(ProcessGuard&& other) noexcept;
  ProcessGuard& operator=(ProcessGuard&&) = delete;
  ~ProcessGuard();

  // Async-signal-safe, so that a child can announce itself between fork and exec.
  void Watch(pid_t group) const { Send('+', group); }
  // To be called while the group's leader is not yet waited for: then nobody else can have its number.
  void Forget(pid_t group) const { Send('-', group); }

 private:
  explicit ProcessGuard(int pipe) : pipe_(pipe) {}
  void Send(char what, pid_t group) const;

  int pipe_;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_PROCESS_GUARD_H_
