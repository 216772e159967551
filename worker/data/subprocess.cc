#include "worker/data/subprocess.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace photinus::data {
namespace {

// What the new process does with its first three descriptors: nothing to read, one pipe to write to.
class SpawnActions {
 public:
  explicit SpawnActions(int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
  }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

std::string ReadToEnd(int fd) {
  std::string output;
  char buffer[4096];
  while (true) {
    const ssize_t got = ::read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return output;
    output.append(buffer, static_cast<size_t>(got));
  }
}

std::string DescribeEnd(int status) {
  if (WIFSIGNALED(status)) return "was ended by signal " + std::to_string(WTERMSIG(status));
  return "ended with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<std::string> RunProgram(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return Unavailable(std::string("cannot open a pipe: ") + std::strerror(errno));
  pid_t child = 0;
  const int fault = ::posix_spawnp(&child, argv[0], SpawnActions(pipe[1]).get(), nullptr, argv.data(), environ);
  ::close(pipe[1]);
  if (fault != 0) {
    ::close(pipe[0]);
    std::string message = "cannot run " + arguments[0] + ": " + std::strerror(fault);
    return fault == ENOENT ? NotFound(std::move(message)) : Unavailable(std::move(message));
  }
  std::string output = ReadToEnd(pipe[0]);
  ::close(pipe[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  constexpr size_t kLastWords = 500;
  if (output.size() > kLastWords) output.erase(0, output.size() - kLastWords);
  return Unavailable(arguments[0] + " " + DescribeEnd(status) + ": " + output);
}

}  // namespace photinus::data
