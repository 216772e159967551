#ifndef PHOTINUS_WORKER_BASE_SPAWN_PROGRAM_H_
#define PHOTINUS_WORKER_BASE_SPAWN_PROGRAM_H_

#include <spawn.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "worker/base/result.h"

namespace photinus {

// How a new process begins: with this one's first three descriptors and in its process group, unless told otherwise.
class SpawnActions {
 public:
  SpawnActions() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~SpawnActions() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  // Nothing to read.
  void CloseInput();
  // stdout, or stderr, goes to this descriptor.
  void RedirectOutput(int descriptor);
  void RedirectErrors(int descriptor);
  // In a process group of its own, whose number is the child's, so that signals can reach its own children too; and
  // with no signal ignored or blocked, whatever this process ignores.
  void OwnGroup();

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// Starts a program; whoever calls has to await the child. NotFound: no such program; Unavailable: it could not start.
Result<pid_t> SpawnProgram(const std::vector<std::string>& arguments, const SpawnActions& actions);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_SPAWN_PROGRAM_H_
