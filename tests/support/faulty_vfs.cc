#include "tests/support/faulty_vfs.h"

#include <cerrno>
#include <thread>

namespace photinus {

int FaultyVfs::Read(File& file, void* data, int size, int64_t offset) {
  return reads_fail.Strikes() ? SQLITE_IOERR_READ : VfsShim::Read(file, data, size, offset);
}

int FaultyVfs::Write(File& file, const void* data, int size, int64_t offset) {
  if (disk_is_full.Strikes()) {
    VfsShim::Write(file, data, size / 2, offset);
    return SQLITE_FULL;
  }
  if (writes_short.Strikes()) {
    VfsShim::Write(file, data, size / 2, offset);
    return SQLITE_IOERR_WRITE;
  }
  return writes_fail.Strikes() ? SQLITE_IOERR_WRITE : VfsShim::Write(file, data, size, offset);
}

int FaultyVfs::Sync(File& file, int flags) {
  ++syncs;
  if (const auto time = sync_takes.load(); time.count() > 0) std::this_thread::sleep_for(time);
  return syncs_fail.Strikes() ? SQLITE_IOERR_FSYNC : VfsShim::Sync(file, flags);
}

int FaultyVfs::ShmMap(File& file, int block, int size, bool extend, void volatile** memory) {
  if (!extend || !index_is_full.Strikes()) return VfsShim::ShmMap(file, block, size, extend, memory);
  errno = ENOSPC;
  return SQLITE_IOERR_SHMSIZE;
}

}  // namespace photinus
