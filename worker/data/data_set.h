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
// training split) log-mel or MFCC features. Thread-safe after opening.
class DataSet {
 public:
  // Opens a data set, making what is missing: clips, single lost clips, features. Of several processes that ask at
  // once, one makes it and the others wait; a making that was interrupted goes on where it ended. Features of a user's
  // folder are made again when the folder has changed (FolderState). InvalidArgument: unknown task, no such number of
  // frames, a folder of another layout; when verifying, a truncated or altered file (which is named; nothing is
  // changed). NotFound: no such folder. Unavailable: espeak-ng is not installed or speaks otherwise than it did, disk
  // full, no permission, stopped.
  static Result<DataSet> Open(const DataSetOptions& options);

  // A feature file of log-mel alone, without the clips behind it; errors as FeatureFile::Open.
  static Result<DataSet> FromFile(const std::filesystem::path& path, const std::string& key, const Task& task);

  // The SHA-256 of features and labels: equal digests, equal data sets.
  const std::string& Digest() const { return features_.digest(); }
  int frames() const { return static_cast<int>(features_.frames()); }
  int bins() const { return static_cast<int>(features_.bins()); }
  std::span<const std::string_view> Classes() const { return classes_; }

  size_t Size(Split split) const { return features_.counts()[static_cast<size_t>(split)]; }
  int Label(Split split, size_t index) const;
  // [frames x bins], row per frame.
  std::span<const float> Clip(Split split, size_t index) const;

  // Background alone, to mix with training clips.
  size_t Backgrounds() const { return features_.background_count(); }
  std::span<const float> Background(size_t index) const { return features_.Background(index); }
  // How features are standardised.
  const FeatureScale& Scale() const { return scale_; }

 private:
  DataSet(FeatureFile features, FeatureKind kind, std::span<const std::string_view> classes)
      : features_(std::move(features)), scale_(kind, features_.means(), features_.deviations()), classes_(classes) {}

  size_t Offset(Split split) const;

  FeatureFile features_;
  FeatureScale scale_;
  std::span<const std::string_view> classes_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_DATA_SET_H_
