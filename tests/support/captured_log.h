// What the program logs, for tests that read it.
#ifndef PHOTINUS_TESTS_SUPPORT_CAPTURED_LOG_H_
#define PHOTINUS_TESTS_SUPPORT_CAPTURED_LOG_H_

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

namespace photinus {

// The last lines that are logged while it lives. Thread-safe.
class CapturedLog {
 public:
  CapturedLog() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", lines_)); }
  ~CapturedLog() { spdlog::set_default_logger(before_); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  // All of it, with levels.
  std::string text() const {
    std::string text;
    for (const std::string& line : lines_->last_formatted()) text += line;
    return text;
  }
  // How often `text` was logged.
  int Count(const std::string& text) const {
    int count = 0;
    const std::string log = this->text();
    for (size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
    return count;
  }

 private:
  static constexpr size_t kLines = 10'000;

  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  const std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines_ =
      std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(kLines);
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_CAPTURED_LOG_H_
