#include "worker/net/finish.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <string>

namespace photinus::net {
namespace {

constexpr int kOther = 1, kUsage = 2;

// A verb has no server, so that what it does not find was misnamed on its command line.
int ExitCode(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kNotFound ? kUsage : kOther;
}

[[noreturn]] void Fail(const std::string& reason, int code) {
  std::cerr << "photinus-worker: " << reason << std::endl;
  throw CLI::RuntimeError(code);
}

}  // namespace

void Finish(const Result<void>& result) {
  if (!result.ok()) Fail(result.error().message, ExitCode(result.error().code));
  errno = 0;
  if (std::cout.flush()) return;
  const int fault = errno;  // 0: it failed earlier
  Fail("cannot write standard output" + (fault == 0 ? "" : std::string(": ") + std::strerror(fault)), kOther);
}

}  // namespace photinus::net
