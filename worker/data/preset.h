#ifndef PHOTINUS_WORKER_DATA_PRESET_H_
#define PHOTINUS_WORKER_DATA_PRESET_H_

#include <string>
#include <string_view>
#include <vector>

#include "worker/data/mix.h"
#include "worker/data/voices.h"
#include "worker/graph/result.h"

namespace photinus::data {

// The size and the difficulty of a generated data set. A study's `task` names one.
struct Preset {
  std::string name;
  int train_clips = 0;
  int validation_clips = 0;
  int test_clips = 0;
  MixOptions mix;

  int ClipCount(Split split) const;
  size_t TotalClips() const;
};

// `keywords` (what searches use) or `smoke` (a few clips, for tests). InvalidArgument, listing the names, for any
// other.
Result<Preset> FindPreset(std::string_view name);

std::vector<std::string> PresetNames();

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_PRESET_H_
