#include "worker/data/fft.h"

#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>

namespace photinus::data {
namespace {

std::complex<float> UnitRoot(size_t k, size_t n) {
  const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

// Plain arithmetic: std::complex's operator* also handles infinities, at several times the cost.
std::complex<float> Multiply(std::complex<float> a, std::complex<float> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

}  // namespace

RealFft::RealFft(size_t size) : half_(size / 2), reversed_(half_), scratch_(half_) {
  assert(size >= 4 && std::has_single_bit(size));
  for (size_t k = 0; k < half_ / 2; ++k) twiddles_.push_back(UnitRoot(k, half_));
  for (size_t k = 0; k <= half_; ++k) unpack_.push_back(UnitRoot(k, size));
  for (size_t i = 1; i < half_; ++i) reversed_[i] = (reversed_[i / 2] + (i % 2) * half_) / 2;
}

void RealFft::TransformHalf() {
  for (size_t length = 2; length <= half_; length *= 2) {
    const size_t stride = half_ / length;
    for (size_t start = 0; start < half_; start += length) {
      for (size_t k = 0; k < length / 2; ++k) {
        const std::complex<float> low = scratch_[start + k];
        const std::complex<float> high = Multiply(scratch_[start + k + length / 2], twiddles_[k * stride]);
        scratch_[start + k] = low + high;
        scratch_[start + k + length / 2] = low - high;
      }
    }
  }
}

void RealFft::PowerSpectrum(std::span<const float> signal, std::span<float> power) {
  for (size_t i = 0; i < half_; ++i) scratch_[reversed_[i]] = {signal[2 * i], signal[2 * i + 1]};
  TransformHalf();
  for (size_t k = 0; k <= half_; ++k) {
    const std::complex<float> z = scratch_[k % half_];
    const std::complex<float> mirrored = std::conj(scratch_[(half_ - k) % half_]);
    const std::complex<float> even = 0.5f * (z + mirrored);
    const std::complex<float> odd = Multiply({0, -0.5f}, z - mirrored);
    power[k] = std::norm(even + Multiply(unpack_[k], odd));
  }
}

}  // namespace photinus::data
