#include "worker/data/batches.h"

#include <numeric>
#include <utility>

namespace photinus::data {

TrainingStream::TrainingStream(const DataSet& data, const Augmentation& augmentation, uint64_t seed)
    : data_(data), augmentation_(augmentation), random_(seed), order_(data.Size(Split::kTrain)) {
  std::iota(order_.begin(), order_.end(), 0u);
  position_ = order_.size();
}

std::vector<Example> TrainingStream::Next(size_t count) {
  std::vector<Example> examples(count);
  for (Example& example : examples) {
    if (position_ == order_.size()) {
      for (size_t j = order_.size() - 1; j > 0; --j) std::swap(order_[j], order_[random_.Below(j + 1)]);
      position_ = 0;
    }
    example.clip = order_[position_++];
    example.changes = DrawChanges(augmentation_, data_.frames(), data_.bins(), data_.Backgrounds(), random_);
  }
  return examples;
}

Batch MakeBatch(const DataSet& data, std::span<const Example> examples) {
  const size_t size = static_cast<size_t>(data.frames()) * static_cast<size_t>(data.bins());
  Batch batch{std::vector<float>(examples.size() * size), {}};
  std::vector<float> noisy;
  for (size_t i = 0; i < examples.size(); ++i) {
    const Changes& changes = examples[i].changes;
    std::span<const float> clip = data.Clip(Split::kTrain, examples[i].clip);
    if (changes.background >= 0) {
      noisy.assign(clip.begin(), clip.end());
      AddBackground(data.Background(static_cast<size_t>(changes.background)), changes.snr_db, data.Scale(), noisy);
      clip = noisy;
    }
    ShiftAndMask(clip, data.frames(), data.bins(), changes, std::span(batch.features).subspan(i * size, size));
    batch.labels.push_back(data.Label(Split::kTrain, examples[i].clip));
  }
  return batch;
}

}  // namespace photinus::data
