#include "worker/graph/quantized_model.h"

#include <cmath>
#include <string>

namespace photinus::graph {
namespace {

bool SaneScale(float scale) { return std::isfinite(scale) && scale > 0; }

Result<void> CheckWeights(const Graph& graph, const Op& op, const QuantizedWeights& weights) {
  const auto fail = [&op](const char* what) { return InvalidArgument("op '" + op.name + "': " + what); };
  if (op.batch_norm) return fail("a deployed network has no batch norm");
  if (!HasWeights(op.type)) {
    const bool empty = weights.weights.empty() && weights.scales.empty() && weights.bias.empty();
    return empty ? Result<void>() : fail("has weights but needs none");
  }
  if (static_cast<std::int64_t>(weights.weights.size()) != ElementCount(WeightDims(graph, op))) {
    return fail("has the wrong number of weights");
  }
  const std::size_t channels = op.filters;
  if (weights.scales.size() != (op.type == OpType::kFullyConnected ? 1 : channels)) {
    return fail("has the wrong number of weight scales");
  }
  if (weights.bias.size() != channels) return fail("has the wrong number of biases");
  for (const float scale : weights.scales) {
    if (!SaneScale(scale)) return fail("a weight scale is not positive");
  }
  return {};
}

}  // namespace

Result<void> ValidateModel(const QuantizedModel& model) {
  PHOTINUS_RETURN_IF_ERROR(ValidateGraph(model.graph));
  if (model.tensors.size() != model.graph.tensors.size() || model.weights.size() != model.graph.ops.size()) {
    return InvalidArgument("a quantized model needs one quantization per tensor and one weight record per op");
  }
  const std::vector<int> sources = QuantizationSources(model.graph);
  for (std::size_t i = 0; i < model.tensors.size(); ++i) {
    const Quantization& quantization = model.tensors[i];
    const std::string name = "tensor '" + model.graph.tensors[i].name + "': ";
    if (!SaneScale(quantization.scale)) return InvalidArgument(name + "its scale is not positive");
    if (quantization.zero_point < -128 || quantization.zero_point > 127) {
      return InvalidArgument(name + "its zero point is outside -128..127");
    }
    if (!(quantization == model.tensors[sources[i]])) {
      return InvalidArgument(name + "must have the quantization of '" + model.graph.tensors[sources[i]].name + "'");
    }
  }
  for (std::size_t i = 0; i < model.graph.ops.size(); ++i) {
    const Op& op = model.graph.ops[i];
    PHOTINUS_RETURN_IF_ERROR(CheckWeights(model.graph, op, model.weights[i]));
    if (op.type == OpType::kSoftmax && !(model.tensors[op.output] == kSoftmaxQuantization)) {
      return InvalidArgument("op '" + op.name + "': a softmax's output has scale 1/256 and zero point -128");
    }
  }
  return {};
}

QuantizedModel WithoutSoftmax(QuantizedModel model) {
  const Op& last = model.graph.ops.back();
  if (last.type != OpType::kSoftmax || last.output != model.graph.output) return model;
  model.graph.output = last.inputs[0];
  model.graph.ops.pop_back();
  model.weights.pop_back();
  return model;
}

}  // namespace photinus::graph
