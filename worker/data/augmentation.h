#ifndef PHOTINUS_WORKER_DATA_AUGMENTATION_H_
#define PHOTINUS_WORKER_DATA_AUGMENTATION_H_

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "worker/data/feature_scale.h"
#include "worker/data/random.h"

namespace photinus::data {

// Random changes to a training spectrogram. What moves in from outside, or is masked, is 0, the mean of every bin.
struct Augmentation {
  int max_time_shift = 0;       // frames, either way; half of the clip's at most, as more would leave nothing of it
  int max_frequency_shift = 0;  // bins, either way: another vocal tract
  int max_time_mask = 0;        // frames set to 0, at most [SpecAugment, Park et al. 2019]
  int max_frequency_mask = 0;   // bins set to 0, at most
  int time_masks = 1;           // how many of each
  int frequency_masks = 1;
  double noise = 0;  // the share of examples that get a background
  double min_snr_db = 10;
  double max_snr_db = 20;
};

// What is done to one example: first the background, then the shifts, then the masks.
struct Changes {
  int background = -1;  // its index; none
  double snr_db = 0;
  int time_shift = 0;
  int frequency_shift = 0;
  std::vector<std::pair<int, int>> time_masks;  // first and one past the last
  std::vector<std::pair<int, int>> frequency_masks;
};

// backgrounds: how many there are to choose from.
Changes DrawChanges(const Augmentation& augmentation, int frames, int bins, size_t backgrounds, Random& random);

// Copies `clip` ([frames x bins]) to `result`, shifted and masked.
void ShiftAndMask(std::span<const float> clip, int frames, int bins, const Changes& changes, std::span<float> result);

// Adds a background to a clip, both standardised features: powers add in every mel band, as those of independent sounds
// do on average, and the clip's whole power is `snr_db` above the background's.
void AddBackground(std::span<const float> background, double snr_db, const FeatureScale& scale, std::span<float> clip);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_AUGMENTATION_H_
