#include "worker/net/local_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace photinus::net {
namespace {

std::string CannotOpen(const char* what, const std::string& path, int fault) {
  return std::string("cannot ") + what + " " + path + ": " + std::strerror(fault);
}

bool IsMissing(int fault) { return fault == ENOENT || fault == ENOTDIR; }

// 0, or why the system does not let us: `mode` as of access().
int FaultOf(const std::string& path, int mode) { return ::access(path.c_str(), mode) == 0 ? 0 : errno; }

// The same of making files in a folder; the current one, if empty.
int FaultOfFolder(const std::filesystem::path& folder) {
  const std::string name = folder.empty() ? "." : folder.string();
  struct stat status;
  if (::stat(name.c_str(), &status) != 0) return errno;
  return S_ISDIR(status.st_mode) ? FaultOf(name, W_OK | X_OK) : ENOTDIR;
}

}  // namespace

Result<void> CheckReadable(const std::string& path) {
  int fault = FaultOf(path, R_OK);
  if (std::error_code ignored; fault == 0 && std::filesystem::is_directory(path, ignored)) fault = EISDIR;
  if (fault == 0) return {};
  std::string message = CannotOpen("read", path, fault);
  return IsMissing(fault) ? NotFound(std::move(message)) : InvalidArgument(std::move(message));
}

Result<void> CheckNetwork(const std::string& net) {
  return IsMissing(FaultOf(net, F_OK)) ? Result<void>() : CheckReadable(net);
}

Result<void> CheckWritable(const std::string& path) {
  struct stat status;
  const bool exists = ::stat(path.c_str(), &status) == 0;
  const bool is_replaced = !exists || S_ISREG(status.st_mode);
  int fault = is_replaced ? FaultOfFolder(std::filesystem::path(path).parent_path()) : FaultOf(path, W_OK);
  if (exists && S_ISDIR(status.st_mode)) fault = EISDIR;
  if (fault == 0) return {};
  return InvalidArgument(CannotOpen("write", path, fault));
}

}  // namespace photinus::net
