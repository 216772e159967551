#include "worker/data/feature_cache.h"

#include <utility>

#include "worker/base/file.h"

namespace photinus::data {

std::filesystem::path FeaturePath(const std::filesystem::path& folder, const FrontEnd& front_end) {
  return folder / (std::string(FeatureKindName(front_end.kind)) + "-" + std::to_string(front_end.frames) + ".features");
}

Result<FeatureFile> StoreFeatures(const std::filesystem::path& path, const Features& features) {
  Result<FeatureFile> whole = FeatureFile::Open(path, features.key);
  if (whole.ok() && whole->Holds(features)) return whole;
  PHOTINUS_RETURN_IF_ERROR(WriteFeatureFile(path, features));
  return FeatureFile::Open(path, features.key);
}

Result<FeatureFile> CachedFeatures(const std::filesystem::path& folder, const FrontEnd& front_end,
                                   const std::string& key, const DataSetOptions& options,
                                   const std::function<Result<Features>()>& make) {
  const std::filesystem::path path = FeaturePath(folder, front_end);
  if (!options.verify) {
    Result<FeatureFile> whole = FeatureFile::Open(path, key, Check::kChanges);  // needs no lock and no right to write
    if (whole.ok()) return whole;
  }
  PHOTINUS_ASSIGN_OR_RETURN(const FolderLock lock, LockDataFolder(folder, options));
  SweepTemporaries(folder);
  Result<FeatureFile> found = FeatureFile::Open(path, key);
  if (found.ok() && !options.verify) return found;  // made while this process waited
  if (!found.ok() && found.error().code == ErrorCode::kInvalidArgument) {
    if (options.verify) return InvalidArgument(found.error().message + "; delete it and run `photinus-trial data`");
    if (options.warn) options.warn(found.error().message + "; making it again");
  }
  PHOTINUS_ASSIGN_OR_RETURN(const Features features, make());
  return StoreFeatures(path, features);
}

}  // namespace photinus::data
