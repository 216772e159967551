#include "worker/train/fold.h"

#include <vector>

#include "worker/train/fake_quant.h"

namespace photinus::train {
namespace {

// An accumulator of 2^31 must hold the bias and the sum of products, so the bias gets at most a quarter of it.
constexpr double kMaxBias = 1 << 29;

}  // namespace

FoldedLayer Fold(const graph::Op& op, const Layer& layer) {
  const torch::NoGradGuard no_grad;
  if (!op.batch_norm)
    return {torch::ones({op.filters}, layer.weight.options().requires_grad(false)), layer.weight.detach(),
            layer.bias.detach()};
  const Tensor factors = layer.gamma / torch::sqrt(layer.variance + kBatchNormEpsilon);
  return {factors, layer.weight * PerFilter(factors, layer.weight), layer.beta - layer.mean * factors};
}

Tensor FoldedScales(const graph::Op& op, const Layer& layer, const FoldedLayer& folded, float input_scale) {
  const Tensor scales = WeightScales(layer.weight, HasScalePerChannel(op));
  if (!HasScalePerChannel(op)) return scales;
  // A channel that batch norm has almost switched off keeps its bias: its scale may not be so small that the bias
  // overflows. Its weights then round to fewer integers, or to none.
  const Tensor floor = torch::clamp_min(folded.bias.abs() / (kMaxBias * static_cast<double>(input_scale)), 1e-20);
  return torch::maximum(scales * folded.factors.abs(), floor);
}

Tensor BiasRounding(const graph::Op& op, const Layer& layer, float input_scale) {
  const torch::NoGradGuard no_grad;
  const FoldedLayer folded = Fold(op, layer);
  const Tensor units = FoldedScales(op, layer, folded, input_scale) * input_scale;
  return torch::round(folded.bias / units) * units - folded.bias;
}

bool HasScalePerChannel(const graph::Op& op) { return op.type != graph::OpType::kFullyConnected; }

Tensor PerFilter(const Tensor& channels, const Tensor& weight) {
  std::vector<int64_t> sizes(static_cast<size_t>(weight.dim()), 1);
  sizes[0] = channels.size(0);
  return channels.reshape(sizes);
}

}  // namespace photinus::train
