#include "worker/base/piped_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "worker/base/spawn_program.h"

namespace photinus {

Result<PipedProgram> PipedProgram::Start(const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Unavailable(std::string("cannot open a pipe: ") + std::strerror(errno));
  FileDescriptor read_end(ends[0]);
  const FileDescriptor write_end(ends[1]);
  FileDescriptor end(::eventfd(0, EFD_CLOEXEC));
  if (!end.is_open()) return Unavailable(std::string("cannot open an eventfd: ") + std::strerror(errno));
  SpawnActions actions;
  actions.CloseInput();
  actions.RedirectOutput(write_end.get());
  actions.OwnGroup();
  PHOTINUS_ASSIGN_OR_RETURN(const pid_t child, SpawnProgram(arguments, actions));
  return PipedProgram(child, std::move(read_end), std::move(end));
}

PipedProgram::PipedProgram(PipedProgram&& other) noexcept
    : child_(std::exchange(other.child_, 0)),
      output_(std::move(other.output_)),
      end_(std::move(other.end_)),
      pending_(std::move(other.pending_)) {}

PipedProgram::~PipedProgram() {
  if (child_ == 0) return;
  Signal(SIGKILL);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (::waitpid(child_, nullptr, WNOHANG) == 0 && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::optional<std::string> PipedProgram::ReadLine() {
  while (true) {
    if (const size_t end = pending_.find('\n'); end != std::string::npos) {
      std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return line;
    }
    pollfd sources[] = {{output_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}};
    if (::poll(sources, 2, -1) < 0 && errno == EINTR) continue;
    if (sources[1].revents != 0) return std::nullopt;
    char buffer[4096];
    const ssize_t got = ::read(output_.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got > 0) {
      pending_.append(buffer, static_cast<size_t>(got));
      continue;
    }
    if (pending_.empty()) return std::nullopt;
    return std::exchange(pending_, {});  // a last line without its end
  }
}

void PipedProgram::EndReading() const { ::eventfd_write(end_.get(), 1); }

void PipedProgram::Signal(int signal) const {
  if (child_ != 0) ::kill(-child_, signal);  // awaited in the destructor alone, so the group is still the child's
}

}  // namespace photinus
