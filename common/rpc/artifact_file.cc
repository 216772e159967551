#include "common/rpc/artifact_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
absl::StatusOr<OutgoingFile> OutgoingFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // not blocked by a FIFO
  if (fd < 0) return FileError(path, "opened");
  OutgoingFile file(fd, path);
  struct stat status;
  if (fstat(fd, &status) != 0) return FileError(path, "examined");
  if (!S_ISREG(status.st_mode)) {
    return Error(absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT", path + " is not a regular file");
  }
  if (status.st_size > kMaxArtifactBytes) {
    return Error(absl::StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED",
                 path + " has " + std::to_string(status.st_size) + " bytes; an artifact has at most " +
                     std::to_string(kMaxArtifactBytes));
  }
  file.size_ = status.st_size;
  Sha256 sha256;
  RETURN_IF_ERROR(file.Read([&sha256](std::string&& chunk) {
    sha256.Update(chunk);
    return true;
  }));
  file.sha256_ = sha256.HexDigest();
  return file;
}

OutgoingFile::~OutgoingFile() {
  if (fd_ >= 0) close(fd_);
}

OutgoingFile::OutgoingFile(OutgoingFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      size_(other.size_),
      sha256_(std::move(other.sha256_)) {}

absl::Status OutgoingFile::Read(absl::FunctionRef<bool(std::string&&)> sink) const {
  for (int64_t offset = 0; offset < size_;) {
    std::string chunk(static_cast<size_t>(std::min(kArtifactChunkBytes, size_ - offset)), '\0');
    const ssize_t got = pread(fd_, chunk.data(), chunk.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(path_, "read");
    if (got == 0) return absl::DataLossError(path_ + " shrank while it was read");
    chunk.resize(static_cast<size_t>(got));
    offset += got;
    if (!sink(std::move(chunk))) return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::StatusOr<IncomingFile> IncomingFile::Create(const std::string& path) {
  ASSIGN_OR_RETURN(NewFile file, NewFile::Create(path));
  return IncomingFile(std::move(file));
}

absl::Status IncomingFile::Append(std::string_view chunk) {
  sha256_.Update(chunk);
  size_ += static_cast<int64_t>(chunk.size());
  return file_.Append(chunk);
}

absl::Status IncomingFile::Commit(int64_t size, std::string_view sha256) {
  if (size_ == size && sha256_.HexDigest() == sha256) return file_.Commit();
  return Error(absl::StatusCode::kDataLoss, "CHECKSUM",
               file_.path() + " did not arrive as it was sent (" + std::to_string(size_) + " of " +
                   std::to_string(size) + " bytes, or another checksum); fetch it again");
}

}  // namespace photinus
