#ifndef PHOTINUS_WORKER_BASE_MACHINE_LOCK_H_
#define PHOTINUS_WORKER_BASE_MACHINE_LOCK_H_

#include <string>
#include <utility>

#include "worker/base/file_descriptor.h"
#include "worker/base/result.h"

namespace photinus {

// Held by one process of this machine at a time, whosever it is, until the object or the process ends.
class MachineLock {
 public:
  // Waits so long for the lock of this name, which is the file /tmp/photinus-NAME.lock, open to all users. Unavailable:
  // another process kept it, or the file cannot be opened.
  static Result<MachineLock> Acquire(const std::string& name, double seconds);

 private:
  explicit MachineLock(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_MACHINE_LOCK_H_
