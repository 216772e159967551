#include "worker/data/keyword_folder.h"

#include <span>
#include <system_error>

#include "worker/base/file.h"
#include "worker/data/clip_features.h"
#include "worker/data/clip_source.h"
#include "worker/data/clip_store.h"
#include "worker/data/feature_cache.h"
#include "worker/data/mix.h"
#include "worker/data/wav.h"

namespace photinus::data {
namespace {

bool Exists(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at is found out when it is read or written
  return std::filesystem::exists(path, ignored);
}

Error Advise(const Error& error, const std::string& advice) {
  if (error.code != ErrorCode::kInvalidArgument) return error;
  return Error{error.code, error.message + "; " + advice};
}

// The clips as the manifest lists them, each checked against it when it is read.
class StoredClips : public ClipSource {
 public:
  StoredClips(const std::filesystem::path& folder, const Manifest& manifest) : folder_(folder), manifest_(manifest) {
    for (const ManifestEntry& entry : manifest.entries) entries_[static_cast<size_t>(entry.split)].push_back(&entry);
  }

  size_t ClipSamples() const override { return kClipSamples; }
  size_t Size(Split split) const override { return entries_[static_cast<size_t>(split)].size(); }
  int Label(Split split, size_t index) const override { return Entry(split, index).label; }

  Result<std::vector<float>> Clip(Split split, size_t index) const override {
    const ManifestEntry& entry = Entry(split, index);
    const std::filesystem::path path = folder_ / entry.path;
    PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
    PHOTINUS_RETURN_IF_ERROR(CheckEntry(entry, content, folder_));
    PHOTINUS_ASSIGN_OR_RETURN(const Wav wav, ParseWav(content, path.string()));
    if (wav.sample_rate != kClipRate || wav.samples.size() != kClipSamples) {
      return InvalidArgument(path.string() + " is not one second at 16 kHz");
    }
    return ToFloat(wav.samples);
  }

 private:
  const ManifestEntry& Entry(Split split, size_t index) const { return *entries_[static_cast<size_t>(split)][index]; }

  const std::filesystem::path& folder_;
  const Manifest& manifest_;
  std::vector<const ManifestEntry*> entries_[std::size(kSplits)];
};

}  // namespace

Result<FeatureFile> KeywordFolder::OpenFeatures() const {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string manifest, ReadFile(folder_ / kManifestName));
  return FeatureFile::Open(FeaturePath(folder_, front_end_), FeatureKey(manifest, front_end_),
                           options_.verify ? Check::kWhole : Check::kChanges);
}

Result<FeatureFile> KeywordFolder::Repair() const {
  PHOTINUS_ASSIGN_OR_RETURN(const FolderLock lock, LockDataFolder(folder_, options_));
  Result<FeatureFile> whole = OpenFeatures();  // made by another process while this one waited
  if (whole.ok()) return whole;
  if (whole.error().code == ErrorCode::kInvalidArgument) Warn(whole.error().message);
  SweepTemporaries(folder_);
  PHOTINUS_ASSIGN_OR_RETURN(const Manifest manifest, RepairClips());
  return MakeFeatures(manifest);
}

Result<FeatureFile> KeywordFolder::Verify() const {
  PHOTINUS_ASSIGN_OR_RETURN(const FolderLock lock, LockDataFolder(folder_, options_));
  SweepTemporaries(folder_);
  if (!Exists(folder_ / kManifestName)) PHOTINUS_RETURN_IF_ERROR(Make());
  const Result<Manifest> manifest = OpenManifest();
  if (!manifest.ok()) {
    return Advise(manifest.error(), "delete the folder " + folder_.string() +
                                        " and run `photinus-trial data` to make the data set again");
  }
  PHOTINUS_RETURN_IF_ERROR(Remake(*manifest, FindMissing(*manifest, folder_)));
  constexpr char kDelete[] = "delete it and run `photinus-trial data`";
  const Result<FeatureFile> found = OpenFeatures();
  if (!found.ok() && found.error().code == ErrorCode::kInvalidArgument) return Advise(found.error(), kDelete);
  Result<FeatureFile> features = MakeFeatures(*manifest);
  if (!features.ok()) return Advise(features.error(), kDelete);
  return features;
}

void KeywordFolder::Warn(const std::string& fault) const {
  if (options_.warn) options_.warn(fault + "; making it again");
}

Result<Manifest> KeywordFolder::OpenManifest() const {
  const std::filesystem::path path = folder_ / kManifestName;
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  PHOTINUS_ASSIGN_OR_RETURN(Manifest manifest, ParseManifest(content, path));
  if (manifest.entries.size() == task_.TotalClips()) return manifest;
  return InvalidArgument(path.string() + " was made by another version of photinus-trial");
}

Result<Manifest> KeywordFolder::Make() const {
  return MakeClips(folder_, task_, options_.seed, Stage(options_, "making clips"));
}

Result<void> KeywordFolder::Remake(const Manifest& manifest, const std::vector<size_t>& entries) const {
  if (entries.empty()) return {};
  return RemakeClips(folder_, task_, options_.seed, manifest, entries, Stage(options_, "making lost clips"));
}

Result<Manifest> KeywordFolder::RepairClips() const {
  Result<Manifest> manifest = OpenManifest();
  if (!manifest.ok()) {
    if (manifest.error().code == ErrorCode::kInvalidArgument) Warn(manifest.error().message);
    if (manifest.error().code == ErrorCode::kUnavailable) return manifest;
    return Make();
  }
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<FaultyClip> faulty,
                            FindFaulty(*manifest, folder_, Stage(options_, "checking clips")));
  if (faulty.size() == 1) Warn(faulty[0].fault);
  if (faulty.size() > 1) Warn(faulty[0].fault + " (and " + std::to_string(faulty.size() - 1) + " other clips)");
  std::vector<size_t> entries;
  entries.reserve(faulty.size());
  for (const FaultyClip& clip : faulty) entries.push_back(clip.entry);
  PHOTINUS_RETURN_IF_ERROR(Remake(*manifest, entries));
  return manifest;
}

Result<FeatureFile> KeywordFolder::MakeFeatures(const Manifest& manifest) const {
  PHOTINUS_ASSIGN_OR_RETURN(const Features features, ComputeFeatures(StoredClips(folder_, manifest), front_end_,
                                                                     FeatureKey(FormatManifest(manifest), front_end_),
                                                                     Stage(options_, "computing features")));
  return StoreFeatures(FeaturePath(folder_, front_end_), features);
}

}  // namespace photinus::data
