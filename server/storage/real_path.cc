#include "server/storage/real_path.h"

#include <filesystem>
#include <system_error>

namespace photinus {

namespace fs = std::filesystem;

// weakly_canonical leaves a link as it is whose file does not exist yet, and a relative path of which nothing does.
std::string RealPath(const std::string& path) {
  constexpr int kMostLinks = 40;  // as Linux follows
  std::error_code error;
  fs::path file = fs::absolute(path, error);
  for (int i = 0; i < kMostLinks && fs::is_symlink(fs::symlink_status(file, error)); ++i) {
    file = file.parent_path() / fs::read_symlink(file, error);
  }
  const fs::path real = fs::weakly_canonical(file, error);
  return (error ? file : real).string();
}

}  // namespace photinus
