#include "worker/net/finish.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <string>

namespace photinus::net {
namespace {

int ExitCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 2;
    case ErrorCode::kNotFound:
      return 3;
    case ErrorCode::kUnavailable:
      return 4;
    case ErrorCode::kInternal:
      return 1;
  }
  return 1;
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
  Fail("cannot write standard output" + (fault == 0 ? "" : std::string(": ") + std::strerror(fault)), 1);
}

}  // namespace photinus::net
