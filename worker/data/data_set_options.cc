#include "worker/data/data_set_options.h"

#include <system_error>
#include <vector>

#include "worker/base/file.h"

namespace photinus::data {

WorkOptions Stage(const DataSetOptions& options, std::string_view name) {
  WorkOptions work{options.threads, nullptr, options.stop};
  if (options.progress) {
    work.progress = [&options, name](size_t done, size_t total) { options.progress(name, done, total); };
  }
  return work;
}

Result<FolderLock> LockDataFolder(const std::filesystem::path& folder, const DataSetOptions& options) {
  PHOTINUS_RETURN_IF_ERROR(MakeFolder(folder));
  const auto waiting = [&options] {
    if (options.progress) options.progress("waiting for another process to make the data", 0, 0);
  };
  return FolderLock::Acquire(folder / "lock", waiting, options.stop);
}

void SweepTemporaries(const std::filesystem::path& folder) {
  // Listed first, since removing while walking may skip files. Faults are ignored: what stays behind harms nobody.
  std::vector<std::filesystem::path> temporaries;
  std::error_code ignored;
  for (std::filesystem::recursive_directory_iterator file(folder, ignored), end; file != end; file.increment(ignored)) {
    const std::string name = file->path().filename().string();
    if (name.starts_with(kScratchPrefix) || name.ends_with(".tmp")) temporaries.push_back(file->path());
  }
  for (const std::filesystem::path& path : temporaries) std::filesystem::remove(path, ignored);
}

}  // namespace photinus::data
