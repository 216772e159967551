#include "worker/data/channel.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "worker/data/filters.h"
#include "worker/data/noise.h"

namespace photinus::data {
namespace {

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
    const double gain = random.Uniform(-6, 6), quality = random.Uniform(0.5, 2);
    Apply(PeakFilter(hz, kClipRate, quality, gain), clip);
  }
  if (random.Chance(0.3)) Apply(LowPassFilter(random.Uniform(2500, 7000), kClipRate, 0.707), clip);
}

void SetPeak(std::span<float> clip, double peak) {
  float highest = 0;
  for (const float sample : clip) highest = std::max(highest, std::abs(sample));
  if (highest == 0) return;
  for (float& sample : clip) sample *= static_cast<float>(peak) / highest;
}

}  // namespace

void HearInRoom(std::span<float> clip, Random& random) {
  if (random.Chance(0.5)) Reverberate(clip, random);
  ColourSpectrum(clip, random);
}

void AddSurroundings(std::span<float> clip, const MixOptions& options, Random& random) {
  const double signal_power = Power(clip);
  if (random.Chance(options.distractor_probability)) {
    const std::vector<float> event = MakeEvent(clip.size(), kClipRate, random);
    const double gain = signal_power > 0 ? std::sqrt(signal_power) * random.Uniform(0.5, 2) : 1;
    AddScaled(event, gain, clip);
  }
  const std::vector<float> background = MakeBackground(clip.size(), kClipRate, random);
  const double snr = random.Uniform(options.min_snr_db, options.max_snr_db);
  const double background_power = Power(background);
  const double wanted = signal_power > 0 ? std::sqrt(signal_power / background_power) * AmplitudeOfDecibels(-snr) : 1;
  AddScaled(background, wanted, clip);
  double level = AmplitudeOfDecibels(random.Uniform(-24, -3));
  if (signal_power == 0) level *= AmplitudeOfDecibels(-random.Uniform(0, 30));  // a quiet room, not shouting noise
  SetPeak(clip, level);
}

}  // namespace photinus::data
