#ifndef PHOTINUS_WORKER_TRAIN_FAKE_QUANT_H_
#define PHOTINUS_WORKER_TRAIN_FAKE_QUANT_H_

#include "worker/graph/quantized_model.h"
#include "worker/train/torch_compat.h"

namespace photinus::train {

// The range of an activation over training: an exponential moving average of each batch's minimum and maximum.
struct Range {
  float low = 0;
  float high = 0;
  bool seen = false;
  bool fixed = false;  // known beforehand (RELU6: 0..6), never observed
};

// Moves `range` (unless fixed) by one batch of activations: the first one sets it, later ones have weight 1/100.
void Observe(const Tensor& activations, Range& range);

// Rounds activations to what int8 can say: clamp(rint(x / scale) + zero point), dequantised. The gradient passes
// unchanged inside the range and is 0 outside. torch::fake_quantize_per_tensor_affine does the same at four times the
// cost on a CPU.
Tensor FakeQuantize(const Tensor& activations, const graph::Quantization& quantization);

// One scale per output channel (axis 0), or a single one: max |w| / 127; 1/127 where all weights are 0.
Tensor WeightScales(const Tensor& weights, bool per_channel);

// Rounds weights to -127..127 times their scale; gradient as above (no weight is outside).
Tensor FakeQuantizeWeights(const Tensor& weights, bool per_channel);

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_FAKE_QUANT_H_
