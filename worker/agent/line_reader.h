// Bytes in, lines out.
#ifndef PHOTINUS_WORKER_AGENT_LINE_READER_H_
#define PHOTINUS_WORKER_AGENT_LINE_READER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace photinus {

// Splits a stream at '\n' (a '\r' before it is dropped). Of a line longer than `max_line` bytes the first `max_line`
// are kept and the rest is swallowed, so that a program that prints no newline cannot fill our memory. Not thread-safe.
class LineReader {
 public:
  // `cut` tells that the line was longer. The view is valid during the call.
  using Sink = absl::FunctionRef<void(std::string_view line, bool cut)>;

  explicit LineReader(size_t max_line) : max_line_(max_line) {}

  void Append(std::string_view bytes, Sink sink);
  // Gives what stands after the last newline, if anything does.
  void Finish(Sink sink);

 private:
  void Emit(Sink sink);

  const size_t max_line_;
  std::string line_;
  bool cut_ = false;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_LINE_READER_H_
