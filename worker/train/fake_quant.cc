#include "worker/train/fake_quant.h"

#include <algorithm>
#include <tuple>

#include "worker/graph/quantize.h"

namespace photinus::train {
namespace {

constexpr float kDecay = 0.99f;
constexpr double kWeightMax = 127;

class Rounding : public torch::autograd::Function<Rounding> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& activations, double scale,
                        int64_t zero_point) {
    // What follows walks the memory from end to end, in whatever order of axes.
    const Tensor input = activations.is_non_overlapping_and_dense() ? activations : activations.contiguous();
    const auto low = static_cast<float>(-128 - zero_point), high = static_cast<float>(127 - zero_point);
    const auto step = static_cast<float>(scale);
    const float inverse = 1 / step;
    const Tensor result = torch::empty_like(input, input.options().requires_grad(false));
    const Tensor inside = torch::empty_like(result);  // 1 where the gradient passes
    const float* x = input.data_ptr<float>();
    float* y = result.data_ptr<float>();
    float* mask = inside.data_ptr<float>();
    for (int64_t i = 0; i < input.numel(); ++i) {
      const float exact = x[i] * inverse;
      const float clamped = std::min(std::max(exact, low - 1), high + 1);
      const float rounded = (clamped + graph::kRoundToInteger) - graph::kRoundToInteger;
      const float integer = std::min(std::max(rounded, low), high);
      y[i] = integer * step;
      mask[i] = integer == rounded ? 1.0f : 0.0f;
    }
    context->save_for_backward({inside});
    return result;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    return {gradients[0] * context->get_saved_variables()[0], Tensor(), Tensor()};
  }
};

}  // namespace

void Observe(const Tensor& activations, Range& range) {
  if (range.fixed) return;
  const auto [minimum, maximum] = torch::aminmax(activations.detach());
  const float low = minimum.item<float>(), high = maximum.item<float>();
  range.low = range.seen ? kDecay * range.low + (1 - kDecay) * low : low;
  range.high = range.seen ? kDecay * range.high + (1 - kDecay) * high : high;
  range.seen = true;
}

Tensor FakeQuantize(const Tensor& activations, const graph::Quantization& quantization) {
  const auto scale = static_cast<double>(quantization.scale);
  if (activations.device().is_cpu()) return Rounding::apply(activations, scale, int64_t{quantization.zero_point});
  return torch::fake_quantize_per_tensor_affine(activations, scale, quantization.zero_point, -128, 127);
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
