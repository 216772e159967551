#include "common/base/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"

namespace photinus {
namespace {

std::string FolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

}  // namespace

absl::Status FileError(const std::string& path, std::string_view what) {
  const int error = errno;
  const auto code = error == ENOENT                      ? absl::StatusCode::kNotFound
                    : error == ENOSPC || error == EDQUOT ? absl::StatusCode::kResourceExhausted
                                                         : absl::StatusCode::kFailedPrecondition;
  return absl::Status(
      code, absl::StrCat(path, " cannot be ", absl::string_view(what.data(), what.size()), ": ", std::strerror(error)));
}

absl::Status SyncFolderOf(const std::string& path) {
  const std::string folder = FolderOf(path);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FileError(folder, "opened");
  const bool synced = fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;  // some file systems know no such thing
  const absl::Status status = synced ? absl::OkStatus() : FileError(folder, "written");
  close(fd);
  return status;
}

absl::StatusOr<NewFile> NewFile::Create(const std::string& path) {
  std::string partial = absl::StrCat(path, ".", SecureHex(4), ".part");
  const int fd = open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0 && errno == ENOENT) {
    return absl::InvalidArgumentError(absl::StrCat(path, " cannot be created: there is no folder ", FolderOf(path)));
  }
  if (fd < 0) return FileError(path, "created");
  return NewFile(fd, path, std::move(partial));
}

NewFile::NewFile(int fd, std::string path, std::string partial)
    : fd_(fd), path_(std::move(path)), partial_(std::move(partial)) {}

NewFile::~NewFile() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(partial_.c_str());
}

NewFile::NewFile(NewFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), partial_(std::move(other.partial_)) {}

absl::Status NewFile::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(path_, "written");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status NewFile::Commit() {
  if (fsync(fd_) != 0 && errno != EINVAL) return FileError(path_, "written");
  if (close(std::exchange(fd_, -1)) != 0 || std::rename(partial_.c_str(), path_.c_str()) != 0) {
    const absl::Status status = FileError(path_, "written");
    unlink(partial_.c_str());
    return status;
  }
  SyncFolderOf(path_).IgnoreError();  // a file system that cannot is no reason to fail: the content is there
  return absl::OkStatus();
}

}  // namespace photinus
