#include "server/storage/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

absl::Status CannotCreate(const std::string& path, const std::string& lock_path, int error) {
  const std::string folder = std::filesystem::path(lock_path).parent_path().string();
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::FailedPreconditionError(absl::StrCat("the folder ", folder, " of the database ", path,
                                                        " does not exist; create it (mkdir -p ", folder,
                                                        ") or choose another path"));
    case EACCES:
    case EPERM:
      return absl::FailedPreconditionError(absl::StrCat("no permission to write ", lock_path,
                                                        "; give this user write access to the folder ", folder,
                                                        " or choose another path"));
    case EROFS:
      return absl::FailedPreconditionError(absl::StrCat("the disk that holds the folder ", folder,
                                                        " is read-only; choose a path on a disk that can be written"));
    default:
      return absl::FailedPreconditionError(
          absl::StrCat("cannot write ", lock_path, ": ", std::strerror(error), "; choose another path"));
  }
}

std::string HolderOf(int descriptor) {
  char text[32] = {};
  const ssize_t length = pread(descriptor, text, sizeof(text) - 1, 0);
  const std::string pid(text, length > 0 ? std::strcspn(text, "\n") : 0);
  return pid.empty() ? "another process" : "process " + pid;
}

// Close-on-exec: a child process must not keep the lock alive.
int OpenOrMake(const std::string& lock_path, bool& made) {
  const int descriptor = open(lock_path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  made = descriptor >= 0;
  if (made || errno != EEXIST) return descriptor;
  return open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
}

int Lock(int descriptor) {
  int result;
  do {
    result = flock(descriptor, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result;
}

bool IsStillThere(int descriptor, const std::string& lock_path) {
  struct stat ours {};
  struct stat named {};
  return fstat(descriptor, &ours) == 0 && stat(lock_path.c_str(), &named) == 0 && ours.st_ino == named.st_ino &&
         ours.st_dev == named.st_dev;
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path) {
  const std::string lock_path = path + ".lock";
  bool made = false;
  int descriptor = OpenOrMake(lock_path, made);
  if (descriptor < 0) return CannotCreate(path, lock_path, errno);
  FileLock lock(descriptor);
  int result = Lock(descriptor);
  while (result == 0 && !IsStillThere(descriptor, lock_path)) {  // its holder has just removed it
    descriptor = OpenOrMake(lock_path, made);
    if (descriptor < 0) return CannotCreate(path, lock_path, errno);
    lock = FileLock(descriptor);
    result = Lock(descriptor);
  }
  if (result != 0 && errno == EWOULDBLOCK) {
    return absl::FailedPreconditionError(absl::StrCat("the database ", path, " is in use by ", HolderOf(descriptor),
                                                      "; stop that server or choose another file"));
  }
  if (result != 0) return CannotCreate(path, lock_path, errno);
  if (made) lock.made_ = lock_path;
  // The id is for messages only, so a full disk does not matter here.
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(descriptor, 0) == 0 && pwrite(descriptor, pid.data(), pid.size(), 0) < 0) return lock;
  return lock;
}

FileLock::~FileLock() {
  if (!made_.empty()) unlink(made_.c_str());  // before others can have the lock
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace photinus
