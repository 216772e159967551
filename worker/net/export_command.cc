#include "worker/net/export_command.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "worker/net/network_file.h"

namespace photinus::net {
namespace {

// Runs a program with this environment and waits. Returns its wait status.
Result<int> RunProgram(std::vector<std::string> argv) {
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (std::string& argument : argv) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int fault = posix_spawn(&pid, argv[0].c_str(), nullptr, nullptr, arguments.data(), environ);
  if (fault == ENOENT) return NotFound("no program " + argv[0] + "; build and install photinus-trial with this one");
  if (fault != 0) return Unavailable("cannot start " + argv[0] + ": " + std::strerror(fault));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return Internal("cannot wait for " + argv[0] + ": " + std::strerror(errno));
  }
  return status;
}

}  // namespace

Result<void> RunExport(const std::string& net, std::uint64_t seed, const std::string& out,
                       const std::string& trial_program) {
  PHOTINUS_RETURN_IF_ERROR(ReadNetwork(net));
  PHOTINUS_ASSIGN_OR_RETURN(const int status, RunProgram({trial_program, "export", "--net", net, "--seed",
                                                          std::to_string(seed), "--out", out}));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                                            : "signal " + std::to_string(WTERMSIG(status));
  return Unavailable(trial_program + " export failed (" + how + "); its reason stands above");
}

std::string TrialProgramBesideThisOne() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / "photinus-trial").string();
}

}  // namespace photinus::net
