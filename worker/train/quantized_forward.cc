#include "worker/train/quantized_forward.h"

#include "worker/train/fake_quant.h"
#include "worker/train/ops.h"

namespace photinus::train {
namespace {

using graph::Op;
using graph::OpType;

// From the order of graph::WeightDims to libtorch's.
Tensor FromFileOrder(OpType type, const Tensor& weight) {
  switch (type) {
    case OpType::kConv2D:
      return weight.permute({0, 3, 1, 2}).contiguous();
    case OpType::kDepthwiseConv2D:
      return weight.permute({3, 0, 1, 2}).contiguous();
    default:
      return weight;
  }
}

Tensor RealWeights(const graph::Graph& graph, const Op& op, const graph::QuantizedWeights& quantized) {
  const graph::Dims dims = graph::WeightDims(graph, op);
  const std::vector<float> integers(quantized.weights.begin(), quantized.weights.end());
  const Tensor raw = torch::tensor(integers).reshape(std::vector<int64_t>(dims.begin(), dims.end()));
  const Tensor weight = FromFileOrder(op.type, raw);
  std::vector<int64_t> sizes(static_cast<size_t>(weight.dim()), 1);
  sizes[0] = static_cast<int64_t>(quantized.scales.size());
  return weight * torch::tensor(quantized.scales).reshape(sizes);
}

Tensor RealBiases(const graph::QuantizedWeights& quantized, float input_scale) {
  std::vector<float> biases;
  for (size_t i = 0; i < quantized.bias.size(); ++i) {
    const float scale = quantized.scales[quantized.scales.size() == 1 ? 0 : i];
    biases.push_back(static_cast<float>(static_cast<double>(quantized.bias[i]) * static_cast<double>(input_scale) *
                                        static_cast<double>(scale)));
  }
  return torch::tensor(biases);
}

}  // namespace

QuantizedForward::QuantizedForward(const graph::QuantizedModel& model)
    : model_(model), weights_(model.graph.ops.size()), biases_(model.graph.ops.size()) {
  for (size_t i = 0; i < model.graph.ops.size(); ++i) {
    const Op& op = model.graph.ops[i];
    if (!graph::HasWeights(op.type)) continue;
    weights_[i] = RealWeights(model.graph, op, model.weights[i]);
    biases_[i] = RealBiases(model.weights[i], model.tensors[static_cast<size_t>(op.inputs[0])].scale);
  }
}

Tensor QuantizedForward::RunOp(size_t op_index, const std::vector<Tensor>& tensors) const {
  const torch::NoGradGuard no_grad;
  const graph::Graph& graph = model_.graph;
  const Op& op = graph.ops[op_index];
  const Tensor& first = tensors[static_cast<size_t>(op.inputs[0])];
  Tensor output;
  if (op.type == OpType::kAdd) {
    output = first + tensors[static_cast<size_t>(op.inputs[1])];
  } else if (op.type == OpType::kConcatenation) {
    output = ApplyConcatenation(op, tensors);
  } else if (op.type == OpType::kAveragePool) {
    output = ApplyRoundedAveragePool(graph, op, first, model_.tensors[static_cast<size_t>(op.inputs[0])]);
  } else if (op.type == OpType::kReshape) {
    output = ApplyReshape(graph.OutputDims(op), first);
  } else {
    output = ApplyWeights(graph, op, first, weights_[op_index], biases_[op_index]);
  }
  return FakeQuantize(ApplyActivation(op.activation, output), model_.tensors[static_cast<size_t>(op.output)]);
}

}  // namespace photinus::train
