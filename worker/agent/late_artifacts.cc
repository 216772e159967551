#include "worker/agent/late_artifacts.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace photinus {
namespace {

namespace fs = std::filesystem;

bool IsInside(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_normal().lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

void RemoveOldest(const fs::path& late_folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> folders;
  std::error_code error;
  for (fs::directory_iterator entry(late_folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::error_code gone;  // by another worker with this data folder
    folders.emplace_back(entry->last_write_time(gone), entry->path());
  }
  std::sort(folders.rbegin(), folders.rend());
  for (size_t i = kMaxLateTrials; i < folders.size(); ++i) fs::remove_all(folders[i].second, error);
}

}  // namespace

void KeepLateArtifacts(const fs::path& late_folder, const TrialResult& result) {
  const std::string& trial = result.complete.name();
  const fs::path work_dir = result.work_dir;
  const fs::path kept = late_folder / work_dir.filename();
  std::error_code error;
  fs::create_directories(kept, error);
  for (const ResultArtifact& artifact : result.artifacts) {
    if (!IsInside(artifact.path, work_dir)) continue;
    fs::rename(artifact.path, kept / artifact.name, error);
    if (error) spdlog::error("{}: artifact {} is lost: {}", trial, artifact.name, error.message());
  }
  spdlog::info("{}: its artifacts are kept in {}", trial, kept.string());
  RemoveOldest(late_folder);
}

}  // namespace photinus
