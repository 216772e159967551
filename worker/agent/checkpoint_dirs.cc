#include "worker/agent/checkpoint_dirs.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
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

// A link has no time of its own: the folder's says when it was made.
absl::Time TimeOf(const fs::directory_entry& entry) {
  std::error_code gone;
  if (entry.is_symlink(gone)) return absl::InfinitePast();
  const fs::file_time_type written = entry.last_write_time(gone);
  if (gone) return absl::InfiniteFuture();
  return absl::FromChrono(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(std::chrono::file_clock::to_sys(written)));
}

// A file that is written over leaves the time of its folder as it was. InfiniteFuture: it cannot be told.
absl::Time LatestTime(const fs::directory_entry& folder) {
  absl::Time latest = TimeOf(folder);
  std::error_code error;
  for (fs::recursive_directory_iterator file(folder.path(), error);
       !error && file != fs::recursive_directory_iterator(); file.increment(error)) {
    latest = std::max(latest, TimeOf(*file));
  }
  return error ? absl::InfiniteFuture() : latest;
}

FileDescriptor OpenFolder(const fs::path& path) {
  return FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// Waits for a sweep that has the folder.
FileDescriptor LockFolder(const fs::path& path) {
  FileDescriptor folder = OpenFolder(path);
  while (::flock(folder.get(), LOCK_SH) != 0) {
    if (errno != EINTR) return FileDescriptor();
  }
  return folder;
}

bool IsInUse(const FileDescriptor& folder) {
  return ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace

CheckpointDir CheckpointDirs::Open(const TrialName& trial, std::string_view lease_token, int attempt) const {
  if (attempt <= 1) Remove(trial, lease_token);
  CheckpointDir dir{PathOf(trial, lease_token)};
  std::error_code error;
  do {
    fs::create_directories(dir.path, error);
    if (error) {
      spdlog::warn("{}: no checkpoints: {} cannot be made: {}", trial.ToString(), dir.path, error.message());
      return {};
    }
    dir.lock = LockFolder(dir.path);
    // As good as new for sweeps that see no lock.
    fs::last_write_time(dir.path, fs::file_time_type::clock::now(), error);
  } while (error == std::errc::no_such_file_or_directory);  // a sweep was faster
  return dir;
}

void CheckpointDirs::Remove(const TrialName& trial, std::string_view lease_token) const {
  std::error_code error;
  const std::string path = PathOf(trial, lease_token);
  fs::remove_all(path, error);
  if (error) spdlog::warn("{} cannot be removed: {}", path, error.message());
}

void CheckpointDirs::RemoveAbandoned(absl::Time now, absl::Duration life) const {
  std::error_code error;
  for (fs::directory_iterator folder(fs::path(data_dir_) / kFolder, error);
       !error && folder != fs::directory_iterator(); folder.increment(error)) {
    const FileDescriptor lock = OpenFolder(folder->path());
    std::error_code gone;  // by another worker with this data folder
    if (!IsInUse(lock) && now - LatestTime(*folder) > life) fs::remove_all(folder->path(), gone);
  }
}

std::string FolderNameOf(const TrialName& trial) {
  std::string study = trial.study.study.substr(0, kStudyLength);
  std::replace_if(
      study.begin(), study.end(), [](unsigned char c) { return !absl::ascii_isalnum(c); }, '_');
  return absl::StrCat(study, ".", trial.id);
}

std::string CheckpointDirs::PathOf(const TrialName& trial, std::string_view lease_token) const {
  const std::string study_uid(lease_token.substr(0, lease_token.find('-')));  // docs/contract.md, C10
  const std::string digest = Sha256Hex(absl::StrCat(trial.ToString(), "\n", study_uid));
  const std::string name = absl::StrCat(FolderNameOf(trial), "-", digest.substr(0, kDigits));
  return (fs::path(data_dir_) / kFolder / name).string();
}

}  // namespace photinus
