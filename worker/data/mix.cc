#include "worker/data/mix.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "worker/data/resample.h"

namespace photinus::data {
namespace {

constexpr double kJitter = 0.1 * kClipRate;  // samples
constexpr size_t kMaxWord = kClipSamples;

// Puts the word into a silent clip so that its middle lies within kJitter of the clip's; the ends of a long word are
// cut.
std::vector<float> Place(std::span<const float> word, Random& random) {
  std::vector<float> clip(kClipSamples);
  const auto size = static_cast<int64_t>(word.size());
  const auto start = static_cast<int64_t>(random.Uniform(-kJitter, kJitter)) + (int64_t{kClipSamples} - size) / 2;
  for (int64_t i = std::max<int64_t>(0, -start); i < size && start + i < int64_t{kClipSamples}; ++i) {
    clip[static_cast<size_t>(start + i)] = word[static_cast<size_t>(i)];
  }
  return clip;
}

}  // namespace

std::span<const float> Trim(std::span<const float> signal) {
  float peak = 0;
  for (const float sample : signal) peak = std::max(peak, std::abs(sample));
  const auto loud = [threshold = peak * 0.01f](float sample) { return std::abs(sample) > threshold; };
  const auto first = std::find_if(signal.begin(), signal.end(), loud);
  const auto last = std::find_if(signal.rbegin(), signal.rend(), loud).base();
  if (first >= last) return {};
  return signal.subspan(static_cast<size_t>(first - signal.begin()), static_cast<size_t>(last - first));
}

std::vector<float> MixClip(std::span<const float> word, double word_rate, const MixOptions& options, Random& random) {
  const double tract = random.Uniform(0.9, 1.1);
  std::vector<float> clip(kClipSamples);
  if (!word.empty()) {
    const std::vector<float> resampled = Resample(word, word_rate / kClipRate * tract);
    const std::span<const float> trimmed = Trim(resampled);
    clip = Place(trimmed.first(std::min(trimmed.size(), kMaxWord)), random);
    HearInRoom(clip, random);
  }
  AddSurroundings(clip, options, random);
  return clip;
}

}  // namespace photinus::data
