#ifndef PHOTINUS_WORKER_DATA_CLIP_FEATURES_H_
#define PHOTINUS_WORKER_DATA_CLIP_FEATURES_H_

#include <filesystem>
#include <string>

#include "worker/base/result.h"
#include "worker/data/clip_store.h"
#include "worker/data/feature_file.h"
#include "worker/data/manifest.h"

namespace photinus::data {

// Names what the features follow from: the clips, as a manifest's text lists them, and how they become spectrograms.
std::string FeatureKey(const std::string& manifest);

// Reads every clip of a data set, checks it against the manifest and computes its log-mel features, each bin
// standardised to mean 0 and variance 1 over the training clips. InvalidArgument: a clip is not what the manifest says.
Result<Features> ComputeFeatures(const std::filesystem::path& folder, const Manifest& manifest,
                                 const WorkOptions& options);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_CLIP_FEATURES_H_
