// What the streams that come and go step by step share.
#ifndef PHOTINUS_SERVER_API_STREAM_STEPS_H_
#define PHOTINUS_SERVER_API_STREAM_STEPS_H_

#include <atomic>
#include <string>

#include "absl/status/status.h"

namespace photinus {

// Orders the steps of a stream, each of which runs after the one before, but in another thread. gRPC sees to that; this
// says it to those who read only our code, such as ThreadSanitizer.
class StreamSteps {
 public:
  void Begin() { done_.load(std::memory_order_acquire); }
  // Before the call of gRPC that may begin the next step.
  void End() { done_.store(true, std::memory_order_release); }

 private:
  std::atomic<bool> done_ = false;
};

// Ends streams once the server stops: `what` says what became of what the client asked for.
inline absl::Status Stopping(const char* what) {
  return absl::UnavailableError(std::string("the server is stopping; ") + what);
}

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_STREAM_STEPS_H_
