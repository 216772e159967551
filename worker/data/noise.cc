#include "worker/data/noise.h"

#include <cmath>
#include <numbers>

#include "worker/data/filters.h"

namespace photinus::data {
namespace {

void MakePink(std::vector<float>& noise) {  // P. Kellet's economy filter, -3 dB per octave
  float b0 = 0, b1 = 0, b2 = 0;
  for (float& sample : noise) {
    b0 = 0.99765f * b0 + sample * 0.0990460f;
    b1 = 0.96300f * b1 + sample * 0.2965164f;
    b2 = 0.57000f * b2 + sample * 1.0526913f;
    sample = b0 + b1 + b2 + sample * 0.1848f;
  }
}

void MakeBrown(std::vector<float>& noise) {  // a leaky sum, -6 dB per octave above some 25 Hz
  float sum = 0;
  for (float& sample : noise) {
    sum = 0.99f * sum + 0.1f * sample;
    sample = sum;
  }
}

void AddHum(std::vector<float>& noise, double sample_rate, Random& random) {
  const double mains = random.Chance(0.5) ? 50 : 60;
  const double level = random.Uniform(0.1, 0.8);
  for (int harmonic = 1; harmonic <= 4; ++harmonic) {
    const double amplitude = level * random.Uniform() / harmonic;
    const double phase = random.Uniform(0, 2 * std::numbers::pi);
    const double step = 2 * std::numbers::pi * mains * harmonic / sample_rate;
    for (size_t i = 0; i < noise.size(); ++i) {
      noise[i] += static_cast<float>(amplitude * std::sin(phase + step * static_cast<double>(i)));
    }
  }
}

}  // namespace

float Grain(Random& random) {
  const uint64_t bits = random.Next();
  const double sum =
      static_cast<double>((bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48));
  return static_cast<float>((sum / 65536 - 2) * 1.7320508);
}

std::vector<float> MakeEvent(size_t samples, double sample_rate, Random& random) {
  enum { kClick, kBeep, kRustle, kKinds };
  std::vector<float> event(samples);
  const uint64_t kind = random.Below(kKinds);
  const double seconds = kind == kClick ? random.Uniform(0.005, 0.03) : random.Uniform(0.05, 0.3);
  const double hz = random.Uniform(300, 3500);
  const auto length = static_cast<size_t>(seconds * sample_rate);
  const size_t start = random.Below(samples);
  for (size_t i = 0; i < length && start + i < samples; ++i) {
    const double t = static_cast<double>(i) / static_cast<double>(length);
    const double envelope = kind == kClick ? std::exp(-6 * t) : std::sin(std::numbers::pi * t);
    const double tone = std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / sample_rate);
    const double carrier = kind == kBeep ? tone : static_cast<double>(Grain(random)) * 0.5;
    event[start + i] = static_cast<float>(envelope * carrier);
  }
  if (kind == kRustle) Apply(LowPassFilter(hz, sample_rate, 0.7), event);
  return event;
}

std::vector<float> MakeBackground(size_t samples, double sample_rate, Random& random) {
  enum { kWhite, kPink, kBrown, kColours };
  std::vector<float> noise(samples);
  for (float& sample : noise) sample = Grain(random);
  const uint64_t colour = random.Below(kColours);
  if (colour == kPink) MakePink(noise);
  if (colour == kBrown) MakeBrown(noise);
  if (random.Chance(0.3)) AddHum(noise, sample_rate, random);
  if (random.Chance(0.2)) {
    const std::vector<float> event = MakeEvent(samples, sample_rate, random);
    const auto gain = static_cast<float>(random.Uniform(1, 4));
    for (size_t i = 0; i < samples; ++i) noise[i] += gain * event[i];
  }
  return noise;
}

}  // namespace photinus::data
