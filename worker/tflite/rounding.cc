#include "worker/tflite/rounding.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace photinus::tflite {
namespace {

constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kInt32Min = std::numeric_limits<std::int32_t>::min();

std::int32_t Saturate(std::int64_t value) { return static_cast<std::int32_t>(std::clamp(value, kInt32Min, kInt32Max)); }

// round(a * b / 2^31) as gemmlowp's SaturatingRoundingDoublingHighMul: a tie goes up, whatever the sign. b > 0.
std::int32_t DoublingHighMultiply(std::int32_t a, std::int32_t b) {
  const std::int64_t product = std::int64_t{a} * b;
  return static_cast<std::int32_t>((product + (std::int64_t{1} << 30)) >> 31);
}

std::int32_t ShiftHalfUp(std::int32_t value, int shift) {
  if (shift == 0) return value;
  return static_cast<std::int32_t>((std::int64_t{value} + (std::int64_t{1} << (shift - 1))) >> shift);
}

std::int32_t ShiftHalfAway(std::int32_t value, int shift) {
  if (shift == 0) return value;
  // Half away from zero is half up of the magnitude.
  return value < 0 ? -ShiftHalfUp(-value, shift) : ShiftHalfUp(value, shift);
}

}  // namespace

FixedMultiplier ToFixed(double real) {
  if (!(real > 0)) return {};
  FixedMultiplier fixed;
  const double fraction = std::frexp(real, &fixed.exponent);
  std::int64_t q31 = std::llround(fraction * (std::int64_t{1} << 31));
  if (q31 == std::int64_t{1} << 31) {
    q31 /= 2;
    ++fixed.exponent;
  }
  if (fixed.exponent < -31 || fixed.exponent > 30) return {};
  fixed.q31 = static_cast<std::int32_t>(q31);
  return fixed;
}

std::int32_t MultiplyTwoRoundings(std::int32_t value, const FixedMultiplier& multiplier, Half half) {
  const int left = std::max(multiplier.exponent, 0);
  const int right = std::max(-multiplier.exponent, 0);
  const std::int32_t shifted = Saturate(std::int64_t{value} * (std::int64_t{1} << left));
  const std::int32_t high = DoublingHighMultiply(shifted, multiplier.q31);
  return half == Half::kUp ? ShiftHalfUp(high, right) : ShiftHalfAway(high, right);
}

std::int32_t MultiplyOneRounding(std::int32_t value, const FixedMultiplier& multiplier) {
  const int shift = 31 - multiplier.exponent;
  const std::int64_t product = std::int64_t{value} * multiplier.q31;
  // |product| < 2^62 and shift <= 62, so the rounding term cannot overflow.
  return Saturate((product + (std::int64_t{1} << (shift - 1))) >> shift);
}

std::int32_t DivideHalfAway(std::int32_t numerator, std::int32_t denominator) {
  const std::int32_t half = denominator / 2;
  return (numerator < 0 ? numerator - half : numerator + half) / denominator;
}

}  // namespace photinus::tflite
