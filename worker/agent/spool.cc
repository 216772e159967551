#include "worker/agent/spool.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "worker/base/file_descriptor.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

constexpr char kExtension[] = ".json";
constexpr size_t kNameLength = 32;
constexpr size_t kReadBytes = 64 << 10;

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

absl::Status Unreadable(const fs::path& path, const std::string& why) {
  return absl::UnavailableError(absl::StrCat(path.string(), " cannot be read: ", why));
}

absl::StatusOr<std::string> ReadFile(const fs::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return Unreadable(path, std::strerror(errno));
  std::string content;
  char buffer[kReadBytes];
  for (;;) {
    const ssize_t got = read(file.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unreadable(path, std::strerror(errno));
    if (got == 0) return content;
    content.append(buffer, static_cast<size_t>(got));
  }
}

absl::StatusOr<std::vector<fs::path>> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (entry->path().extension() == kExtension) files.push_back(entry->path());
  }
  if (error) return Unreadable(folder, error.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Spool::Spool(fs::path folder) : folder_(std::move(folder)) {}

absl::StatusOr<std::vector<TrialResult>> Spool::Open() const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return absl::UnavailableError(absl::StrCat(folder_.string(), " cannot be made: ", error.message()));
  std::vector<TrialResult> results;
  ASSIGN_OR_RETURN(const std::vector<fs::path> files, FilesIn(folder_));
  for (const fs::path& path : files) {
    ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
    auto result = TrialResultFromJson(content);
    if (result.ok() && PathOf(*result) == path) {
      results.push_back(*std::move(result));
      continue;
    }
    spdlog::error("{} is damaged; kept as *.broken", path.string());
    fs::rename(path, path.string() + ".broken", error);
  }
  return results;
}

absl::Status Spool::Save(const TrialResult& result) const {
  return WriteDurably(PathOf(result), TrialResultToJson(result));
}

void Spool::Delete(const TrialResult& result) const {
  std::error_code error;
  fs::remove(PathOf(result), error);
}

fs::path Spool::PathOf(const TrialResult& result) const {
  const std::string digest = Sha256Hex(result.complete.name() + "\n" + result.lease_token);
  return folder_ / (digest.substr(0, kNameLength) + kExtension);
}

}  // namespace photinus
