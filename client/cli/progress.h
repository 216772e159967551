// A line now and then about work that takes long.
#ifndef PHOTINUS_CLIENT_CLI_PROGRESS_H_
#define PHOTINUS_CLIENT_CLI_PROGRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "client/cli/console.h"
#include "common/base/clock.h"

namespace photinus {

inline constexpr absl::Duration kProgressEvery = absl::Seconds(3);

// Silent where the work ends within kProgressEvery.
class Progress {
 public:
  Progress(Console& console, const Clock& clock) : console_(console), clock_(clock), last_(clock.Monotonic()) {}

  // Prints what `line` says, to stderr, if it is time for the next line.
  void Update(absl::FunctionRef<std::string()> line);

 private:
  Console& console_;
  const Clock& clock_;
  absl::Duration last_;
};

// "12.3 MB".
std::string Megabytes(int64_t bytes);

// "12.3 of 45.6 MB (27 %)".
std::string MegabytesOf(int64_t bytes, int64_t total);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_PROGRESS_H_
