#include "worker/agent/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

extern char** environ;

namespace photinus {
namespace {

constexpr int kFailedChild = 127;

// What the child tells us if it cannot become the program.
struct Failure {
  bool in_chdir;
  int error;
};

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

// Everything the child needs, made before the fork: no allocation after it.
struct Plan {
  std::string program;
  std::vector<char*> argv;
  std::vector<std::string> environment_text;
  std::vector<char*> environment;
  const char* directory;
  int input, output, error, failure;
  pid_t parent;
};

absl::Status SystemError(int error, const std::string& what) {
  const std::string message = absl::StrCat(what, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    case E2BIG:
    case ENOEXEC:
      return absl::InvalidArgumentError(message);
    default:
      return absl::UnavailableError(message);
  }
}

absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError(errno, "cannot make a pipe");
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// As execvp looks it up, in the folders of PATH as they are seen from here: the child will be in another one.
absl::StatusOr<std::string> FindProgram(const std::string& name) {
  if (name.empty()) return absl::NotFoundError("the program's name is empty");
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  for (;;) {
    const size_t colon = rest.find(':');
    const std::string folder(rest.substr(0, colon));
    std::error_code fault;
    const std::filesystem::path candidate = std::filesystem::absolute(folder.empty() ? "." : folder, fault) / name;
    if (std::filesystem::is_regular_file(candidate, fault) && access(candidate.c_str(), X_OK) == 0) {
      return candidate.string();
    }
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  return absl::NotFoundError(absl::StrCat("no program '", name, "' in PATH"));
}

std::vector<std::string> MergedEnvironment(const std::vector<std::string>& changes) {
  std::map<std::string, std::string> merged;
  const auto add = [&merged](const std::string& entry) { merged[entry.substr(0, entry.find('='))] = entry; };
  for (char** entry = environ; *entry != nullptr; ++entry) add(*entry);
  for (const std::string& entry : changes) add(entry);
  std::vector<std::string> environment;
  environment.reserve(merged.size());
  for (auto& [name, entry] : merged) environment.push_back(std::move(entry));
  return environment;
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void Fail(int pipe, bool in_chdir, int error) {
  const Failure failure{in_chdir, error};
  while (write(pipe, &failure, sizeof(failure)) < 0 && errno == EINTR) {
  }
  _exit(kFailedChild);
}

// The child's side. Async-signal-safe functions only.
[[noreturn]] void BecomeProgram(const Plan& plan, const ProcessGuard& guard) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(kFailedChild);  // it died before the line above
  guard.Watch(getpid());
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (chdir(plan.directory) != 0) Fail(plan.failure, true, errno);
  dup2(plan.input, STDIN_FILENO);
  dup2(plan.output, STDOUT_FILENO);
  dup2(plan.error, STDERR_FILENO);
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);  // whatever some library forgot
  execve(plan.program.c_str(), plan.argv.data(), plan.environment.data());
  Fail(plan.failure, false, errno);
}

// Waits until the child has become the program, or says why not.
absl::Status AwaitExec(pid_t pid, const Pipe& failure_pipe, const ChildCommand& command, const ProcessGuard& guard) {
  Failure failure;
  ssize_t got;
  do {
    got = read(failure_pipe.read.get(), &failure, sizeof(failure));
  } while (got < 0 && errno == EINTR);
  if (got == 0) return absl::OkStatus();  // closed by exec
  guard.Forget(pid);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (failure.in_chdir) {
    return absl::UnavailableError(
        absl::StrCat("cannot enter the folder '", command.directory, "': ", std::strerror(failure.error)));
  }
  return SystemError(failure.error, "cannot run '" + command.argv[0] + "'");
}

}  // namespace

absl::StatusOr<SpawnedChild> Spawn(const ChildCommand& command, const ProcessGuard& guard) {
  if (command.argv.empty()) return absl::InvalidArgumentError("the command is empty");
  ASSIGN_OR_RETURN(Pipe input, MakePipe());
  ASSIGN_OR_RETURN(Pipe output, MakePipe());
  ASSIGN_OR_RETURN(Pipe error, MakePipe());
  ASSIGN_OR_RETURN(Pipe failure, MakePipe());
  Plan plan;
  ASSIGN_OR_RETURN(plan.program, FindProgram(command.argv[0]));
  plan.argv = Pointers(command.argv);
  plan.environment_text = MergedEnvironment(command.environment);
  plan.environment = Pointers(plan.environment_text);
  plan.directory = command.directory.c_str();
  plan.input = input.read.get();
  plan.output = output.write.get();
  plan.error = error.write.get();
  plan.failure = failure.write.get();
  plan.parent = getpid();

  SpawnedChild child;
  child.pid = fork();
  if (child.pid == 0) BecomeProgram(plan, guard);
  if (child.pid < 0) return SystemError(errno, "cannot start a process");
  setpgid(child.pid, child.pid);  // whichever of us is first
  failure.write.Close();
  RETURN_IF_ERROR(AwaitExec(child.pid, failure, command, guard));
  child.ended =
      FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));  // glibc 2.36 has no C++ header
  if (!child.ended.is_open()) {
    const absl::Status status = SystemError(errno, "cannot watch the process");
    kill(-child.pid, SIGKILL);
    guard.Forget(child.pid);
    waitpid(child.pid, nullptr, 0);
    return status;
  }
  child.input = std::move(input.write);
  child.output = std::move(output.read);
  child.error = std::move(error.read);
  for (const int fd : {child.input.get(), child.output.get(), child.error.get()}) fcntl(fd, F_SETFL, O_NONBLOCK);
  return child;
}

}  // namespace photinus
