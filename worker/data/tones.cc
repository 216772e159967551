#include "worker/data/tones.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "worker/data/channel.h"
#include "worker/data/filters.h"
#include "worker/data/noise.h"

namespace photinus::data {
namespace {

// The samples of [start, start + length) that lie within the sound.
std::span<float> Part(std::span<float> sound, double start, double length) {
  const auto first = std::min(static_cast<size_t>(std::max(0.0, start) * kClipRate), sound.size());
  const auto count = static_cast<size_t>(std::max(0.0, length) * kClipRate);
  return sound.subspan(first, std::min(count, sound.size() - first));
}

}  // namespace

double Length(std::span<const float> sound) { return static_cast<double>(sound.size()) / kClipRate; }

double Wait(double rate, Random& random) { return -std::log(1 - random.Uniform()) / rate; }

Curve Burst(double length, double edge) {
  return [length, edge](double t) { return std::clamp(std::min(t, length - t) / edge, 0.0, 1.0); };
}

void AddTone(std::span<float> sound, double start, double length, const Curve& hz, const Curve& amplitude,
             const std::vector<double>& weights) {
  const double highest = 0.5 * kClipRate / hz(0);
  const size_t count = std::min(weights.size(), static_cast<size_t>(std::max(1.0, highest)));
  double phase = 0, t = 0;
  for (float& sample : Part(sound, start, length)) {
    // sin(k x) = 2 cos(x) sin((k - 1) x) - sin((k - 2) x)
    const double twice_cosine = 2 * std::cos(phase);
    double before = 0, now = std::sin(phase), sum = 0;
    for (size_t k = 0; k < count; ++k) {
      sum += weights[k] * now;
      before = std::exchange(now, twice_cosine * now - before);
    }
    sample += static_cast<float>(amplitude(t) * sum);
    phase = std::fmod(phase + kTurn * hz(t) / kClipRate, kTurn);
    t += 1.0 / kClipRate;
  }
}

void AddNoise(std::span<float> sound, double start, double length, const Curve& amplitude, Random& random) {
  double t = 0;
  for (float& sample : Part(sound, start, length)) {
    sample += static_cast<float>(amplitude(t)) * Grain(random);
    t += 1.0 / kClipRate;
  }
}

void AddRing(std::span<float> sound, double start, double hz, double decay, double amplitude) {
  constexpr double kDecays = 6;  // then it is inaudible
  if (hz >= 0.5 * kClipRate) return;
  // A decaying sine is its own linear recurrence: y[n] = 2 r cos(w) y[n-1] - r^2 y[n-2].
  const double ratio = std::exp(-1 / (decay * kClipRate));
  const double first = 2 * ratio * std::cos(kTurn * hz / kClipRate), second = -ratio * ratio;
  double before = 0, now = amplitude * ratio * std::sin(kTurn * hz / kClipRate);
  for (float& sample : Part(sound, start, kDecays * decay)) {
    sample += static_cast<float>(now);
    before = std::exchange(now, first * now + second * before);
  }
}

void AddFormants(std::span<float> sound, const std::vector<double>& hz) {
  constexpr double kQuality = 4, kGain = 18;
  for (const double centre : hz) Apply(PeakFilter(centre, kClipRate, kQuality, kGain), sound);
}

std::vector<double> Harmonics(int count, double slope) {
  std::vector<double> weights;
  for (int k = 1; k <= count; ++k) weights.push_back(std::pow(k, -slope));
  return weights;
}

}  // namespace photinus::data
