#ifndef PHOTINUS_WORKER_DATA_FRONT_END_H_
#define PHOTINUS_WORKER_DATA_FRONT_END_H_

#include <cstddef>
#include <string>

#include "worker/base/result.h"
#include "worker/data/feature_scale.h"
#include "worker/data/log_mel.h"

namespace photinus::data {

// How the clips of a data set become the input of a network.
struct FrontEnd {
  FeatureKind kind = FeatureKind::kLogMel;
  int frames = 0;
  LogMelOptions mel;
};

// Every clip has features of 49, 98 or 196 frames of 40 bins: log-mel energies, or as many MFCCs, of 20-7600 Hz of
// one-second clips, 60-7800 Hz of longer ones. InvalidArgument for another number of frames, or another length than 1,
// 2 or 10 s.
Result<FrontEnd> FindFrontEnd(FeatureKind kind, size_t clip_samples, int frames);

// Names everything that features follow from, besides the clips.
std::string Describe(const FrontEnd& front_end);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_FRONT_END_H_
