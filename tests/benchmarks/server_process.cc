#include "tests/benchmarks/server_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/benchmarks/measure.h"

namespace photinus {
namespace {

std::filesystem::path ThisProgram() { return std::filesystem::read_symlink("/proc/self/exe"); }

}  // namespace

std::vector<std::string> PhotinusServerCommand(const std::string& storage_url) {
  const std::filesystem::path build = ThisProgram().parent_path().parent_path();
  return {
      build / "bin" / "photinus-server", "--storage", storage_url, "--listen", "127.0.0.1:0", "--log-level", "warn"};
}

std::vector<std::string> EchoServerCommand() { return {ThisProgram(), "--serve-echo"}; }

ServerProcess::ServerProcess(std::vector<std::string> command) : command_(std::move(command)) { Start(); }

void ServerProcess::Start() {
  int out[2];
  int in[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(in, O_CLOEXEC) != 0) Check(absl::UnavailableError("no pipe"));
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    std::vector<char*> arguments;
    for (const std::string& argument : command_) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(out[1]);
  close(in[0]);
  input_ = in[1];
  FILE* lines = fdopen(out[0], "r");
  char line[256] = "";
  if (std::fgets(line, sizeof line, lines) == nullptr) {
    Check(absl::UnavailableError(absl::StrCat(command_[0], " does not start")));
  }
  std::fclose(lines);
  absl::string_view address = absl::StripAsciiWhitespace(line);
  absl::ConsumePrefix(&address, "listening on ");
  address_ = std::string(address);
}

int64_t ServerProcess::ResidentBytes() const {
  std::ifstream file(absl::StrCat("/proc/", pid_, "/statm"));
  int64_t total = 0;
  int64_t resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

void ServerProcess::CrashAndRestart() {
  End(SIGKILL);
  Start();
}

void ServerProcess::Stop() {
  if (pid_ > 0) End(SIGTERM);
}

void ServerProcess::End(int signal) {
  kill(pid_, signal);
  close(input_);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace photinus
