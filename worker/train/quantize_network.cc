#include "worker/train/quantize_network.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "worker/graph/quantize.h"
#include "worker/train/fake_quant.h"
#include "worker/train/fold.h"

namespace photinus::train {
namespace {

using graph::Op;
using graph::OpType;

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

// input_scale: of the op's input activation.
graph::FoldedWeights QuantizeLayer(const Op& op, const Layer& layer, const FoldedLayer& folded, float input_scale) {
  const Tensor& weight = layer.weight;
  const Tensor trained = WeightScales(weight, HasScalePerChannel(op));
  const Tensor scales = FoldedScales(op, layer, folded, input_scale);
  Tensor integers = torch::round(weight / PerFilter(trained, weight)).clamp(-127, 127);
  if (HasScalePerChannel(op)) {
    const Tensor raised = trained * folded.factors.abs() / scales;  // 1 but in channels that are all but switched off
    integers = torch::round(integers * PerFilter(torch::sign(folded.factors) * raised, weight));
  }
  const Tensor ordered = ToFileOrder(op.type, integers).to(torch::kInt8);
  return {ToVector<int8_t>(ordered), ToVector<float>(scales), ToVector<float>(folded.bias)};
}

}  // namespace

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
    weights[i] = QuantizeLayer(op, network.layers()[i], folded, tensors[static_cast<size_t>(op.inputs[0])].scale);
  }
  return graph::AssembleQuantizedModel(graph, std::move(tensors), weights);
}

}  // namespace photinus::train
