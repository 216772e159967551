#include "worker/agent/child_process.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <utility>

#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr absl::Duration kLongestGrace = absl::Hours(24);  // far from any overflow
constexpr size_t kReadBytes = 64 << 10;
// After the child's end, what is still in its pipes is read; a process that left the group could write for ever.
constexpr int kMaxReadsAfterEnd = 64;

// Reads once into `lines`; false if there was nothing. At the end of the stream closes `fd` and gives the last line.
bool ReadLines(FileDescriptor& fd, LineReader& lines, LineReader::Sink sink) {
  if (!fd.is_open()) return false;
  char buffer[kReadBytes];
  const ssize_t got = read(fd.get(), buffer, sizeof(buffer));
  if (got > 0) {
    lines.Append(std::string_view(buffer, static_cast<size_t>(got)), sink);
    return true;
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  fd.Close();
  lines.Finish(sink);
  return false;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const ChildCommand& command,
                                                                  const ProcessGuard& guard) {
  FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.is_open()) return absl::UnavailableError(std::strerror(errno));
  ASSIGN_OR_RETURN(SpawnedChild child, Spawn(command, guard));
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(child), command.input, std::move(wake), guard));
}

ChildProcess::ChildProcess(SpawnedChild child, std::string input, FileDescriptor wake, const ProcessGuard& guard)
    : guard_(guard), child_(std::move(child)), wake_(std::move(wake)), input_(std::move(input)) {}

ChildProcess::~ChildProcess() {
  if (reaped_) return;
  kill(-child_.pid, SIGKILL);
  Reap();
}

void ChildProcess::Stop(absl::Duration grace) {
  {
    const MutexLock lock(mutex_);
    stop_wanted_ = true;
  }
  Kill(grace);
}

void ChildProcess::Kill(absl::Duration after) {
  const SteadyTime kill_at =
      std::chrono::steady_clock::now() + absl::ToChronoMilliseconds(std::min(after, kLongestGrace));
  {
    const MutexLock lock(mutex_);
    kill_at_ = kill_at_.has_value() ? std::min(*kill_at_, kill_at) : kill_at;
  }
  Wake();
}

void ChildProcess::Wake() {
  const uint64_t one = 1;
  while (write(wake_.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
  }
}

ChildExit ChildProcess::Run(ChildOutput& output) {
  while (!HandleEvents(output)) {
  }
  // The leader waits to be reaped, so its group's number cannot have gone to others.
  kill(-child_.pid, SIGKILL);
  for (int i = 0; i < kMaxReadsAfterEnd && ReadOutput(output); ++i) {
  }
  for (int i = 0; i < kMaxReadsAfterEnd && ReadErrors(output); ++i) {
  }
  output_lines_.Finish([&](std::string_view line, bool cut) { output.OnOutputLine(line, cut); });
  error_lines_.Finish([&](std::string_view line, bool cut) { output.OnErrorLine(line, cut); });
  return Reap();
}

bool ChildProcess::HandleEvents(ChildOutput& output) {
  const int timeout = SendSignals();
  if (input_.size() == fed_) child_.input.Close();
  pollfd events[] = {
      {child_.ended.get(), POLLIN, 0},
      {wake_.get(), POLLIN, 0},
      {child_.input.get(), POLLOUT, 0},  // closed ones are -1, which poll ignores
      {output.HasRoom() ? child_.output.get() : -1, POLLIN, 0},
      {child_.error.get(), POLLIN, 0},
  };
  if (poll(events, std::size(events), timeout) < 0) return false;  // EINTR
  if (events[1].revents != 0) {
    uint64_t count;
    while (read(wake_.get(), &count, sizeof(count)) < 0 && errno == EINTR) {
    }
  }
  if (events[2].revents != 0) FeedInput();
  if (events[3].revents != 0) ReadOutput(output);
  if (events[4].revents != 0) ReadErrors(output);
  return events[0].revents != 0;
}

int ChildProcess::SendSignals() {
  const MutexLock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!kill_sent_ && kill_at_.has_value() && *kill_at_ <= now) {
    kill(-child_.pid, SIGKILL);
    kill_sent_ = true;
  }
  if (kill_sent_) return -1;
  if (stop_wanted_ && !stop_sent_) {
    kill(-child_.pid, SIGTERM);
    stop_sent_ = true;
  }
  if (!kill_at_.has_value()) return -1;
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*kill_at_ - now).count());
}

void ChildProcess::FeedInput() {
  const ssize_t written = write(child_.input.get(), input_.data() + fed_, input_.size() - fed_);
  if (written >= 0) {
    fed_ += static_cast<size_t>(written);
  } else if (errno != EAGAIN && errno != EINTR) {
    fed_ = input_.size();  // EPIPE: it does not want to read
  }
}

bool ChildProcess::ReadOutput(ChildOutput& output) {
  return ReadLines(child_.output, output_lines_,
                   [&](std::string_view line, bool cut) { output.OnOutputLine(line, cut); });
}

bool ChildProcess::ReadErrors(ChildOutput& output) {
  return ReadLines(child_.error, error_lines_, [&](std::string_view line, bool cut) { output.OnErrorLine(line, cut); });
}

ChildExit ChildProcess::Reap() {
  guard_.Forget(child_.pid);
  int status = 0;
  while (waitpid(child_.pid, &status, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
  ChildExit exit;
  exit.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  exit.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  exit.stop_sent = stop_sent_;
  exit.killed_by_us = kill_sent_;
  return exit;
}

}  // namespace photinus
