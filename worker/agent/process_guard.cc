#include "worker/agent/process_guard.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <set>
#include <utility>

#include "absl/status/status.h"

namespace photinus {
namespace {

struct Message {
  char what;  // '+' or '-'
  pid_t group;
};

// The guard itself. Never returns.
[[noreturn]] void WatchOver(int pipe) {
  setsid();  // Ctrl-C and kills of the daemon's group are not for us
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
  prctl(PR_SET_NAME, "photinus-guard");
  // Nobody must wait for us to close its pipes.
  const int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2; ++fd) dup2(null, fd);
  dup2(pipe, 3);
  close_range(4, ~0U, 0);
  std::set<pid_t> groups;
  Message message;
  for (;;) {
    const ssize_t got = read(3, &message, sizeof(message));
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof(message)) break;  // the end: the daemon is gone
    if (message.what == '+') {
      groups.insert(message.group);
    } else {
      groups.erase(message.group);
    }
  }
  for (const pid_t group : groups) kill(-group, SIGKILL);
  _exit(0);
}

}  // namespace

absl::StatusOr<ProcessGuard> ProcessGuard::Start() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::UnavailableError(std::strerror(errno));
  const pid_t middle = fork();
  if (middle < 0) return absl::UnavailableError(std::strerror(errno));
  if (middle == 0) {
    // The guard's parent ends at once, so that the guard is no child of the daemon: those are trials only.
    if (fork() != 0) _exit(0);
    WatchOver(ends[0]);
  }
  close(ends[0]);
  while (waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
  }
  return ProcessGuard(ends[1]);
}

ProcessGuard::ProcessGuard(ProcessGuard&& other) noexcept : pipe_(std::exchange(other.pipe_, -1)) {}

ProcessGuard::~ProcessGuard() {
  if (pipe_ >= 0) close(pipe_);
}

void ProcessGuard::Send(char what, pid_t group) const {
  Message message{};
  message.what = what;
  message.group = group;
  // Shorter than PIPE_BUF, so it arrives whole. Without a guard (EPIPE) PR_SET_PDEATHSIG still takes the child.
  while (write(pipe_, &message, sizeof(message)) < 0 && errno == EINTR) {
  }
}

}  // namespace photinus
