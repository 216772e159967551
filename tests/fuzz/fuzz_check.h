// What fuzzers demand; a broken promise ends the process, which is how a fuzzer reports a finding.
#ifndef PHOTINUS_TESTS_FUZZ_FUZZ_CHECK_H_
#define PHOTINUS_TESTS_FUZZ_FUZZ_CHECK_H_

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"

namespace photinus {

inline void FuzzCheck(bool condition, const std::string& promise) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", promise.c_str());
  std::abort();
}

// A parser says no more than "your input is wrong".
inline void FuzzCheckParseError(const absl::Status& status) {
  FuzzCheck(status.ok() || absl::IsInvalidArgument(status), status.ToString());
}

}  // namespace photinus

#endif  // PHOTINUS_TESTS_FUZZ_FUZZ_CHECK_H_
