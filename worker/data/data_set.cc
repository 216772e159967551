#include "worker/data/data_set.h"

#include <system_error>
#include <utility>

#include "worker/base/file.h"
#include "worker/data/clip_features.h"
#include "worker/data/clip_store.h"
#include "worker/data/folder_lock.h"
#include "worker/data/keyword_clip.h"
#include "worker/data/manifest.h"
#include "worker/data/task.h"
#include "worker/data/words.h"

namespace photinus::data {
namespace {

bool Exists(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at is found out when it is read or written
  return std::filesystem::exists(path, ignored);
}

// The folder of one data set while this process makes, repairs or checks it.
class DataFolder {
 public:
  DataFolder(std::filesystem::path folder, Task task, const DataSetOptions& options)
      : folder_(std::move(folder)), task_(std::move(task)), options_(options) {}

  // The features, if they are there and whole. Takes no lock and looks at no clip, so that a folder that cannot be
  // written serves as well, and a lost clip stops no trial. NotFound: they have to be made.
  Result<FeatureFile> OpenFeatures() const {
    PHOTINUS_ASSIGN_OR_RETURN(const std::string manifest, ReadFile(folder_ / kManifestName));
    return FeatureFile::Open(FeaturePath(), FeatureKey(manifest));
  }

  // The features, after everything that is missing or damaged has been made again. All of it follows from the seed.
  Result<FeatureFile> Repair() const {
    PHOTINUS_RETURN_IF_ERROR(MakeFolder(folder_));
    PHOTINUS_ASSIGN_OR_RETURN(const FolderLock lock, Lock());
    Result<FeatureFile> whole = OpenFeatures();  // made by another process while this one waited
    if (whole.ok()) return whole;
    if (whole.error().code == ErrorCode::kInvalidArgument) Warn(whole.error().message);
    SweepTemporaries(folder_);
    PHOTINUS_ASSIGN_OR_RETURN(const Manifest manifest, RepairClips());
    return MakeFeatures(manifest);
  }

  // The same, but what is damaged is an error (InvalidArgument) and stays as it is.
  Result<FeatureFile> Verify() const {
    PHOTINUS_RETURN_IF_ERROR(MakeFolder(folder_));
    PHOTINUS_ASSIGN_OR_RETURN(const FolderLock lock, Lock());
    SweepTemporaries(folder_);
    if (!Exists(folder_ / kManifestName)) PHOTINUS_RETURN_IF_ERROR(Make());
    const Result<Manifest> manifest = OpenManifest();
    if (!manifest.ok()) {
      return Advise(manifest.error(), "delete the folder " + folder_.string() +
                                          " and run `photinus-trial data` to make the data set again");
    }
    PHOTINUS_RETURN_IF_ERROR(Remake(*manifest, FindMissing(*manifest, folder_)));
    Result<FeatureFile> features = MakeFeatures(*manifest);
    if (!features.ok()) return Advise(features.error(), "delete it and run `photinus-trial data`");
    return features;
  }

 private:
  std::filesystem::path FeaturePath() const { return folder_ / "features.bin"; }

  Result<FolderLock> Lock() const {
    const auto waiting = [this] {
      if (options_.progress) options_.progress("waiting for another process to make the data", 0, 0);
    };
    return FolderLock::Acquire(folder_ / "lock", waiting, options_.stop);
  }

  void Warn(const std::string& fault) const {
    if (options_.warn) options_.warn(fault + "; making it again");
  }

  static Error Advise(const Error& error, const std::string& advice) {
    if (error.code != ErrorCode::kInvalidArgument) return error;
    return Error{error.code, error.message + "; " + advice};
  }

  WorkOptions Stage(std::string_view name) const {
    WorkOptions work{options_.threads, nullptr, options_.stop};
    if (options_.progress) {
      work.progress = [this, name](size_t done, size_t total) { options_.progress(name, done, total); };
    }
    return work;
  }

  Result<Manifest> OpenManifest() const {
    const std::filesystem::path path = folder_ / kManifestName;
    PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
    PHOTINUS_ASSIGN_OR_RETURN(Manifest manifest, ParseManifest(content, path));
    if (manifest.entries.size() == task_.TotalClips()) return manifest;
    return InvalidArgument(path.string() + " was made by another version of photinus-trial");
  }

  Result<Manifest> Make() const { return MakeClips(folder_, task_, options_.seed, Stage("making clips")); }

  Result<void> Remake(const Manifest& manifest, const std::vector<size_t>& entries) const {
    if (entries.empty()) return {};
    return RemakeClips(folder_, task_, options_.seed, manifest, entries, Stage("making lost clips"));
  }

  Result<Manifest> RepairClips() const {
    Result<Manifest> manifest = OpenManifest();
    if (!manifest.ok()) {
      if (manifest.error().code == ErrorCode::kInvalidArgument) Warn(manifest.error().message);
      if (manifest.error().code == ErrorCode::kUnavailable) return manifest;
      return Make();
    }
    PHOTINUS_ASSIGN_OR_RETURN(const std::vector<FaultyClip> faulty,
                              FindFaulty(*manifest, folder_, Stage("checking clips")));
    if (faulty.size() == 1) Warn(faulty[0].fault);
    if (faulty.size() > 1) Warn(faulty[0].fault + " (and " + std::to_string(faulty.size() - 1) + " other clips)");
    std::vector<size_t> entries;
    entries.reserve(faulty.size());
    for (const FaultyClip& clip : faulty) entries.push_back(clip.entry);
    PHOTINUS_RETURN_IF_ERROR(Remake(*manifest, entries));
    return manifest;
  }

  // Reads every clip. Writes the features unless the file is whole already.
  Result<FeatureFile> MakeFeatures(const Manifest& manifest) const {
    PHOTINUS_ASSIGN_OR_RETURN(const Features features, ComputeFeatures(folder_, manifest, Stage("computing features")));
    Result<FeatureFile> whole = FeatureFile::Open(FeaturePath(), features.key);
    if (whole.ok()) return whole;
    PHOTINUS_RETURN_IF_ERROR(WriteFeatureFile(FeaturePath(), features));
    return FeatureFile::Open(FeaturePath(), features.key);
  }

  const std::filesystem::path folder_;
  const Task task_;
  const DataSetOptions& options_;
};

}  // namespace

Result<DataSet> DataSet::Open(const DataSetOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(Task task, FindTask(options.task));
  const std::string name = std::string(kGeneratorVersion) + "." + task.name + ".seed" + std::to_string(options.seed);
  const DataFolder data_folder(options.data_dir / name, std::move(task), options);
  if (options.verify) {
    PHOTINUS_ASSIGN_OR_RETURN(FeatureFile features, data_folder.Verify());
    return DataSet(std::move(features));
  }
  Result<FeatureFile> whole = data_folder.OpenFeatures();
  if (whole.ok()) return DataSet(std::move(whole).value());
  PHOTINUS_ASSIGN_OR_RETURN(FeatureFile features, data_folder.Repair());
  return DataSet(std::move(features));
}

Result<DataSet> DataSet::FromFile(const std::filesystem::path& path, const std::string& key) {
  PHOTINUS_ASSIGN_OR_RETURN(FeatureFile features, FeatureFile::Open(path, key));
  return DataSet(std::move(features));
}

std::span<const std::string_view> DataSet::Classes() const { return KeywordClasses(); }

size_t DataSet::Offset(Split split) const {
  size_t offset = 0;
  for (size_t i = 0; i < static_cast<size_t>(split); ++i) offset += features_.counts()[i];
  return offset;
}

int DataSet::Label(Split split, size_t index) const { return features_.labels()[Offset(split) + index]; }

std::span<const float> DataSet::Clip(Split split, size_t index) const { return features_.Clip(Offset(split) + index); }

}  // namespace photinus::data
