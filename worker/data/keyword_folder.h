#ifndef PHOTINUS_WORKER_DATA_KEYWORD_FOLDER_H_
#define PHOTINUS_WORKER_DATA_KEYWORD_FOLDER_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/base/result.h"
#include "worker/data/data_set_options.h"
#include "worker/data/feature_file.h"
#include "worker/data/front_end.h"
#include "worker/data/manifest.h"
#include "worker/data/task.h"

namespace photinus::data {

// The folder of one set of spoken keywords, its clips and features, while this process makes, repairs or checks it.
class KeywordFolder {
 public:
  // options: outlives this.
  KeywordFolder(std::filesystem::path folder, Task task, FrontEnd front_end, const DataSetOptions& options)
      : folder_(std::move(folder)), task_(std::move(task)), front_end_(std::move(front_end)), options_(options) {}

  // The features, if they are there and whole. Takes no lock and looks at no clip, so that a folder that cannot be
  // written serves as well, and a lost clip stops no trial. NotFound: they have to be made.
  Result<FeatureFile> OpenFeatures() const;
  // The features, after everything that is missing or damaged has been made again. All of it follows from the seed.
  Result<FeatureFile> Repair() const;
  // The same, but every clip is read, and a manifest, clip or feature file that is damaged is an error
  // (InvalidArgument) and stays as it is.
  Result<FeatureFile> Verify() const;

 private:
  void Warn(const std::string& fault) const;
  Result<Manifest> OpenManifest() const;
  Result<Manifest> Make() const;
  Result<void> Remake(const Manifest& manifest, const std::vector<size_t>& entries) const;
  Result<Manifest> RepairClips() const;
  // Reads every clip. Writes the features unless the file is whole and holds them already.
  Result<FeatureFile> MakeFeatures(const Manifest& manifest) const;

  const std::filesystem::path folder_;
  const Task task_;
  const FrontEnd front_end_;
  const DataSetOptions& options_;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_KEYWORD_FOLDER_H_
