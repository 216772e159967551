#include "worker/data/resample.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace photinus::data {
namespace {

constexpr int kZeroCrossings = 16;      // on each side
constexpr int kStepsPerCrossing = 512;  // of the kernel's table, read by the nearest entry: error below -60 dB

// sin(pi x) / (pi x) under a Hann window, for x = i / kStepsPerCrossing >= 0.
std::vector<float> MakeKernel() {
  std::vector<float> kernel(kZeroCrossings * kStepsPerCrossing + 1);
  for (size_t i = 0; i < kernel.size(); ++i) {
    const double x = static_cast<double>(i) / kStepsPerCrossing;
    const double sinc = i == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
    kernel[i] = static_cast<float>(sinc * (0.5 + 0.5 * std::cos(std::numbers::pi * x / kZeroCrossings)));
  }
  return kernel;
}

}  // namespace

std::vector<float> Resample(std::span<const float> signal, double step) {
  static const std::vector<float>& kernel = *new std::vector<float>(MakeKernel());
  const double cutoff = std::min(1.0, 1 / step);  // in units of the input's Nyquist frequency
  const double reach = kZeroCrossings / cutoff;
  const auto size = static_cast<int64_t>(signal.size());
  std::vector<float> result(static_cast<size_t>(static_cast<double>(size) / step));
  for (size_t i = 0; i < result.size(); ++i) {
    const double centre = static_cast<double>(i) * step;
    const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(std::ceil(centre - reach)));
    const int64_t last = std::min<int64_t>(size - 1, static_cast<int64_t>(std::floor(centre + reach)));
    float sum = 0;
    for (int64_t n = first; n <= last; ++n) {
      const double step_up = std::abs(static_cast<double>(n) - centre) * cutoff * kStepsPerCrossing + 0.5;
      sum += signal[static_cast<size_t>(n)] * kernel[static_cast<size_t>(step_up)];  // the nearest step
    }
    result[i] = sum * static_cast<float>(cutoff);
  }
  return result;
}

}  // namespace photinus::data
