#ifndef PHOTINUS_WORKER_DATA_CLIP_SOURCE_H_
#define PHOTINUS_WORKER_DATA_CLIP_SOURCE_H_

#include <cstddef>
#include <vector>

#include "worker/base/result.h"
#include "worker/data/split.h"

namespace photinus::data {

// How many backgrounds a data set has.
inline constexpr size_t kBackgrounds = 64;

// The labelled clips of a data set, as sound. Thread-safe.
class ClipSource {
 public:
  virtual ~ClipSource() = default;

  // Samples of every clip, at kClipRate.
  virtual size_t ClipSamples() const = 0;
  virtual size_t Size(Split split) const = 0;
  virtual int Label(Split split, size_t index) const = 0;
  // ClipSamples() samples in [-1, 1]; equal arguments give equal clips. InvalidArgument: its file is damaged.
  // Unavailable: its file cannot be read.
  virtual Result<std::vector<float>> Clip(Split split, size_t index) const = 0;
  // Background alone, to mix with training clips: generated (noise.h), where the data set has none of its own.
  virtual Result<std::vector<float>> Background(size_t index) const;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_CLIP_SOURCE_H_
