// A disk of a fixed size, for whose room a database, its log and other programs compete.
#ifndef PHOTINUS_TESTS_SUPPORT_SMALL_DISK_H_
#define PHOTINUS_TESTS_SUPPORT_SMALL_DISK_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "tests/support/vfs_shim.h"

namespace photinus {

// ENOSPC where a file would grow and there is no room; what fits of it arrives. A file's room is its length; what
// SQLite keeps in shared memory takes none. Thread-safe.
class SmallDisk final : public VfsShim {
 public:
  explicit SmallDisk(int64_t bytes) : free_(bytes) {}

  // Another program takes all that is free now, and gives some or all of it back.
  void Fill();
  void Free(int64_t bytes);
  void Empty();

  int Open(const char* path, File& file, int flags, int* out_flags) override;
  int Delete(const char* path, bool sync_folder) override;
  int Write(File& file, const void* data, int size, int64_t offset) override;
  int Truncate(File& file, int64_t size) override;
  int FileControl(File& file, int operation, void* argument) override;

 private:
  // Notes how large the file is now.
  void Measure(File& file) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  std::map<std::string, int64_t> files_ ABSL_GUARDED_BY(mutex_);  // sizes
  int64_t free_ ABSL_GUARDED_BY(mutex_);
  int64_t others_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_SMALL_DISK_H_
