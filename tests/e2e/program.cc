#include "tests/e2e/program.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

extern char** environ;

namespace photinus {
namespace {

constexpr auto kDeadline = std::chrono::minutes(1);
constexpr auto kPoll = std::chrono::milliseconds(5);  // of other processes, whose events cannot be waited for

// State and parent of a process, as /proc/PID/stat tells; '\0' if there is none.
struct ProcessState {
  char state = '\0';
  pid_t parent = 0;
};

ProcessState StateOf(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  ProcessState result;
  const size_t end = text.rfind(')');
  if (end != std::string::npos) std::sscanf(text.c_str() + end + 1, " %c %d", &result.state, &result.parent);
  return result;
}

}  // namespace

Program::Program(const std::string& name, const std::vector<std::string>& arguments, const std::string& log) {
  const char* folder = std::getenv("PHOTINUS_BIN");
  const std::string path = std::string(folder == nullptr ? "." : folder) + "/" + name;
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  if (posix_spawn(&pid_, path.c_str(), &actions, &attributes, argv.data(), environ) != 0) {
    ADD_FAILURE() << "cannot start " << path;
    pid_ = -1;
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  output_ = fdopen(ends[0], "r");
}

Program::~Program() {
  if (pid_ > 0 && !status_.has_value()) {
    kill(-pid_, SIGKILL);
    Wait();
  }
  fclose(output_);
}

std::string Program::ReadLine() {
  std::string line;
  for (int c = fgetc(output_); c != EOF && c != '\n'; c = fgetc(output_)) line += static_cast<char>(c);
  return line;
}

void Program::Kill() {
  if (!status_.has_value()) kill(pid_, SIGKILL);
  Wait();
}

int Program::Stop() {
  if (!status_.has_value()) kill(pid_, SIGTERM);
  return Wait();
}

int Program::Wait() {
  if (pid_ <= 0) return -1;
  if (!Eventually("the end of a program", [this] { return HasEnded(); })) kill(-pid_, SIGKILL);
  return status_.value_or(-1);
}

bool Program::HasEnded() {
  if (status_.has_value()) return true;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return true;
}

std::vector<pid_t> Program::Children() const {
  std::vector<pid_t> children;
  DIR* processes = opendir("/proc");
  while (const dirent* entry = readdir(processes)) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    const ProcessState process = StateOf(pid);
    if (process.parent == pid_ && process.state != 'Z') children.push_back(pid);
  }
  closedir(processes);
  return children;
}

bool Eventually(const std::string& what, const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(kPoll);
  }
  ADD_FAILURE() << what << " did not happen in time";
  return false;
}

bool IsAlive(pid_t pid) {
  const char state = StateOf(pid).state;
  return state != '\0' && state != 'Z' && state != 'X';
}

}  // namespace photinus
