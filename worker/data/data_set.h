#ifndef PHOTINUS_WORKER_DATA_DATA_SET_H_
#define PHOTINUS_WORKER_DATA_DATA_SET_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "worker/base/result.h"
#include "worker/data/feature_file.h"
#include "worker/data/parallel.h"
#include "worker/data/voices.h"

namespace photinus::data {

inline constexpr uint64_t kDefaultDataSeed = 1;

// Which data set, and how to make it where it is missing.
struct DataSetOptions {
  std::filesystem::path data_dir;  // made if missing; the set lies in a folder of its own in there
  std::string task = "keywords";
  uint64_t seed = kDefaultDataSeed;
  int threads = 2;
  // False, for trials: features that are whole are trusted, and what is damaged is made again with a warning.
  // True: every WAV file is read and compared with its SHA-256, and what is damaged is an error.
  bool verify = false;
  // Told about stages ("making clips") and, within one, how far it has come.
  std::function<void(std::string_view stage, size_t done, size_t total)> progress;
  std::function<void(const std::string&)> warn;  // told what was damaged
  StopFunction stop;
};

// A labelled set of spectrograms in three splits, ready for training: per-bin standardised (mean 0, variance 1 over the
// training split) log-mel features. Thread-safe after opening.
class DataSet {
 public:
  // Opens a data set, making what is missing: clips, single lost clips, features. Of several processes that ask at
  // once, one makes it and the others wait; a making that was interrupted goes on where it ended. InvalidArgument:
  // unknown task; when verifying, a truncated or altered file (which is named; nothing is changed). Unavailable:
  // espeak-ng is not installed or speaks otherwise than it did, disk full, no permission, stopped.
  static Result<DataSet> Open(const DataSetOptions& options);

  // A feature file alone, without the clips behind it; errors as FeatureFile::Open.
  static Result<DataSet> FromFile(const std::filesystem::path& path, const std::string& key);

  int frames() const { return static_cast<int>(features_.frames()); }
  int bins() const { return static_cast<int>(features_.bins()); }
  std::span<const std::string_view> Classes() const;

  size_t Size(Split split) const { return features_.counts()[static_cast<size_t>(split)]; }
  int Label(Split split, size_t index) const;
  // [frames x bins], row per frame.
  std::span<const float> Clip(Split split, size_t index) const;

 private:
  explicit DataSet(FeatureFile features) : features_(std::move(features)) {}

  size_t Offset(Split split) const;

  FeatureFile features_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_DATA_SET_H_
