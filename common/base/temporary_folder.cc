#include "common/base/temporary_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace photinus {

absl::StatusOr<TemporaryFolder> TemporaryFolder::Make() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) return absl::FailedPreconditionError(absl::StrCat("no folder for temporary files: ", error.message()));
  std::string path = (parent / "photinus-XXXXXX").string();
  if (mkdtemp(path.data()) != nullptr) return TemporaryFolder(std::move(path));
  return absl::FailedPreconditionError(
      absl::StrCat("cannot make a folder in ", parent.string(), ": ", std::strerror(errno)));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace photinus
