#include "worker/data/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace photinus::data {

Result<FolderLock> FolderLock::Acquire(const std::filesystem::path& path, const std::function<void()>& waiting,
                                       const StopFunction& stop) {
  FolderLock lock(FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)));
  if (!lock.file_.is_open()) return Unavailable("cannot open " + path.string() + ": " + std::strerror(errno));
  bool told = false;
  while (::flock(lock.file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return Unavailable("cannot lock " + path.string() + ": " + std::strerror(errno));
    }
    if (stop && stop()) return Unavailable("stopped");
    if (!told && waiting) waiting();
    told = true;
    ::usleep(100000);  // flock has no timeout, and a stop must be noticed
  }
  return lock;
}

}  // namespace photinus::data
