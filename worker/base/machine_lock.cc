#include "worker/base/machine_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace photinus {
namespace {

// Read-only suffices to lock it. First without O_CREAT: with it, Linux denies users each other's files in /tmp
// (fs.protected_regular).
FileDescriptor OpenForAll(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.is_open() || errno != ENOENT) return file;
  file = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (file.is_open()) {
    ::fchmod(file.get(), 0644);  // whatever the umask is
  } else if (errno == EEXIST) {  // another process was faster
    file = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  }
  return file;
}

}  // namespace

Result<MachineLock> MachineLock::Acquire(const std::string& name, double seconds) {
  const std::string path = "/tmp/photinus-" + name + ".lock";
  MachineLock lock(OpenForAll(path));
  if (!lock.file_.is_open()) return Unavailable("cannot open " + path + ": " + std::strerror(errno));
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (::flock(lock.file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return Unavailable("cannot lock " + path + ": " + std::strerror(errno));
    }
    if (std::chrono::steady_clock::now() >= give_up) {
      return Unavailable("another process has kept " + path + " locked; `fuser " + path + "` says which");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // flock knows no timeout
  }
  return lock;
}

}  // namespace photinus
