#include "worker/base/piped_program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "worker/base/spawn_program.h"

namespace photinus {

Result<PipedProgram> PipedProgram::Start(const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Unavailable(std::string("cannot open a pipe: ") + std::strerror(errno));
  FileDescriptor read_end(ends[0]);
  const FileDescriptor write_end(ends[1]);
  SpawnActions actions;
  actions.CloseInput();
  actions.RedirectOutput(write_end.get());
  actions.OwnGroup();
  PHOTINUS_ASSIGN_OR_RETURN(const pid_t child, SpawnProgram(arguments, actions));
  return PipedProgram(child, std::move(read_end));
}

PipedProgram::PipedProgram(PipedProgram&& other) noexcept
    : child_(std::exchange(other.child_, 0)), output_(std::move(other.output_)), pending_(std::move(other.pending_)) {}

PipedProgram::~PipedProgram() {
  if (child_ == 0) return;
  Signal(SIGKILL);
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::string> PipedProgram::ReadLine() {
  while (true) {
    if (const size_t end = pending_.find('\n'); end != std::string::npos) {
      std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return line;
    }
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

void PipedProgram::Signal(int signal) const {
  if (child_ != 0) ::kill(-child_, signal);  // awaited in the destructor alone, so the group is still the child's
}

}  // namespace photinus
