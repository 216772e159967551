// fork and exec, with the care that a process with many threads needs.
#ifndef PHOTINUS_WORKER_AGENT_SPAWN_H_
#define PHOTINUS_WORKER_AGENT_SPAWN_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/agent/process_guard.h"
#include "worker/base/file_descriptor.h"

namespace photinus {

// What to run.
struct ChildCommand {
  std::vector<std::string> argv;         // argv[0] without '/' is looked up in PATH
  std::vector<std::string> environment;  // "NAME=value": replaces or adds to ours
  std::string directory;                 // the child's working directory
  std::string input;                     // its whole standard input
};

struct SpawnedChild {
  pid_t pid = -1;
  FileDescriptor input;  // our ends of its standard streams, non-blocking
  FileDescriptor output;
  FileDescriptor error;
  FileDescriptor ended;  // a pidfd: readable once the child has ended
};

// Starts `command` as the leader of a process group of its own, watched by `guard`, killed when this thread ends, with
// default signal handling and none but its standard streams open. Between fork and exec only async-signal-safe
// functions run. NotFound: no such program; PermissionDenied: not executable; InvalidArgument: too long or not a
// program; Unavailable: the folder cannot be entered, no processes, memory or files left.
absl::StatusOr<SpawnedChild> Spawn(const ChildCommand& command, const ProcessGuard& guard);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_SPAWN_H_
