#include "worker/data/batches.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace photinus::data {
namespace {

// Uniform over -limit..limit.
int DrawShift(int limit, Random& random) {
  return static_cast<int>(random.Below(2 * static_cast<uint64_t>(limit) + 1)) - limit;
}

// A stretch of 0..max_width places among `size`: first and one past the last.
std::pair<int, int> DrawMask(int max_width, int size, Random& random) {
  const int width = static_cast<int>(random.Below(static_cast<uint64_t>(std::min(max_width, size)) + 1));
  const int first = static_cast<int>(random.Below(static_cast<uint64_t>(size - width) + 1));
  return {first, first + width};
}

}  // namespace

void Augment(std::span<const float> clip, int frames, int bins, const Augmentation& augmentation, Random& random,
             std::span<float> result) {
  const int time_shift = DrawShift(augmentation.max_time_shift, random);
  const int frequency_shift = DrawShift(augmentation.max_frequency_shift, random);
  const auto [first_frame, last_frame] = DrawMask(augmentation.max_time_mask, frames, random);
  const auto [first_bin, last_bin] = DrawMask(augmentation.max_frequency_mask, bins, random);
  std::fill(result.begin(), result.end(), 0.0f);
  const int low = std::max(0, frequency_shift), high = std::min(bins, bins + frequency_shift);
  for (int frame = 0; frame < frames; ++frame) {
    const int source = frame - time_shift;
    if (source < 0 || source >= frames || (frame >= first_frame && frame < last_frame)) continue;
    const float* from = clip.data() + source * bins - frequency_shift;
    float* to = result.data() + frame * bins;
    std::copy(from + low, from + high, to + low);
    std::fill(to + first_bin, to + last_bin, 0.0f);
  }
}

TrainingStream::TrainingStream(const DataSet& data, const Augmentation& augmentation, uint64_t seed)
    : data_(data), augmentation_(augmentation), random_(seed), order_(data.Size(Split::kTrain)) {
  std::iota(order_.begin(), order_.end(), 0u);
  position_ = order_.size();
}

void TrainingStream::Next(std::span<float> features, std::span<int64_t> labels) {
  const size_t size = static_cast<size_t>(data_.frames()) * static_cast<size_t>(data_.bins());
  for (size_t i = 0; i < labels.size(); ++i) {
    if (position_ == order_.size()) {
      for (size_t j = order_.size() - 1; j > 0; --j) std::swap(order_[j], order_[random_.Below(j + 1)]);
      position_ = 0;
    }
    const uint32_t index = order_[position_++];
    labels[i] = data_.Label(Split::kTrain, index);
    Augment(data_.Clip(Split::kTrain, index), data_.frames(), data_.bins(), augmentation_, random_,
            features.subspan(i * size, size));
  }
}

}  // namespace photinus::data
