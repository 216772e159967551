#include "worker/base/spawn_program.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace photinus {

void SpawnActions::CloseInput() { posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0); }

void SpawnActions::RedirectOutput(int descriptor) {
  posix_spawn_file_actions_adddup2(&actions_, descriptor, STDOUT_FILENO);
}

void SpawnActions::RedirectErrors(int descriptor) {
  posix_spawn_file_actions_adddup2(&actions_, descriptor, STDERR_FILENO);
}

void SpawnActions::OwnGroup() {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes_, &none);
  posix_spawnattr_setsigdefault(&attributes_, &all);
  posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

Result<pid_t> SpawnProgram(const std::vector<std::string>& arguments, const SpawnActions& actions) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int fault = ::posix_spawnp(&child, argv[0], actions.actions(), actions.attributes(), argv.data(), environ);
  if (fault == 0) return child;
  std::string message = "cannot run " + arguments[0] + ": " + std::strerror(fault);
  return fault == ENOENT ? NotFound(std::move(message)) : Unavailable(std::move(message));
}

}  // namespace photinus
