#include "worker/train/quantize_network.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "worker/graph/quantize.h"
#include "worker/train/fake_quant.h"

namespace photinus::train {
namespace {

using graph::Op;
using graph::OpType;

// An accumulator of 2^31 must hold the bias and the sum of products, so the bias gets at most a quarter of it.
constexpr double kMaxBias = 1 << 29;

// The factor that batch norm applies to each channel; ones where there is none.
Tensor ChannelFactors(const Op& op, const Layer& layer) {
  if (!op.batch_norm) return torch::ones({op.filters}, layer.weight.options().requires_grad(false));
  return layer.gamma.detach() / torch::sqrt(layer.variance + kBatchNormEpsilon);
}

// From libtorch's order of weights to the one of graph::WeightDims.
Tensor ToFileOrder(OpType type, const Tensor& weight) {
  switch (type) {
    case OpType::kConv2D:
      return weight.permute({0, 2, 3, 1}).contiguous();
    case OpType::kDepthwiseConv2D:
      return weight.permute({1, 2, 3, 0}).contiguous();
    default:
      return weight.contiguous();
  }
}

template <typename T>
std::vector<T> ToVector(const Tensor& tensor) {
  const Tensor flat = tensor.contiguous().cpu();
  return {flat.data_ptr<T>(), flat.data_ptr<T>() + flat.numel()};
}

Tensor Broadcast(const Tensor& channels, const Tensor& weight) {
  std::vector<int64_t> sizes(static_cast<size_t>(weight.dim()), 1);
  sizes[0] = channels.size(0);
  return channels.reshape(sizes);
}

// input_scale: of the op's input activation, in whose units times the weight's the bias is stored.
graph::FoldedWeights QuantizeLayer(const Op& op, const Layer& layer, float input_scale) {
  const bool per_channel = op.type != OpType::kFullyConnected;
  const Tensor weight = layer.weight.detach();
  const Tensor factors = ChannelFactors(op, layer);
  const Tensor bias = Fold(op, layer).bias;
  Tensor scales = WeightScales(weight, per_channel);
  Tensor integers = torch::round(weight / Broadcast(scales, weight)).clamp(-127, 127);
  if (per_channel) {
    scales = scales * factors.abs();
    integers = integers * Broadcast(torch::sign(factors), weight);
    // A channel that batch norm has almost switched off keeps its bias: its scale may not be so small that the bias
    // overflows. Its weights then round to fewer integers, or to none.
    const Tensor floor = torch::clamp_min(bias.abs() / (kMaxBias * static_cast<double>(input_scale)), 1e-20);
    const Tensor raised = torch::maximum(scales, floor);
    integers = torch::round(integers * Broadcast(scales / raised, weight));
    scales = raised;
  }
  const Tensor ordered = ToFileOrder(op.type, integers).to(torch::kInt8);
  return {ToVector<int8_t>(ordered), ToVector<float>(scales), ToVector<float>(bias)};
}

}  // namespace

FoldedLayer Fold(const Op& op, const Layer& layer) {
  const Tensor weight = layer.weight.detach();
  if (!op.batch_norm) return {weight, layer.bias.detach()};
  const Tensor factors = ChannelFactors(op, layer);
  return {weight * Broadcast(factors, weight), layer.beta.detach() - layer.mean * factors};
}

Result<graph::QuantizedModel> QuantizeNetwork(const Network& network) {
  const torch::NoGradGuard no_grad;
  const graph::Graph& graph = network.graph();
  std::vector<graph::Quantization> tensors;
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    const Range& range = network.ranges()[i];
    if (!std::isfinite(range.low) || !std::isfinite(range.high))
      return InvalidArgument("diverged: an activation is not finite");
    tensors.push_back(network.QuantizationOf(static_cast<int>(i)));
  }
  std::vector<graph::FoldedWeights> weights(graph.ops.size());
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    if (!graph::HasWeights(op.type)) continue;
    const FoldedLayer folded = Fold(op, network.layers()[i]);
    if (!torch::isfinite(folded.weight).all().item<bool>() || !torch::isfinite(folded.bias).all().item<bool>()) {
      return InvalidArgument("diverged: the weights of " + op.name + " are not finite");
    }
    weights[i] = QuantizeLayer(op, network.layers()[i], tensors[static_cast<size_t>(op.inputs[0])].scale);
  }
  return graph::AssembleQuantizedModel(graph, std::move(tensors), weights);
}

}  // namespace photinus::train
