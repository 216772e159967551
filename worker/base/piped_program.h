#ifndef PHOTINUS_WORKER_BASE_PIPED_PROGRAM_H_
#define PHOTINUS_WORKER_BASE_PIPED_PROGRAM_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "worker/base/file_descriptor.h"
#include "worker/base/result.h"

namespace photinus {

// A running program whose lines on stdout are read as they come. It has no input and shares this program's stderr. When
// the object ends it is killed with all processes that it started, and awaited.
class PipedProgram {
 public:
  // Found on PATH unless its name has a slash; no shell is involved. NotFound: no such program; Unavailable: it could
  // not start.
  static Result<PipedProgram> Start(const std::vector<std::string>& arguments);

  ~PipedProgram();
  PipedProgram(PipedProgram&& other) noexcept;
  PipedProgram& operator=(PipedProgram&&) = delete;

  // The next line without its end; nothing once the program has closed its stdout. Waits. One thread at a time.
  std::optional<std::string> ReadLine();

  // Sends a signal to it and the processes that it started. From any thread while the object lives.
  void Signal(int signal) const;

 private:
  PipedProgram(pid_t child, FileDescriptor output) : child_(child), output_(std::move(output)) {}

  pid_t child_;  // 0: moved away
  FileDescriptor output_;
  std::string pending_;  // read, and not yet returned
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_PIPED_PROGRAM_H_
