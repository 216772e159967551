#include "server/storage/real_path.h"

#include <filesystem>
#include <system_error>

namespace photinus {

std::string RealPath(const std::string& path) {
  std::error_code error;
  std::filesystem::path file = std::filesystem::weakly_canonical(path, error);
  if (error) file = std::filesystem::absolute(path, error);
  return file.string();
}

}  // namespace photinus
