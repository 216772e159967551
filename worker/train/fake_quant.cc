#include "worker/train/fake_quant.h"

#include <algorithm>
#include <tuple>

#include "worker/graph/quantize.h"
#include "worker/train/vectorized.h"

namespace photinus::train {
namespace {

constexpr float kDecay = 0.99f;
constexpr double kWeightMax = 127;

// What int8 can say of real numbers: (integer - zero point) * step, with the integer in -128..127.
struct Grid {
  explicit Grid(const graph::Quantization& quantization)
      : step(quantization.scale),
        inverse(1 / quantization.scale),
        low(static_cast<float>(-128 - quantization.zero_point)),
        high(static_cast<float>(127 - quantization.zero_point)) {}

  // Unlike the others, not limited to the grid: so that the gradient knows what was outside.
  PHOTINUS_INLINE float Rounded(float x) const {
    const float clamped = std::min(std::max(x * inverse, low - 1), high + 1);
    return (clamped + graph::kRoundToInteger) - graph::kRoundToInteger;
  }
  PHOTINUS_INLINE float Limited(float rounded) const { return std::min(std::max(rounded, low), high); }

  const float step, inverse, low, high;
};

PHOTINUS_VECTORIZED void Round(const Grid& grid, const float* __restrict x, int64_t count, float* __restrict y) {
  for (int64_t i = 0; i < count; ++i) y[i] = grid.Limited(grid.Rounded(x[i])) * grid.step;
}

// inside: 1 where the gradient passes, else 0.
PHOTINUS_VECTORIZED void Round(const Grid& grid, const float* __restrict x, int64_t count, float* __restrict y,
                               float* __restrict inside) {
  for (int64_t i = 0; i < count; ++i) {
    const float rounded = grid.Rounded(x[i]), integer = grid.Limited(rounded);
    y[i] = integer * grid.step;
    inside[i] = integer == rounded ? 1.0f : 0.0f;
  }
}

// Without gaps, so that the memory can be walked from end to end in whatever order of axes.
Tensor Dense(const Tensor& tensor) { return tensor.is_non_overlapping_and_dense() ? tensor : tensor.contiguous(); }

class Rounding : public torch::autograd::Function<Rounding> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& activations, const Grid& grid) {
    const Tensor input = Dense(activations);
    const Tensor result = torch::empty_like(input, input.options().requires_grad(false));
    const Tensor inside = torch::empty_like(result);
    Round(grid, input.data_ptr<float>(), input.numel(), result.data_ptr<float>(), inside.data_ptr<float>());
    context->save_for_backward({inside});
    return result;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    return {gradients[0] * context->get_saved_variables()[0], Tensor()};
  }
};

Tensor RoundWithoutGradient(const Tensor& activations, const Grid& grid) {
  const Tensor input = Dense(activations);
  const Tensor result = torch::empty_like(input);
  Round(grid, input.data_ptr<float>(), input.numel(), result.data_ptr<float>());
  return result;
}

}  // namespace

void Observe(const Tensor& activations, Range& range) {
  if (range.fixed) return;
  const auto [minimum, maximum] = torch::aminmax(activations.detach());
  const Tensor both = torch::stack({minimum, maximum}).cpu();  // a device is waited for once
  const float low = both.data_ptr<float>()[0], high = both.data_ptr<float>()[1];
  range.low = range.seen ? kDecay * range.low + (1 - kDecay) * low : low;
  range.high = range.seen ? kDecay * range.high + (1 - kDecay) * high : high;
  range.seen = true;
}

Tensor FakeQuantize(const Tensor& activations, const graph::Quantization& quantization) {
  if (!activations.device().is_cpu()) {
    return torch::fake_quantize_per_tensor_affine(activations, static_cast<double>(quantization.scale),
                                                  quantization.zero_point, -128, 127);
  }
  const Grid grid(quantization);
  return torch::GradMode::is_enabled() ? Rounding::apply(activations, grid) : RoundWithoutGradient(activations, grid);
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
