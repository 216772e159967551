#include "worker/agent/checkpoint_dirs.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"

namespace photinus {
namespace {

namespace fs = std::filesystem;

constexpr char kFolder[] = "checkpoints";
constexpr size_t kStudyLength = 64;
constexpr size_t kDigits = 16;

absl::Time TimeOf(const fs::directory_entry& entry) {
  std::error_code gone;
  const fs::file_time_type written = entry.last_write_time(gone);
  if (gone) return absl::InfiniteFuture();
  return absl::FromChrono(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(std::chrono::file_clock::to_sys(written)));
}

// A file that is written over leaves the time of its folder as it was.
absl::Time LatestTime(const fs::directory_entry& folder) {
  absl::Time latest = TimeOf(folder);
  std::error_code error;
  for (fs::directory_iterator file(folder.path(), error); !error && file != fs::directory_iterator();
       file.increment(error)) {
    latest = std::max(latest, TimeOf(*file));
  }
  return latest;
}

}  // namespace

std::string CheckpointDirs::Open(const TrialName& trial, int attempt) const {
  if (attempt <= 1) Remove(trial);
  const std::string path = PathOf(trial);
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return path;
  spdlog::warn("{}: no checkpoints: {} cannot be made: {}", trial.ToString(), path, error.message());
  return "";
}

void CheckpointDirs::Remove(const TrialName& trial) const {
  std::error_code error;
  fs::remove_all(PathOf(trial), error);
  if (error) spdlog::warn("{} cannot be removed: {}", PathOf(trial), error.message());
}

void CheckpointDirs::RemoveAbandoned(absl::Time now, absl::Duration life) const {
  std::error_code error;
  for (fs::directory_iterator folder(fs::path(data_dir_) / kFolder, error);
       !error && folder != fs::directory_iterator(); folder.increment(error)) {
    std::error_code gone;  // by another worker with this data folder
    if (now - LatestTime(*folder) > life) fs::remove_all(folder->path(), gone);
  }
}

// Named so that people recognise the trial.
std::string CheckpointDirs::PathOf(const TrialName& trial) const {
  std::string study;
  for (const char c : trial.study.study.substr(0, kStudyLength)) {
    study += absl::ascii_isalnum(static_cast<unsigned char>(c)) ? c : '_';
  }
  const std::string name = absl::StrCat(study, ".", trial.id, "-", Sha256Hex(trial.ToString()).substr(0, kDigits));
  return (fs::path(data_dir_) / kFolder / name).string();
}

}  // namespace photinus
