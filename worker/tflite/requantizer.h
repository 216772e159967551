#ifndef PHOTINUS_WORKER_TFLITE_REQUANTIZER_H_
#define PHOTINUS_WORKER_TFLITE_REQUANTIZER_H_

#include <cstdint>
#include <vector>

#include "worker/graph/quantized_model.h"
#include "worker/tflite/kernel.h"
#include "worker/tflite/rounding.h"

namespace photinus::tflite {

// Turns the 32-bit sums of a convolution or fully connected op into int8, channel by channel:
//   out = clamp(round(acc * input scale * weight scale / output scale) + zero point, activation limits)
// where `round` depends on the runtime, the op's type and the channel:
//   xnn      the product in float, half to even
//   builtin  fixed point with two roundings; the second one rounds half up, or, in those channels of a depthwise
//            convolution that are left over after groups of 8, half away from zero
// Thread-safe.
class Requantizer {
 public:
  // input, output: of the op; scales: its weights', one for all channels or one per channel.
  Requantizer(const graph::Op& op, const graph::Quantization& input, const std::vector<float>& scales,
              const graph::Quantization& output, Rounding rounding);

  // sums, out: one value per output channel.
  void Run(const std::int32_t* sums, std::int8_t* out) const {
    if (rounding_ == Rounding::kXnn) {
      RunXnn(sums, out);
    } else {
      RunBuiltin(sums, out);
    }
  }

  // The largest multiplier of any channel, as the xnn runtime computes it; it refuses 2^8 and more.
  float LargestMultiplier() const;

 private:
  void RunXnn(const std::int32_t* sums, std::int8_t* out) const;
  void RunBuiltin(const std::int32_t* sums, std::int8_t* out) const;

  const int channels_;
  const Rounding rounding_;
  const int zero_point_;
  const Limits limits_;
  std::vector<float> factors_;          // per channel: mode xnn
  std::vector<FixedMultiplier> fixed_;  // per channel: mode builtin
  int half_up_channels_ = 0;            // these round half up, the rest half away from zero: mode builtin
};

}  // namespace photinus::tflite

#endif  // PHOTINUS_WORKER_TFLITE_REQUANTIZER_H_
