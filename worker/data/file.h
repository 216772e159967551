#ifndef PHOTINUS_WORKER_DATA_FILE_H_
#define PHOTINUS_WORKER_DATA_FILE_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "worker/graph/result.h"

namespace photinus::data {

// The whole content of a file. NotFound or Unavailable, with the path and the system's reason.
Result<std::string> ReadFile(const std::filesystem::path& path);

// Writes a file so that readers see the old content or the new, never a part: into `path`.PID.tmp beside it, then
// renamed. Unavailable (disk full, no permission, missing folder), with the path and the system's reason; nothing is
// left behind.
Result<void> WriteFile(const std::filesystem::path& path, std::string_view content);

// Creates a folder and its parents. Unavailable, with the path and the system's reason.
Result<void> MakeFolder(const std::filesystem::path& path);

// SHA-256 in lower-case hexadecimal digits.
std::string Sha256(std::string_view content);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_FILE_H_
