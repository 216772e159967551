#include "worker/graph/quantize.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace photinus::graph {
namespace {

constexpr float kMinRange = 1e-4f;
constexpr float kWeightMax = 127;

// Kept well inside the runtimes' limits of 2^8 and 2^-10, so that their own roundings cannot cross them.
constexpr float kMaxMultiplier = 128;
constexpr float kMaxAddRatio = 128;
constexpr float kMinAddRatio = 1.0f / 512;

// Raises `scale` to at least `floor`; whether it did.
bool RaiseScale(float floor, float& scale) {
  if (scale >= floor) return false;
  scale = floor;
  return true;
}

// One pass over the ops; whether any scale was raised.
bool RaiseScales(const Graph& graph, const std::vector<FoldedWeights>& weights, const std::vector<int>& sources,
                 std::vector<Quantization>& tensors) {
  bool raised = false;
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    float& output = tensors[sources[op.output]].scale;
    if (HasWeights(op.type)) {
      const float widest = *std::max_element(weights[i].scales.begin(), weights[i].scales.end());
      raised |= RaiseScale(tensors[sources[op.inputs[0]]].scale * widest / kMaxMultiplier, output);
    }
    if (op.type != OpType::kAdd) continue;
    for (const int input : op.inputs) {
      float& scale = tensors[sources[input]].scale;
      raised |= RaiseScale(scale / kMaxAddRatio, output);
      raised |= RaiseScale(output * kMinAddRatio, scale);
    }
  }
  return raised;
}

std::int32_t RoundBias(float bias, float scale) {
  constexpr double kLimit = 1 << 30;
  return static_cast<std::int32_t>(std::nearbyint(std::clamp(double{bias} / double{scale}, -kLimit, kLimit)));
}

bool AllFinite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

Result<void> CheckFolded(const Op& op, const FoldedWeights& weights) {
  if (!HasWeights(op.type)) return {};
  const auto fail = [&op](const char* what) { return InvalidArgument("op '" + op.name + "': " + what); };
  const std::size_t scales = op.type == OpType::kFullyConnected ? 1 : op.filters;
  if (weights.scales.size() != scales) return fail("has the wrong number of weight scales");
  if (weights.bias.size() != static_cast<std::size_t>(op.filters)) return fail("has the wrong number of biases");
  if (!AllFinite(weights.scales) || !AllFinite(weights.bias)) return fail("its weights are not finite");
  if (*std::min_element(weights.scales.begin(), weights.scales.end()) <= 0) return fail("has a weight scale of 0");
  return {};
}

}  // namespace

Quantization ActivationQuantization(float low, float high) {
  float lo = std::isfinite(low) ? std::min(low, 0.0f) : 0.0f;
  const float hi = std::max(std::isfinite(high) ? std::max(high, 0.0f) : 0.0f, lo + kMinRange);
  const float scale = (hi - lo) / 255;
  const float zero_point = std::nearbyint(-128 - lo / scale);
  return {scale, static_cast<int>(std::clamp(zero_point, -128.0f, 127.0f))};
}

FoldedWeights QuantizeWeights(const Graph& graph, const Op& op, const std::vector<float>& weights,
                              const std::vector<float>& bias) {
  const Dims dims = WeightDims(graph, op);
  const bool per_tensor = op.type == OpType::kFullyConnected;
  const std::size_t channels = per_tensor ? 1 : dims[ChannelAxis(op.type)];
  // In every layout the output channel is either the slowest or the fastest axis.
  const bool channel_last = op.type == OpType::kDepthwiseConv2D;
  const std::size_t per_channel = weights.size() / channels;
  const auto channel_of = [&](std::size_t i) { return channel_last ? i % channels : i / per_channel; };
  std::vector<float> widest(channels, 0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    widest[channel_of(i)] = std::max(widest[channel_of(i)], std::abs(weights[i]));
  }
  FoldedWeights folded;
  for (const float max : widest) folded.scales.push_back((max > 0 ? max : 1) / kWeightMax);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float q = std::nearbyint(weights[i] / folded.scales[channel_of(i)]);
    folded.weights.push_back(static_cast<std::int8_t>(std::clamp(q, -kWeightMax, kWeightMax)));
  }
  folded.bias = bias;
  return folded;
}

Result<QuantizedModel> AssembleQuantizedModel(const Graph& graph, std::vector<Quantization> tensors,
                                              const std::vector<FoldedWeights>& weights) {
  PHOTINUS_RETURN_IF_ERROR(ValidateGraph(graph));
  if (tensors.size() != graph.tensors.size() || weights.size() != graph.ops.size()) {
    return InvalidArgument("assembling needs one quantization per tensor and one weight record per op");
  }
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    PHOTINUS_RETURN_IF_ERROR(CheckFolded(graph.ops[i], weights[i]));
    if (graph.ops[i].type == OpType::kSoftmax) tensors[graph.ops[i].output] = kSoftmaxQuantization;
  }
  const std::vector<int> sources = QuantizationSources(graph);
  // Raising runs along the ops and back through adds; a network without absurd weight scales settles in a few passes.
  int passes = 0;
  while (RaiseScales(graph, weights, sources, tensors)) {
    if (++passes > 100) return InvalidArgument("network '" + graph.name + "': its weights are too large to quantize");
  }
  QuantizedModel model;
  model.graph = WithoutBatchNorm(graph);
  for (const int source : sources) model.tensors.push_back(tensors[source]);
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    QuantizedWeights integers;
    integers.weights = weights[i].weights;
    integers.scales = weights[i].scales;
    for (std::size_t c = 0; c < weights[i].bias.size(); ++c) {
      const float scale = integers.scales[integers.scales.size() == 1 ? 0 : c];
      integers.bias.push_back(RoundBias(weights[i].bias[c], model.tensors[op.inputs[0]].scale * scale));
    }
    model.weights.push_back(std::move(integers));
  }
  PHOTINUS_RETURN_IF_ERROR(ValidateModel(model));
  return model;
}

}  // namespace photinus::graph
