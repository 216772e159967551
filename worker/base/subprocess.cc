#include "worker/base/subprocess.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "worker/base/file_descriptor.h"
#include "worker/base/spawn_program.h"

namespace photinus {
namespace {

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

// Unavailable, saying how, if it ended otherwise than with status 0.
Result<void> Await(pid_t child, const std::string& program) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return Internal("cannot wait for " + program + ": " + std::strerror(errno));
  }
  if (WIFSIGNALED(status)) return Unavailable(program + " was ended by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) == 0) return {};
  return Unavailable(program + " ended with status " + std::to_string(WEXITSTATUS(status)));
}

}  // namespace

Result<std::string> ProgramOutput(const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Unavailable(std::string("cannot open a pipe: ") + std::strerror(errno));
  const FileDescriptor read_end(ends[0]);
  FileDescriptor write_end(ends[1]);
  SpawnActions actions;
  actions.CloseInput();
  actions.RedirectOutput(write_end.get());
  actions.RedirectErrors(write_end.get());
  PHOTINUS_ASSIGN_OR_RETURN(const pid_t child, SpawnProgram(arguments, actions));
  write_end.Close();
  std::string output = ReadToEnd(read_end.get());
  const Result<void> ended = Await(child, arguments[0]);
  if (ended.ok()) return output;
  constexpr size_t kLastWords = 500;
  if (output.size() > kLastWords) output.erase(0, output.size() - kLastWords);
  return Error{ended.error().code, ended.error().message + ": " + output};
}

Result<void> RunProgram(const std::vector<std::string>& arguments) {
  PHOTINUS_ASSIGN_OR_RETURN(const pid_t child, SpawnProgram(arguments, SpawnActions()));
  return Await(child, arguments[0]);
}

std::filesystem::path ProgramBesideThisOne(std::string_view name) {
  std::error_code ignored;  // an empty path then, which cannot be run
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / name;
}

}  // namespace photinus
