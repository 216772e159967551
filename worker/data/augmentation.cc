#include "worker/data/augmentation.h"

#include <algorithm>
#include <cmath>

namespace photinus::data {
namespace {

// Uniform over -limit..limit.
int DrawShift(int limit, Random& random) {
  return static_cast<int>(random.Below(2 * static_cast<uint64_t>(limit) + 1)) - limit;
}

// `count` stretches of 0..max_width places among `size`.
std::vector<std::pair<int, int>> DrawMasks(int count, int max_width, int size, Random& random) {
  std::vector<std::pair<int, int>> masks;
  for (int i = 0; i < count; ++i) {
    const int width = static_cast<int>(random.Below(static_cast<uint64_t>(std::min(max_width, size)) + 1));
    const int first = static_cast<int>(random.Below(static_cast<uint64_t>(size - width) + 1));
    masks.emplace_back(first, first + width);
  }
  return masks;
}

// Of log-mel energies.
double TotalPower(std::span<const float> energies) {
  double sum = 0;
  for (const float energy : energies) sum += static_cast<double>(std::exp(energy));
  return sum;
}

}  // namespace

Changes DrawChanges(const Augmentation& augmentation, int frames, int bins, size_t backgrounds, Random& random) {
  Changes changes;
  changes.time_shift = DrawShift(std::min(augmentation.max_time_shift, frames / 2), random);
  changes.frequency_shift = DrawShift(augmentation.max_frequency_shift, random);
  changes.time_masks = DrawMasks(augmentation.time_masks, augmentation.max_time_mask, frames, random);
  changes.frequency_masks = DrawMasks(augmentation.frequency_masks, augmentation.max_frequency_mask, bins, random);
  if (augmentation.noise > 0 && backgrounds > 0 && random.Chance(augmentation.noise)) {
    changes.background = static_cast<int>(random.Below(backgrounds));
    changes.snr_db = random.Uniform(augmentation.min_snr_db, augmentation.max_snr_db);
  }
  return changes;
}

void ShiftAndMask(std::span<const float> clip, int frames, int bins, const Changes& changes, std::span<float> result) {
  std::fill(result.begin(), result.end(), 0.0f);
  const int low = std::max(0, changes.frequency_shift), high = std::min(bins, bins + changes.frequency_shift);
  for (int frame = 0; frame < frames; ++frame) {
    const int source = frame - changes.time_shift;
    const auto masks_frame = [frame](const auto& mask) { return frame >= mask.first && frame < mask.second; };
    if (source < 0 || source >= frames || std::ranges::any_of(changes.time_masks, masks_frame)) continue;
    const float* from = clip.data() + source * bins - changes.frequency_shift;
    float* to = result.data() + frame * bins;
    std::copy(from + low, from + high, to + low);
    for (const auto& [first, last] : changes.frequency_masks) std::fill(to + first, to + last, 0.0f);
  }
}

void AddBackground(std::span<const float> background, double snr_db, const FeatureScale& scale, std::span<float> clip) {
  std::vector<float> noise(background.begin(), background.end());
  scale.ToLogMel(noise);
  scale.ToLogMel(clip);
  const double ratio = TotalPower(clip) / TotalPower(noise);
  const auto gain = static_cast<float>(ratio * std::pow(10, -snr_db / 10));
  for (size_t i = 0; i < clip.size(); ++i) clip[i] = std::log(std::exp(clip[i]) + gain * std::exp(noise[i]));
  scale.FromLogMel(clip);
}

}  // namespace photinus::data
