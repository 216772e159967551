#include "worker/trial/progress_line.h"

#include <unistd.h>

#include <cstdio>

namespace photinus::trial {
namespace {

constexpr std::chrono::milliseconds kInterval(200);  // between two versions of the line

}  // namespace

ProgressLine::ProgressLine() : terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (open_) std::fputc('\n', stderr);
}

void ProgressLine::Show(std::string_view stage, size_t done, size_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (stage != stage_) {
    if (open_) std::fputc('\n', stderr);
    open_ = false;
    stage_ = stage;
    stage_start_ = now;
    last_shown_ = {};
    tenths_shown_ = 0;
    if (total == 0) std::fprintf(stderr, "%s\n", stage_.c_str());
  }
  if (total == 0) return;
  if (terminal_) {
    if (done < total && now - last_shown_ < kInterval) return;
    last_shown_ = now;
  } else {
    if (done * 10 / total <= tenths_shown_) return;
    tenths_shown_ = done * 10 / total;
  }
  Print(done, total);
}

void ProgressLine::Print(size_t done, size_t total) {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - stage_start_).count();
  const double left = seconds / static_cast<double>(done) * static_cast<double>(total - done);
  std::fprintf(stderr, "%s%s: %zu of %zu, %.0f s passed, %.0f s left%s", terminal_ ? "\r" : "", stage_.c_str(), done,
               total, seconds, left, terminal_ ? "   " : "\n");
  std::fflush(stderr);
  open_ = terminal_;
}

}  // namespace photinus::trial
