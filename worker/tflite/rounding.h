#ifndef PHOTINUS_WORKER_TFLITE_ROUNDING_H_
#define PHOTINUS_WORKER_TFLITE_ROUNDING_H_

#include <cstdint>

namespace photinus::tflite {

// How a runtime turns 32-bit sums back into int8. Files are the same; outputs differ in the last place.
//   kXnn      XNNPACK, the default of every current TFLite and LiteRT on CPUs: the mode to score networks in
//   kBuiltin  LiteRT's own kernels on x86 with AVX (BUILTIN_WITHOUT_DEFAULT_DELEGATES)
enum class Rounding { kXnn, kBuiltin };

// A positive real multiplier as TFLite holds it: q31 * 2^(exponent - 31), q31 in [2^30, 2^31).
struct FixedMultiplier {
  std::int32_t q31 = 0;
  int exponent = 0;
};

// The nearest such multiplier; real <= 0 or below 2^-32 gives 0.
FixedMultiplier ToFixed(double real);

// value * multiplier, rounded twice as gemmlowp does: the upper 32 bits of the doubled product, half up, then a right
// shift. For multipliers of 1 and more the value is shifted left first, and saturates.
// Half: what the second rounding does with a tie.
enum class Half { kUp, kAwayFromZero };
std::int32_t MultiplyTwoRoundings(std::int32_t value, const FixedMultiplier& multiplier, Half half);

// value * multiplier, rounded once, half up.
std::int32_t MultiplyOneRounding(std::int32_t value, const FixedMultiplier& multiplier);

// numerator / denominator rounded to the nearest integer, half away from zero; denominator > 0.
std::int32_t DivideHalfAway(std::int32_t numerator, std::int32_t denominator);

}  // namespace photinus::tflite

#endif  // PHOTINUS_WORKER_TFLITE_ROUNDING_H_
