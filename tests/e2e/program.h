// Photinus' programs as child processes of a test.
#ifndef PHOTINUS_TESTS_E2E_PROGRAM_H_
#define PHOTINUS_TESTS_E2E_PROGRAM_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace photinus {

// A program of PHOTINUS_BIN in a session of its own; its standard error goes to `log`. Killed with its group at the
// end.
class Program {
 public:
  Program(const std::string& name, const std::vector<std::string>& arguments, const std::string& log);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The next line of its standard output; empty at its end.
  std::string ReadLine();
  // kill -9 of this process alone; returns once it is gone.
  void Kill();
  // SIGTERM, unless it has ended; returns its exit status, -1 if a signal ended it.
  int Stop();
  // Waits for its end by itself.
  int Wait();
  // The processes that it started and that still run.
  std::vector<pid_t> Children() const;
  bool HasEnded();

 private:
  pid_t pid_ = -1;
  FILE* output_ = nullptr;
  std::optional<int> status_;  // once waited for
};

// Polls until `condition` holds; false after a minute (shared machines and sanitizers), with `what` as a test failure.
bool Eventually(const std::string& what, const std::function<bool()>& condition);

// Whether the process exists and is no zombie.
bool IsAlive(pid_t pid);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_E2E_PROGRAM_H_
