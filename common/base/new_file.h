// A file that appears once it is whole.
#ifndef PHOTINUS_COMMON_BASE_NEW_FILE_H_
#define PHOTINUS_COMMON_BASE_NEW_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace photinus {

// The error of the last system call on a file, such as "out.db cannot be written: No space left on device": NotFound
// (no such file or folder), ResourceExhausted (the disk is full) or FailedPrecondition. Never Unavailable, which is
// what a server is, and would be tried again.
absl::Status FileError(const std::string& path, std::string_view what);

// Sees to it that the names in the folder of `path` are on disk, where its file system can. FileError's.
absl::Status SyncFolderOf(const std::string& path);

// Collects bytes in a file beside `path`, which takes the place of `path` at Commit. Removed if never committed. Errors
// are FileError's, and InvalidArgument from Create where there is no such folder. Movable, not thread-safe.
class NewFile {
 public:
  static absl::StatusOr<NewFile> Create(const std::string& path);
  ~NewFile();
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;

  const std::string& path() const { return path_; }
  absl::Status Append(std::string_view bytes);
  // Returns once the file is on disk under its name.
  absl::Status Commit();

 private:
  NewFile(int fd, std::string path, std::string partial);

  int fd_;
  std::string path_;
  std::string partial_;
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_NEW_FILE_H_
