#ifndef PHOTINUS_WORKER_DATA_CLIP_FEATURES_H_
#define PHOTINUS_WORKER_DATA_CLIP_FEATURES_H_

#include <string>

#include "worker/base/parallel.h"
#include "worker/base/result.h"
#include "worker/data/clip_source.h"
#include "worker/data/feature_file.h"
#include "worker/data/front_end.h"

namespace photinus::data {

// Names what features follow from: the clips, as `clips` describes them, and how they become spectrograms.
std::string FeatureKey(const std::string& clips, const FrontEnd& front_end);

// Computes the features of every clip and background, each bin standardised to mean 0 and variance 1 over the training
// clips. Errors: those of ClipSource::Clip, Unavailable: stopped.
Result<Features> ComputeFeatures(const ClipSource& clips, const FrontEnd& front_end, const std::string& key,
                                 const WorkOptions& options);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_CLIP_FEATURES_H_
