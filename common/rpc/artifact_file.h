// The two ends of an artifact's transfer: the file that is sent, and the file that appears once it has come whole.
#ifndef PHOTINUS_COMMON_RPC_ARTIFACT_FILE_H_
#define PHOTINUS_COMMON_RPC_ARTIFACT_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/artifact_limits.h"
#include "common/base/new_file.h"
#include "common/base/sha256.h"

namespace photinus {

// An open regular file with its checksum. Movable, not thread-safe.
class OutgoingFile {
 public:
  // NotFound, InvalidArgument (not a regular file), ResourceExhausted (over kMaxArtifactBytes), FailedPrecondition
  // (cannot be read).
  static absl::StatusOr<OutgoingFile> Open(const std::string& path);
  ~OutgoingFile();
  OutgoingFile(OutgoingFile&& other) noexcept;
  OutgoingFile& operator=(OutgoingFile&&) = delete;

  int64_t size() const { return size_; }
  const std::string& sha256() const { return sha256_; }
  // Gives the content in chunks of at most kArtifactChunkBytes until `sink` returns false (then OK).
  absl::Status Read(absl::FunctionRef<bool(std::string&&)> sink) const;

 private:
  OutgoingFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  int fd_;
  std::string path_;
  int64_t size_ = 0;
  std::string sha256_;
};

// A NewFile with its checksum. Movable, not thread-safe.
class IncomingFile {
 public:
  static absl::StatusOr<IncomingFile> Create(const std::string& path);

  absl::Status Append(std::string_view chunk);
  // DataLoss unless size and checksum are those announced.
  absl::Status Commit(int64_t size, std::string_view sha256);

 private:
  explicit IncomingFile(NewFile file) : file_(std::move(file)) {}

  NewFile file_;
  int64_t size_ = 0;
  Sha256 sha256_;
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_ARTIFACT_FILE_H_
