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

// The mean of the integers themselves, half away from zero as in the file's kernel (worker/tflite); input and output
// share a quantization. A window's mean often lies halfway between two integers, where a float's error would decide.
Tensor AveragePool(const graph::Graph& graph, const Op& op, const Tensor& input, const graph::Quantization& grid) {
  // Above the error of a float mean (2e-5), so that halves go away from zero; below 1 / (2 x values of a window), the
  // least distance of other means from a half, for windows of up to 3,000 values.
  constexpr double kError = 1e-4;
  const Tensor integers = (input / grid.scale).round() + grid.zero_point;
  const Tensor mean = ApplyAveragePool(graph, op, integers);
  const Tensor rounded = mean.sign() * (mean.abs() + 0.5 + kError).floor();
  return (rounded - grid.zero_point) * grid.scale;
}

}  // namespace

QuantizedForward::QuantizedForward(const graph::QuantizedModel& model, const torch::Device& device)
    : model_(model), weights_(model.graph.ops.size()), biases_(model.graph.ops.size()) {
  for (size_t i = 0; i < model.graph.ops.size(); ++i) {
    const Op& op = model.graph.ops[i];
    if (!graph::HasWeights(op.type)) continue;
    weights_[i] = RealWeights(model.graph, op, model.weights[i]).to(device);
    biases_[i] = RealBiases(model.weights[i], model.tensors[static_cast<size_t>(op.inputs[0])].scale).to(device);
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
    output = AveragePool(graph, op, first, model_.tensors[static_cast<size_t>(op.inputs[0])]);
  } else if (op.type == OpType::kReshape) {
    output = ApplyReshape(graph.OutputDims(op), first);
  } else {
    output = ApplyWeights(graph, op, first, weights_[op_index], biases_[op_index]);
  }
  return FakeQuantize(ApplyActivation(op.activation, output), model_.tensors[static_cast<size_t>(op.output)]);
}

std::vector<Tensor> QuantizedForward::Run(const Tensor& input) const {
  const torch::NoGradGuard no_grad;
  const graph::Graph& graph = model_.graph;
  std::vector<Tensor> tensors(graph.tensors.size());
  const auto source = static_cast<size_t>(graph.input);
  tensors[source] = FakeQuantize(FromChannelsLast(input), model_.tensors[source]);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (graph.ops[i].type == OpType::kSoftmax) continue;
    tensors[static_cast<size_t>(graph.ops[i].output)] = RunOp(i, tensors);
  }
  return tensors;
}

Tensor QuantizedForward::Logits(const Tensor& input) const {
  const graph::Graph& graph = model_.graph;
  const Op& last = graph.ops.back();
  const int logits = last.type == OpType::kSoftmax ? last.inputs[0] : graph.output;
  return Run(input)[static_cast<size_t>(logits)];
}

}  // namespace photinus::train
