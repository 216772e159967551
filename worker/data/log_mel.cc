#include "worker/data/log_mel.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace photinus::data {
namespace {

constexpr float kFloor = 1e-6f;  // keeps the logarithm of digital silence finite

double MelFromHz(double hz) { return 2595 * std::log10(1 + hz / 700); }
double HzFromMel(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

}  // namespace

LogMel::LogMel(const LogMelOptions& options)
    : options_(options), fft_(options.fft_size), frame_(options.fft_size), power_(options.fft_size / 2 + 1) {
  for (size_t i = 0; i < options.window; ++i) {  // periodic Hann
    const double phase = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(options.window);
    window_.push_back(static_cast<float>(0.5 - 0.5 * std::cos(phase)));
  }
  const double low = MelFromHz(options.low_hz);
  const double step = (MelFromHz(options.high_hz) - low) / static_cast<double>(options.bins + 1);
  const double hz_per_bin = static_cast<double>(options.sample_rate) / static_cast<double>(options.fft_size);
  for (size_t m = 0; m < options.bins; ++m) {
    const double left = HzFromMel(low + step * static_cast<double>(m));
    const double centre = HzFromMel(low + step * static_cast<double>(m + 1));
    const double right = HzFromMel(low + step * static_cast<double>(m + 2));
    Filter filter{static_cast<size_t>(std::ceil(left / hz_per_bin)), {}};
    for (size_t k = filter.first_bin; k < power_.size() && static_cast<double>(k) * hz_per_bin < right; ++k) {
      const double hz = static_cast<double>(k) * hz_per_bin;
      const double weight = hz <= centre ? (hz - left) / (centre - left) : (right - hz) / (right - centre);
      filter.weights.push_back(static_cast<float>(weight));
    }
    filters_.push_back(std::move(filter));
  }
}

size_t LogMel::FrameCount(size_t samples) const {
  return samples < options_.window ? 0 : 1 + (samples - options_.window) / options_.hop;
}

void LogMel::Compute(std::span<const float> samples, std::span<float> features) {
  for (size_t f = 0; f < FrameCount(samples.size()); ++f) {
    const std::span<const float> frame = samples.subspan(f * options_.hop, options_.window);
    std::transform(frame.begin(), frame.end(), window_.begin(), frame_.begin(), [](float a, float b) { return a * b; });
    std::fill(frame_.begin() + static_cast<std::ptrdiff_t>(options_.window), frame_.end(), 0.0f);
    fft_.PowerSpectrum(frame_, power_);
    for (size_t m = 0; m < filters_.size(); ++m) {
      const Filter& filter = filters_[m];
      float sum = kFloor;
      for (size_t k = 0; k < filter.weights.size(); ++k) sum += filter.weights[k] * power_[filter.first_bin + k];
      features[f * options_.bins + m] = std::log(sum);
    }
  }
}

}  // namespace photinus::data
