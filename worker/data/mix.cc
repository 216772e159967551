#include "worker/data/mix.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "worker/data/filters.h"
#include "worker/data/noise.h"
#include "worker/data/resample.h"

namespace photinus::data {
namespace {

constexpr double kJitter = 0.1 * kClipRate;  // samples
constexpr size_t kMaxWord = kClipSamples;

double Power(std::span<const float> signal) {
  double sum = 0;
  for (const float sample : signal) sum += static_cast<double>(sample) * static_cast<double>(sample);
  return signal.empty() ? 0 : sum / static_cast<double>(signal.size());
}

double AmplitudeOfDecibels(double decibels) { return std::pow(10, decibels / 20); }

void AddScaled(std::span<const float> source, double gain, std::span<float> target) {
  for (size_t i = 0; i < target.size(); ++i) target[i] += static_cast<float>(gain) * source[i];
}

// Velvet noise: a decaying row of sparse echoes of random sign [Valimaki et al., 2013], far cheaper than a dense
// response.
void Reverberate(std::span<float> clip, Random& random) {
  const double decay_seconds = random.Uniform(0.05, 0.3);  // to 1/e
  const double level = random.Uniform(0.1, 0.5);
  const std::vector<float> dry(clip.begin(), clip.end());
  constexpr int kEchoes = 60;
  for (int echo = 0; echo < kEchoes; ++echo) {
    const double seconds = 0.005 + 0.3 * (echo + random.Uniform()) / kEchoes;
    const double sign = random.Chance(0.5) ? 1 : -1;
    const auto gain = static_cast<float>(sign * level * std::exp(-seconds / decay_seconds));
    const auto delay = static_cast<size_t>(seconds * kClipRate);
    for (size_t i = delay; i < clip.size(); ++i) clip[i] += gain * dry[i - delay];
  }
}

void ColourSpectrum(std::span<float> clip, Random& random) {
  for (int band = 0; band < 2; ++band) {
    const double hz = 150 * std::pow(40, random.Uniform());  // 150..6000, even in octaves
    Apply(PeakFilter(hz, kClipRate, random.Uniform(0.5, 2), random.Uniform(-6, 6)), clip);
  }
  if (random.Chance(0.3)) Apply(LowPassFilter(random.Uniform(2500, 7000), kClipRate, 0.707), clip);
}

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

void SetPeak(std::span<float> clip, double peak) {
  float highest = 0;
  for (const float sample : clip) highest = std::max(highest, std::abs(sample));
  if (highest == 0) return;
  for (float& sample : clip) sample *= static_cast<float>(peak) / highest;
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
    if (random.Chance(0.5)) Reverberate(clip, random);
    ColourSpectrum(clip, random);
  }
  const double signal_power = Power(clip);
  if (random.Chance(options.distractor_probability)) {
    const std::vector<float> event = MakeEvent(kClipSamples, kClipRate, random);
    const double gain = signal_power > 0 ? std::sqrt(signal_power) * random.Uniform(0.5, 2) : 1;
    AddScaled(event, gain, clip);
  }
  const std::vector<float> background = MakeBackground(kClipSamples, kClipRate, random);
  const double snr = random.Uniform(options.min_snr_db, options.max_snr_db);
  const double background_power = Power(background);
  const double wanted = signal_power > 0 ? std::sqrt(signal_power / background_power) * AmplitudeOfDecibels(-snr) : 1;
  AddScaled(background, wanted, clip);
  double level = AmplitudeOfDecibels(random.Uniform(-24, -3));
  if (signal_power == 0) level *= AmplitudeOfDecibels(-random.Uniform(0, 30));  // a quiet room, not shouting noise
  SetPeak(clip, level);
  return clip;
}

}  // namespace photinus::data
