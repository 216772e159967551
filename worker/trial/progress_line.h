#ifndef PHOTINUS_WORKER_TRIAL_PROGRESS_LINE_H_
#define PHOTINUS_WORKER_TRIAL_PROGRESS_LINE_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace photinus::trial {

// Shows on stderr how far the making of data has come: one line that is written over on a terminal, a line for each
// tenth elsewhere.
class ProgressLine {
 public:
  ProgressLine();
  // Ends an open line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // total 0: a stage without parts. Called by one thread at a time.
  void Show(std::string_view stage, size_t done, size_t total);

 private:
  void Print(size_t done, size_t total);

  const bool terminal_;
  std::string stage_;
  std::chrono::steady_clock::time_point stage_start_;
  std::chrono::steady_clock::time_point last_shown_;
  size_t tenths_shown_ = 0;
  bool open_ = false;
};

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_PROGRESS_LINE_H_
