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

// A running program whose lines on stdout are read as they come. It has no input and shares this program's stderr. No
// signal is ignored in it at first. When the object ends it is killed with all processes that it started, and awaited;
// one that cannot be killed, because it runs as another user, is left alone after a second: its next line finds no
// reader.
class PipedProgram {
 public:
  // Found on PATH unless its name has a slash; no shell is involved. NotFound: no such program; Unavailable: it could
  // not start.
  static Result<PipedProgram> Start(const std::vector<std::string>& arguments);

  ~PipedProgram();
  PipedProgram(PipedProgram&& other) noexcept;
  PipedProgram& operator=(PipedProgram&&) = delete;

  // The next line without its end; nothing once the program has closed its stdout, or EndReading was called. Waits. One
  // thread at a time.
  std::optional<std::string> ReadLine();

  // From now on ReadLine returns nothing, one that is waiting included. From any thread while the object lives.
  void EndReading() const;

  // Sends a signal to it and the processes that it started. From any thread while the object lives.
  void Signal(int signal) const;

 private:
  PipedProgram(pid_t child, FileDescriptor output, FileDescriptor end)
      : child_(child), output_(std::move(output)), end_(std::move(end)) {}

  pid_t child_;  // 0: moved away
  FileDescriptor output_;
  FileDescriptor end_;   // an eventfd, readable once reading shall end
  std::string pending_;  // read, and not yet returned
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_PIPED_PROGRAM_H_
