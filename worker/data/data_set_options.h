#ifndef PHOTINUS_WORKER_DATA_DATA_SET_OPTIONS_H_
#define PHOTINUS_WORKER_DATA_DATA_SET_OPTIONS_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "worker/base/parallel.h"
#include "worker/base/result.h"
#include "worker/data/feature_scale.h"
#include "worker/data/folder_lock.h"

namespace photinus::data {

inline constexpr uint64_t kDefaultDataSeed = 1;

// Which data set, and how to make it where it is missing.
struct DataSetOptions {
  std::filesystem::path data_dir;  // made if missing; the set lies in a folder of its own in there
  std::string task = "keywords";
  std::filesystem::path folder;  // the user's clips, of tasks that have no clips of their own
  int frames = 49;               // of a clip's features: 49, 98 or 196
  FeatureKind features = FeatureKind::kLogMel;
  uint64_t seed = kDefaultDataSeed;
  int threads = 2;
  // False, for trials: features that are whole, or were and are no younger since, are trusted, and what is damaged is
  // made again with a warning.
  // True: every clip is read, or made, again and compared, and what is damaged is an error.
  bool verify = false;
  // Told about stages ("making clips") and, within one, how far it has come.
  std::function<void(std::string_view stage, size_t done, size_t total)> progress;
  std::function<void(const std::string&)> warn;  // told what was damaged, or left out
  StopFunction stop;
};

// How one stage of the making is done. options: outlives the result.
WorkOptions Stage(const DataSetOptions& options, std::string_view name);

// Keeps other processes out of a data set's folder, which is made if missing. Errors as FolderLock::Acquire.
Result<FolderLock> LockDataFolder(const std::filesystem::path& folder, const DataSetOptions& options);

// What espeak-ng writes before it becomes a clip is called so, and by PID and thread.
inline constexpr char kScratchPrefix[] = "word.";

// Removes the temporary files of processes that were killed. The caller is the only one who writes into `folder`.
void SweepTemporaries(const std::filesystem::path& folder);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_DATA_SET_OPTIONS_H_
