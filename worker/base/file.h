#ifndef PHOTINUS_WORKER_BASE_FILE_H_
#define PHOTINUS_WORKER_BASE_FILE_H_

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "worker/base/result.h"

namespace photinus {

// The whole content of a file, or what a device or pipe gives until its end. NotFound or Unavailable, with the path and
// the system's reason.
Result<std::string> ReadFile(const std::filesystem::path& path);

// Writes a file so that readers see the old content or the new, never a part: into `path`.PID.tmp beside it, then
// renamed. Of a symbolic link that is the file it leads to. What is a device or a FIFO stays one: the content is
// written into it. Unavailable (disk full, no permission, missing folder), with the path and the system's reason;
// nothing is left behind.
Result<void> WriteFile(const std::filesystem::path& path, std::string_view content);

// The same, and once it returns a power failure cannot bring the old content back, nor empty the file. Much slower.
Result<void> WriteFileDurably(const std::filesystem::path& path, std::string_view content);

// The same of a content in parts, written one after the other.
Result<void> WritePartsDurably(const std::filesystem::path& path, std::span<const std::string_view> parts);

// Creates a folder and its parents. Unavailable, with the path and the system's reason.
Result<void> MakeFolder(const std::filesystem::path& path);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_BASE_FILE_H_
