#ifndef PHOTINUS_WORKER_DATA_FEATURE_CACHE_H_
#define PHOTINUS_WORKER_DATA_FEATURE_CACHE_H_

#include <filesystem>
#include <functional>
#include <string>

#include "worker/base/result.h"
#include "worker/data/data_set_options.h"
#include "worker/data/feature_file.h"
#include "worker/data/front_end.h"

namespace photinus::data {

// The file in a data set's folder that holds the features of one front end.
std::filesystem::path FeaturePath(const std::filesystem::path& folder, const FrontEnd& front_end);

// Opens a feature file; writes it first unless it is whole and the same.
Result<FeatureFile> StoreFeatures(const std::filesystem::path& path, const Features& features);

// The features `key` of clips that need no folder of their own, kept in `folder`; `make` makes them where they are
// missing or damaged, in one process at a time. When verifying, a damaged file is an error (InvalidArgument, naming it)
// and stays as it is; a whole one is compared with features made anew and written again where they differ, as after a
// clip was changed in place. Otherwise errors of `make`, and Unavailable: disk full, no permission, stopped.
Result<FeatureFile> CachedFeatures(const std::filesystem::path& folder, const FrontEnd& front_end,
                                   const std::string& key, const DataSetOptions& options,
                                   const std::function<Result<Features>()>& make);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_FEATURE_CACHE_H_
