// Where the program prints and asks.
#ifndef PHOTINUS_CLIENT_CLI_CONSOLE_H_
#define PHOTINUS_CLIENT_CLI_CONSOLE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace photinus {

class Console {
 public:
  virtual ~Console() = default;
  // To stdout, at once.
  virtual void Out(std::string_view text) = 0;
  // FailedPrecondition: something that was printed did not arrive, such as on a full disk.
  virtual absl::Status OutStatus() const = 0;
  // A line for people, to stderr: no part of the result.
  virtual void Note(std::string_view line) = 0;
  virtual bool OutIsTerminal() const = 0;
  // Of the terminal, in characters; 0 where there is none.
  virtual int Columns() const = 0;
  virtual int Rows() const = 0;
  // Prints the question to stderr and reads one line. FailedPrecondition: stdin is no terminal.
  virtual absl::StatusOr<std::string> Ask(std::string_view question) = 0;
};

// stdin, stdout and stderr of this process.
class ProcessConsole final : public Console {
 public:
  void Out(std::string_view text) override;
  absl::Status OutStatus() const override { return out_status_; }
  void Note(std::string_view line) override;
  bool OutIsTerminal() const override;
  int Columns() const override;
  int Rows() const override;
  absl::StatusOr<std::string> Ask(std::string_view question) override;

 private:
  absl::Status out_status_;
};

// The text without control characters: what others wrote must not steer the terminal. Line feeds and tabs stay.
std::string Harmless(std::string_view text);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_CONSOLE_H_
