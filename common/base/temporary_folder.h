// A folder that goes with its owner.
#ifndef PHOTINUS_COMMON_BASE_TEMPORARY_FOLDER_H_
#define PHOTINUS_COMMON_BASE_TEMPORARY_FOLDER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace photinus {

// Made empty under the system's temporary folder; removed with everything in it. Movable.
class TemporaryFolder {
 public:
  // FailedPrecondition: it cannot be made.
  static absl::StatusOr<TemporaryFolder> Make();
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty once moved from
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_TEMPORARY_FOLDER_H_
