#include "worker/net/finish.h"

#include <CLI/CLI.hpp>
#include <iostream>

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

}  // namespace

void Finish(const Result<void>& result) {
  if (result.ok()) return;
  std::cerr << "photinus-worker: " << result.error().message << std::endl;
  throw CLI::RuntimeError(ExitCode(result.error().code));
}

}  // namespace photinus::net
