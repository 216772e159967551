#include "worker/data/filters.h"

#include <cmath>
#include <numbers>

namespace photinus::data {

Biquad PeakFilter(double hz, double sample_rate, double quality, double gain_db) {
  const double amplitude = std::pow(10, gain_db / 40);
  const double omega = 2 * std::numbers::pi * hz / sample_rate;
  const double alpha = std::sin(omega) / (2 * quality);
  const double a0 = 1 + alpha / amplitude;
  const double middle = -2 * std::cos(omega) / a0;
  return {(1 + alpha * amplitude) / a0, middle, (1 - alpha * amplitude) / a0, middle, (1 - alpha / amplitude) / a0};
}

Biquad LowPassFilter(double hz, double sample_rate, double quality) {
  const double omega = 2 * std::numbers::pi * hz / sample_rate;
  const double alpha = std::sin(omega) / (2 * quality);
  const double a0 = 1 + alpha;
  const double b = (1 - std::cos(omega)) / 2 / a0;
  return {b, 2 * b, b, -2 * std::cos(omega) / a0, (1 - alpha) / a0};
}

Biquad BandPassFilter(double hz, double sample_rate, double quality) {
  const double omega = 2 * std::numbers::pi * hz / sample_rate;
  const double alpha = std::sin(omega) / (2 * quality);
  const double a0 = 1 + alpha;
  return {alpha / a0, 0, -alpha / a0, -2 * std::cos(omega) / a0, (1 - alpha) / a0};
}

void Apply(const Biquad& filter, std::span<float> signal) {
  double s1 = 0, s2 = 0;  // transposed direct form II
  for (float& sample : signal) {
    const double x = static_cast<double>(sample);
    const double y = filter.b0 * x + s1;
    s1 = filter.b1 * x - filter.a1 * y + s2;
    s2 = filter.b2 * x - filter.a2 * y;
    sample = static_cast<float>(y);
  }
}

}  // namespace photinus::data
