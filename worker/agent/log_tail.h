// The last lines that a trial's program printed.
#ifndef PHOTINUS_WORKER_AGENT_LOG_TAIL_H_
#define PHOTINUS_WORKER_AGENT_LOG_TAIL_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace photinus {

// Keeps whole lines from the end, at most `max_bytes` of them. Not thread-safe.
class LogTail {
 public:
  explicit LogTail(size_t max_bytes) : max_bytes_(max_bytes) {}

  void Append(std::string_view line);
  // The lines with their newlines, as valid UTF-8; if some were dropped, the first line tells how much.
  std::string Text() const;
  // The last line that is not blank; empty if there is none.
  std::string LastLine() const;

 private:
  const size_t max_bytes_;
  size_t bytes_ = 0;
  int64_t dropped_bytes_ = 0;
  std::deque<std::string> lines_;
};

// The text with each byte that is not part of valid UTF-8 replaced by '?': what protobuf strings may hold.
std::string ValidUtf8(std::string_view text);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_LOG_TAIL_H_
