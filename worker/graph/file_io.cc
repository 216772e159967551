#include "worker/graph/file_io.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

namespace photinus {
namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

Error SystemError(const std::string& what, const std::string& path, int error) {
  const std::string message = what + " " + path + ": " + std::strerror(error);
  return error == ENOENT || error == ENOTDIR ? NotFound(message) : Unavailable(message);
}

template <typename Container>
Result<Container> ReadWhole(const std::string& path, std::int64_t max_size) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return InvalidArgument(path + " is a folder, not a file");
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return SystemError("cannot open", path, errno);
  // Read to the end rather than to a size asked before: pipes have none, and files grow.
  Container content;
  constexpr std::size_t kChunk = 1 << 16;
  while (true) {
    const std::size_t old_size = content.size();
    content.resize(old_size + kChunk);
    const std::size_t count = std::fread(content.data() + old_size, 1, kChunk, file.get());
    content.resize(old_size + count);
    if (static_cast<std::int64_t>(content.size()) > max_size) {
      return InvalidArgument(path + " is larger than " + std::to_string(max_size) + " bytes");
    }
    if (count < kChunk) break;
  }
  if (std::ferror(file.get()) != 0) return SystemError("cannot read", path, errno);
  return content;
}

Result<void> WriteWhole(const std::string& path, const void* data, std::size_t size) {
  const std::string beside = path + ".tmp" + std::to_string(getpid());
  File file(std::fopen(beside.c_str(), "wb"));
  if (file == nullptr) return SystemError("cannot write", path, errno);
  errno = 0;
  const bool written = std::fwrite(data, 1, size, file.get()) == size;
  const bool closed = std::fclose(file.release()) == 0;
  int error = written && closed ? 0 : errno;
  if (error == 0 && std::rename(beside.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  std::remove(beside.c_str());
  return SystemError("cannot write", path, error);
}

}  // namespace

Result<std::vector<std::uint8_t>> ReadFile(const std::string& path, std::int64_t max_size) {
  return ReadWhole<std::vector<std::uint8_t>>(path, max_size);
}

Result<std::string> ReadTextFile(const std::string& path, std::int64_t max_size) {
  return ReadWhole<std::string>(path, max_size);
}

Result<void> WriteFile(const std::string& path, std::span<const std::uint8_t> bytes) {
  return WriteWhole(path, bytes.data(), bytes.size());
}

Result<void> WriteTextFile(const std::string& path, std::string_view text) {
  return WriteWhole(path, text.data(), text.size());
}

}  // namespace photinus
