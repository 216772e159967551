#include "server/storage/space_reserve.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace photinus {

SpaceReserve::SpaceReserve(std::string path, int64_t bytes) : path_(std::move(path)), bytes_(bytes) { Hold(); }

SpaceReserve::~SpaceReserve() { Release(); }

bool SpaceReserve::Hold() {
  if (held_) return true;
  const int fd = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  held_ = posix_fallocate(fd, 0, bytes_) == 0;
  close(fd);
  if (!held_) unlink(path_.c_str());  // what a part of it took is needed elsewhere
  return held_;
}

bool SpaceReserve::Release() {
  if (!held_) return false;
  unlink(path_.c_str());
  held_ = false;
  return true;
}

}  // namespace photinus
