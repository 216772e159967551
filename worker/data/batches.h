#ifndef PHOTINUS_WORKER_DATA_BATCHES_H_
#define PHOTINUS_WORKER_DATA_BATCHES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "worker/data/data_set.h"
#include "worker/data/random.h"

namespace photinus::data {

// Random changes to a training spectrogram. What moves in from outside is 0, the mean of every bin.
struct Augmentation {
  int max_time_shift = 0;       // frames, either way
  int max_frequency_shift = 0;  // bins, either way: another vocal tract
  int max_time_mask = 0;        // frames set to 0 [SpecAugment, Park et al. 2019]
  int max_frequency_mask = 0;   // bins set to 0
};

// Copies `clip` ([frames x bins]) to `result` with changes drawn from `random`.
void Augment(std::span<const float> clip, int frames, int bins, const Augmentation& augmentation, Random& random,
             std::span<float> result);

// An endless stream of training examples: every clip once per epoch, in an order drawn anew for each epoch. Equal seeds
// give equal streams. The data set must outlive it. Not thread-safe.
class TrainingStream {
 public:
  TrainingStream(const DataSet& data, const Augmentation& augmentation, uint64_t seed);

  // Fills the next batch. features: [labels.size() x frames x bins]; labels: one per example.
  void Next(std::span<float> features, std::span<int64_t> labels);

 private:
  const DataSet& data_;
  const Augmentation augmentation_;
  Random random_;
  std::vector<uint32_t> order_;
  size_t position_ = 0;
};

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_BATCHES_H_
