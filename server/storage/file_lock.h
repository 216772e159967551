// One server per database file.
#ifndef PHOTINUS_SERVER_STORAGE_FILE_LOCK_H_
#define PHOTINUS_SERVER_STORAGE_FILE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace photinus {

// An exclusive flock(2) on `<path>.lock`, held until destruction or the end of the process, however it ends. The file
// names the last holder's process id. If the holder made it, it goes with the lock unless it is kept.
class FileLock {
 public:
  // FailedPrecondition: another process (named in the message) holds the lock, or the file cannot be made there; the
  // message says what to do.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);

  FileLock(FileLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), made_(std::exchange(other.made_, "")) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(made_, other.made_);
    return *this;
  }
  ~FileLock();

  void KeepFile() { made_.clear(); }

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  std::string made_;  // the file to remove; empty: none
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_FILE_LOCK_H_
