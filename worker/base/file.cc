#include "worker/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "worker/base/file_descriptor.h"

namespace photinus {
namespace {

Error SystemError(const char* what, const std::filesystem::path& path) {
  const int fault = errno;
  std::string message = std::string("cannot ") + what + " " + path.string() + ": " + std::strerror(fault);
  return fault == ENOENT || fault == ENOTDIR ? NotFound(std::move(message)) : Unavailable(std::move(message));
}

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// A rename is on disk once its folder is. File systems that cannot sync a folder have nothing to lose there.
bool SyncFolder(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const FileDescriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return file.is_open() && (::fsync(file.get()) == 0 || errno == EINVAL);
}

Result<void> Replace(const std::filesystem::path& path, std::span<const std::string_view> parts, bool durable) {
  std::filesystem::path temporary = path;
  temporary += '.';
  temporary += std::to_string(::getpid());
  temporary += ".tmp";
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.is_open()) return Unavailable(SystemError("write", path).message);
  const bool written = std::ranges::all_of(parts, [&](std::string_view part) { return WriteAll(file.get(), part); });
  // close() is where some file systems report that the disk is full.
  if (!written || (durable && ::fsync(file.get()) != 0) || !file.Close() ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    const Error error = SystemError("write", path);
    ::unlink(temporary.c_str());
    return Unavailable(error.message);
  }
  if (durable && !SyncFolder(path)) return Unavailable(SystemError("write", path).message);
  return {};
}

}  // namespace

Result<std::string> ReadFile(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status;
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return SystemError("read", path);
  std::string content(static_cast<size_t>(status.st_size), '\0');
  size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError("read", path);
    if (got == 0) break;  // someone shortened it meanwhile
    filled += static_cast<size_t>(got);
  }
  content.resize(filled);
  return content;
}

Result<void> WriteFile(const std::filesystem::path& path, std::string_view content) {
  return Replace(path, {&content, 1}, /*durable=*/false);
}

Result<void> WriteFileDurably(const std::filesystem::path& path, std::string_view content) {
  return WritePartsDurably(path, {&content, 1});
}

Result<void> WritePartsDurably(const std::filesystem::path& path, std::span<const std::string_view> parts) {
  return Replace(path, parts, /*durable=*/true);
}

Result<void> MakeFolder(const std::filesystem::path& path) {
  std::error_code fault;
  std::filesystem::create_directories(path, fault);
  if (fault) return Unavailable("cannot create the folder " + path.string() + ": " + fault.message());
  return {};
}

}  // namespace photinus
