// Disk space that is kept for the day when there is none left.
#ifndef PHOTINUS_SERVER_STORAGE_SPACE_RESERVE_H_
#define PHOTINUS_SERVER_STORAGE_SPACE_RESERVE_H_

#include <cstdint>
#include <string>

namespace photinus {

// A file of allocated, unused bytes. Removed at destruction. Not thread-safe.
class SpaceReserve {
 public:
  SpaceReserve(std::string path, int64_t bytes);
  ~SpaceReserve();
  SpaceReserve(const SpaceReserve&) = delete;
  SpaceReserve& operator=(const SpaceReserve&) = delete;

  int64_t bytes() const { return bytes_; }
  bool held() const { return held_; }
  // Allocates the bytes if they are not; whether they are now.
  bool Hold();
  // Gives them back to the disk; false where they were not held.
  bool Release();

 private:
  const std::string path_;
  const int64_t bytes_;
  bool held_ = false;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SPACE_RESERVE_H_
