#include "client/cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

// While it lives, Ctrl-C ends the process even if the program takes signals elsewhere: a question must not hold it.
class InterruptibleQuestion {
 public:
  InterruptibleQuestion() {
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &interrupt, &before_);
  }
  ~InterruptibleQuestion() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  InterruptibleQuestion(const InterruptibleQuestion&) = delete;
  InterruptibleQuestion& operator=(const InterruptibleQuestion&) = delete;

 private:
  sigset_t before_;
};

winsize TerminalSize() {
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return size;
}

}  // namespace

void ProcessConsole::Out(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written || !out_status_.ok()) return;
  out_status_ = absl::FailedPreconditionError(absl::StrCat("cannot write to standard output: ", std::strerror(errno)));
}

void ProcessConsole::Note(std::string_view line) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

bool ProcessConsole::OutIsTerminal() const { return isatty(STDOUT_FILENO) == 1; }

int ProcessConsole::Columns() const { return TerminalSize().ws_col; }

int ProcessConsole::Rows() const { return TerminalSize().ws_row; }

absl::StatusOr<std::string> ProcessConsole::Ask(std::string_view question) {
  if (isatty(STDIN_FILENO) != 1) return absl::FailedPreconditionError("stdin is no terminal");
  std::fprintf(stderr, "%.*s ", static_cast<int>(question.size()), question.data());
  std::fflush(stderr);
  const InterruptibleQuestion interruptible;
  std::string answer;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) answer += static_cast<char>(c);
  return answer;
}

std::string Harmless(std::string_view text) {
  std::string harmless;
  harmless.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    // U+0080..U+009F, two bytes in UTF-8, are control characters too.
    const bool second_block = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (second_block) ++i;
    const bool control = second_block || (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
    harmless += control ? '?' : text[i];
  }
  return harmless;
}

}  // namespace photinus
