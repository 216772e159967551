// A file descriptor that closes itself.
#ifndef PHOTINUS_WORKER_BASE_FILE_DESCRIPTOR_H_
#define PHOTINUS_WORKER_BASE_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace photinus {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  ~FileDescriptor() { Close(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  // False if the system reports a fault, such as a full disk; the descriptor is closed all the same.
  bool Close() { return fd_ < 0 || close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_FILE_DESCRIPTOR_H_
