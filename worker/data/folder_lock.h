#ifndef PHOTINUS_WORKER_DATA_FOLDER_LOCK_H_
#define PHOTINUS_WORKER_DATA_FOLDER_LOCK_H_

#include <filesystem>
#include <functional>

#include "worker/base/file_descriptor.h"
#include "worker/base/parallel.h"
#include "worker/base/result.h"

namespace photinus::data {

// Keeps other processes out of a folder, until the object or the process ends.
class FolderLock {
 public:
  // Waits for the lock on the file `path`, made if missing. waiting: called once if another process has it.
  // Unavailable: the file cannot be opened or locked, or "stopped".
  static Result<FolderLock> Acquire(const std::filesystem::path& path, const std::function<void()>& waiting,
                                    const StopFunction& stop);

 private:
  explicit FolderLock(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_FOLDER_LOCK_H_
