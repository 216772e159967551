#include "worker/train/fake_quant.h"

#include <tuple>

#include "worker/graph/quantize.h"

namespace photinus::train {
namespace {

constexpr float kDecay = 0.99f;
constexpr double kWeightMax = 127;

}  // namespace

void Observe(const Tensor& activations, Range& range) {
  if (range.fixed) return;
  const auto [minimum, maximum] = torch::aminmax(activations.detach());
  const float low = minimum.item<float>(), high = maximum.item<float>();
  range.low = range.seen ? kDecay * range.low + (1 - kDecay) * low : low;
  range.high = range.seen ? kDecay * range.high + (1 - kDecay) * high : high;
  range.seen = true;
}

graph::Quantization QuantizationOf(const Range& range) { return graph::ActivationQuantization(range.low, range.high); }

Tensor FakeQuantize(const Tensor& activations, const graph::Quantization& quantization) {
  return torch::fake_quantize_per_tensor_affine(activations, static_cast<double>(quantization.scale),
                                                quantization.zero_point, -128, 127);
}

Tensor WeightScales(const Tensor& weights, bool per_channel) {
  const Tensor flat = weights.detach().reshape({per_channel ? weights.size(0) : 1, -1});
  const Tensor widest = std::get<0>(flat.abs().max(1));
  return torch::where(widest > 0, widest, torch::ones_like(widest)) / kWeightMax;
}

Tensor FakeQuantizeWeights(const Tensor& weights, bool per_channel) {
  const Tensor scales = WeightScales(weights, per_channel);
  if (per_channel) return FakeQuantizePerChannel(weights, scales, 0);
  return torch::fake_quantize_per_tensor_affine(weights, scales.item<double>(), 0, -127, 127);
}

}  // namespace photinus::train
