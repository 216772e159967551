#ifndef PHOTINUS_WORKER_DATA_DATA_SET_H_
#define PHOTINUS_WORKER_DATA_DATA_SET_H_

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "worker/base/result.h"
#include "worker/data/data_set_options.h"
#include "worker/data/feature_file.h"
#include "worker/data/split.h"
#include "worker/data/task.h"

namespace photinus::data {

// A labelled set of spectrograms in three splits, ready for training: per-bin standardised (mean 0, variance 1 over the
// training split) log-mel features. Thread-safe after opening.
class DataSet {
 public:
  // Opens a data set, making what is missing: clips, single lost clips, features. Of several processes that ask at
  // once, one makes it and the others wait; a making that was interrupted goes on where it ended. InvalidArgument:
  // unknown task, no such number of frames; when verifying, a truncated or altered file (which is named; nothing is
  // changed). Unavailable: espeak-ng is not installed or speaks otherwise than it did, disk full, no permission,
  // stopped.
  static Result<DataSet> Open(const DataSetOptions& options);

  // A feature file alone, without the clips behind it; errors as FeatureFile::Open.
  static Result<DataSet> FromFile(const std::filesystem::path& path, const std::string& key, const Task& task);

  int frames() const { return static_cast<int>(features_.frames()); }
  int bins() const { return static_cast<int>(features_.bins()); }
  std::span<const std::string_view> Classes() const { return classes_; }

  size_t Size(Split split) const { return features_.counts()[static_cast<size_t>(split)]; }
  int Label(Split split, size_t index) const;
  // [frames x bins], row per frame.
  std::span<const float> Clip(Split split, size_t index) const;

 private:
  DataSet(FeatureFile features, std::span<const std::string_view> classes)
      : features_(std::move(features)), classes_(classes) {}

  size_t Offset(Split split) const;

  FeatureFile features_;
  std::span<const std::string_view> classes_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_DATA_SET_H_
