#include "worker/agent/spool.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "worker/agent/file_descriptor.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

constexpr char kExtension[] = ".json";
constexpr size_t kNameLength = 32;

absl::Status SystemError(const fs::path& path) {
  const std::string message = absl::StrCat(path.string(), " cannot be written: ", std::strerror(errno));
  return errno == ENOSPC ? absl::ResourceExhaustedError(message) : absl::UnavailableError(message);
}

// Returns once `content` and the file's name are on disk.
absl::Status WriteDurably(const fs::path& path, std::string_view content) {
  const fs::path partial = path.string() + ".part";
  FileDescriptor file(open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.is_open()) return SystemError(partial);
  while (!content.empty()) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(partial);
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(file.get()) != 0 || rename(partial.c_str(), path.c_str()) != 0) return SystemError(path);
  const FileDescriptor folder(open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || fsync(folder.get()) != 0) return SystemError(path);
  return absl::OkStatus();
}

absl::StatusOr<TrialResult> ReadResult(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return TrialResultFromJson(std::string(std::istreambuf_iterator<char>(file), {}));
}

std::vector<fs::path> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == kExtension) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Spool::Spool(fs::path folder) : folder_(std::move(folder)) {}

absl::Status Spool::Open() {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return absl::UnavailableError(absl::StrCat(folder_.string(), " cannot be made: ", error.message()));
  return absl::OkStatus();
}

absl::Status Spool::Save(const TrialResult& result) {
  const fs::path path = PathOf(result);
  const MutexLock lock(mutex_);
  taken_.insert(path);
  return WriteDurably(path, TrialResultToJson(result));
}

std::optional<TrialResult> Spool::TakeNext() {
  const MutexLock lock(mutex_);
  for (const fs::path& path : FilesIn(folder_)) {
    if (taken_.count(path) > 0) continue;
    auto result = ReadResult(path);
    if (result.ok() && PathOf(*result) == path) {
      taken_.insert(path);
      return *std::move(result);
    }
    spdlog::error("{} is damaged; kept as *.broken", path.string());
    std::error_code error;
    fs::rename(path, path.string() + ".broken", error);
  }
  return std::nullopt;
}

void Spool::Delete(const TrialResult& result) {
  const fs::path path = PathOf(result);
  const MutexLock lock(mutex_);
  std::error_code error;
  fs::remove(path, error);
  taken_.erase(path);
}

void Spool::PutBack(const TrialResult& result) {
  const MutexLock lock(mutex_);
  taken_.erase(PathOf(result));
}

std::vector<std::string> Spool::WorkDirs() {
  const MutexLock lock(mutex_);
  std::vector<std::string> work_dirs;
  for (const fs::path& path : FilesIn(folder_)) {
    if (const auto result = ReadResult(path); result.ok()) work_dirs.push_back(result->work_dir);
  }
  return work_dirs;
}

fs::path Spool::PathOf(const TrialResult& result) const {
  const std::string digest = Sha256Hex(result.complete.name() + "\n" + result.lease_token);
  return folder_ / (digest.substr(0, kNameLength) + kExtension);
}

}  // namespace photinus
