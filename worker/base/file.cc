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

constexpr int kMaxLinks = 40;                    // as Linux follows
constexpr size_t kLeastRead = size_t{64} << 10;  // of what does not say how long it is

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

bool WriteParts(int fd, std::span<const std::string_view> parts) {
  return std::ranges::all_of(parts, [fd](std::string_view part) { return WriteAll(fd, part); });
}

// Whether there is something that no file can take the place of: a device, a FIFO, a socket.
bool IsSpecial(const std::filesystem::path& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

Result<void> WriteInto(const std::filesystem::path& path, std::span<const std::string_view> parts) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (file.is_open() && WriteParts(file.get(), parts) && file.Close()) return {};
  return Unavailable(SystemError("write", path).message);
}

// The file that a path means, which need not exist: symbolic links lead to it.
Result<std::filesystem::path> Resolved(std::filesystem::path path) {
  const std::filesystem::path named = path;
  std::error_code fault;
  for (int links = 0; std::filesystem::is_symlink(path, fault); ++links) {
    if (links == kMaxLinks) return Unavailable("cannot write " + named.string() + ": too many symbolic links");
    const std::filesystem::path target = std::filesystem::read_symlink(path, fault);
    if (fault) return Unavailable("cannot write " + named.string() + ": " + fault.message());
    path = path.parent_path() / target;  // the target alone, where it is absolute
  }
  return path;
}

Result<void> Replace(const std::filesystem::path& named, std::span<const std::string_view> parts, bool durable) {
  if (IsSpecial(named)) return WriteInto(named, parts);
  PHOTINUS_ASSIGN_OR_RETURN(const std::filesystem::path path, Resolved(named));
  std::filesystem::path temporary = path;
  temporary += '.';
  temporary += std::to_string(::getpid());
  temporary += ".tmp";
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.is_open()) return Unavailable(SystemError("write", path).message);
  const bool written = WriteParts(file.get(), parts);
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
  // One byte more shows the end. Devices and pipes do not say their size, and a file may change meanwhile.
  std::string content(static_cast<size_t>(status.st_size) + 1, '\0');
  size_t filled = 0;
  while (true) {
    if (filled == content.size()) content.resize(std::max(2 * filled, kLeastRead));
    const ssize_t got = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError("read", path);
    if (got == 0) break;
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
