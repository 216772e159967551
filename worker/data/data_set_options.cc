#include "worker/data/data_set_options.h"

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

}  // namespace photinus::data
