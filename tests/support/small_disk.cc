#include "tests/support/small_disk.h"

#include <algorithm>
#include <utility>

namespace photinus {

void SmallDisk::Fill() {
  const MutexLock lock(mutex_);
  others_ += std::exchange(free_, 0);
}

void SmallDisk::Free(int64_t bytes) {
  const MutexLock lock(mutex_);
  free_ += bytes;
  others_ -= bytes;
}

void SmallDisk::Empty() {
  const MutexLock lock(mutex_);
  free_ += std::exchange(others_, 0);
}

void SmallDisk::Measure(File& file) {
  const int64_t size = file.Size();
  free_ -= size - std::exchange(files_[file.path], size);
}

int SmallDisk::Open(const char* path, File& file, int flags, int* out_flags) {
  const int code = VfsShim::Open(path, file, flags, out_flags);
  if (code != SQLITE_OK || path == nullptr) return code;
  const MutexLock lock(mutex_);
  Measure(file);
  return code;
}

int SmallDisk::Delete(const char* path, bool sync_folder) {
  const int code = VfsShim::Delete(path, sync_folder);
  if (code != SQLITE_OK) return code;
  const MutexLock lock(mutex_);
  free_ += std::exchange(files_[path], 0);
  return code;
}

int SmallDisk::Write(File& file, const void* data, int size, int64_t offset) {
  if (file.path == nullptr) return VfsShim::Write(file, data, size, offset);
  const MutexLock lock(mutex_);
  const int64_t room = files_[file.path] + free_ - offset;
  const auto fits = static_cast<int>(std::clamp<int64_t>(room, 0, size));
  const int code = fits > 0 ? VfsShim::Write(file, data, fits, offset) : SQLITE_OK;
  Measure(file);
  return fits < size ? SQLITE_FULL : code;
}

int SmallDisk::Truncate(File& file, int64_t size) {
  const int code = VfsShim::Truncate(file, size);
  if (file.path == nullptr) return code;
  const MutexLock lock(mutex_);
  Measure(file);
  return code;
}

int SmallDisk::FileControl(File& file, int operation, void* argument) {
  if (operation != SQLITE_FCNTL_SIZE_HINT || file.path == nullptr) {
    return VfsShim::FileControl(file, operation, argument);
  }
  const MutexLock lock(mutex_);
  sqlite3_int64 fits = std::min<int64_t>(*static_cast<sqlite3_int64*>(argument), files_[file.path] + free_);
  const int code = VfsShim::FileControl(file, operation, &fits);
  Measure(file);
  return fits < *static_cast<sqlite3_int64*>(argument) ? SQLITE_IOERR_WRITE : code;
}

}  // namespace photinus
