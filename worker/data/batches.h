#ifndef PHOTINUS_WORKER_DATA_BATCHES_H_
#define PHOTINUS_WORKER_DATA_BATCHES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "worker/data/augmentation.h"
#include "worker/data/data_set.h"
#include "worker/data/random.h"

namespace photinus::data {

// One training example before it is made.
struct Example {
  uint32_t clip = 0;  // of the training split
  Changes changes;
};

// An endless stream of training examples: every clip once per epoch, in an order drawn anew for each epoch. Equal seeds
// give equal streams. The data set must outlive it. Not thread-safe.
class TrainingStream {
 public:
  TrainingStream(const DataSet& data, const Augmentation& augmentation, uint64_t seed);

  // The next examples. Cheap: only the numbers are drawn.
  std::vector<Example> Next(size_t count);

 private:
  const DataSet& data_;
  const Augmentation augmentation_;
  Random random_;
  std::vector<uint32_t> order_;
  size_t position_ = 0;
};

// Examples side by side. features: [labels.size() x frames x bins].
struct Batch {
  std::vector<float> features;
  std::vector<int64_t> labels;
};

// Makes examples. Thread-safe.
Batch MakeBatch(const DataSet& data, std::span<const Example> examples);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_BATCHES_H_
