// A file descriptor that closes itself.
#ifndef PHOTINUS_WORKER_AGENT_FILE_DESCRIPTOR_H_
#define PHOTINUS_WORKER_AGENT_FILE_DESCRIPTOR_H_

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
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_FILE_DESCRIPTOR_H_
