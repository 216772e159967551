#include "worker/graph/counters.h"

namespace photinus::graph {
namespace {

template <typename Count>
std::int64_t Sum(const Graph& graph, Count count) {
  std::int64_t sum = 0;
  for (const Op& op : graph.ops) sum += count(op);
  return sum;
}

std::string WindowText(const Op& op) {
  if (op.type != OpType::kConv2D && op.type != OpType::kDepthwiseConv2D && op.type != OpType::kAveragePool) return "";
  const auto pair = [](int height, int width) { return std::to_string(height) + "x" + std::to_string(width); };
  return pair(op.kernel_h, op.kernel_w) + "/" + pair(op.stride_h, op.stride_w);
}

}  // namespace

std::int64_t Params(const Graph& graph, const Op& op) {
  if (!HasWeights(op.type)) return 0;
  return ElementCount(WeightDims(graph, op)) + op.filters;
}

std::int64_t Macs(const Graph& graph, const Op& op) {
  const std::int64_t outputs = ElementCount(graph.OutputDims(op));
  switch (op.type) {
    case OpType::kConv2D:
      return outputs * op.kernel_h * op.kernel_w * graph.InputDims(op).back();
    case OpType::kDepthwiseConv2D:
      return outputs * op.kernel_h * op.kernel_w;
    case OpType::kFullyConnected:
      return outputs * graph.InputDims(op).back();
    default:
      return 0;
  }
}

std::int64_t Flops(const Graph& graph, const Op& op) {
  const std::int64_t outputs = ElementCount(graph.OutputDims(op));
  if (op.type == OpType::kAveragePool) return outputs * op.kernel_h * op.kernel_w;
  return HasWeights(op.type) ? 2 * Macs(graph, op) + outputs : 0;
}

std::int64_t Params(const Graph& graph) {
  return Sum(graph, [&](const Op& op) { return Params(graph, op); });
}

std::int64_t Macs(const Graph& graph) {
  return Sum(graph, [&](const Op& op) { return Macs(graph, op); });
}

std::int64_t Flops(const Graph& graph) {
  return Sum(graph, [&](const Op& op) { return Flops(graph, op); });
}

std::int64_t TrainableParams(const Graph& graph) {
  return Sum(graph, [&](const Op& op) -> std::int64_t {
    if (!HasWeights(op.type)) return 0;
    return ElementCount(WeightDims(graph, op)) + (op.batch_norm ? 2 : 1) * op.filters;
  });
}

std::int64_t KerasQatParams(const Graph& graph) {
  return Sum(graph, [&](const Op& op) -> std::int64_t {
    if (!HasWeights(op.type)) return 0;
    std::int64_t count = ElementCount(WeightDims(graph, op));
    count += op.batch_norm ? 4 * op.filters : op.filters;
    if (op.type == OpType::kConv2D) count += 2 * op.filters;
    return count;
  });
}

std::int64_t TfliteSizeLaw(const Graph& graph) {
  constexpr std::int64_t kPerTensor = 115, kPerFile = 440, kPerChannel = 28, kPerUnit = 4;
  const auto bytes = Sum(graph, [&](const Op& op) -> std::int64_t {
    if (!HasWeights(op.type)) return 0;
    const std::int64_t per_output = op.type == OpType::kFullyConnected ? kPerUnit : kPerChannel;
    return ElementCount(WeightDims(graph, op)) + per_output * op.filters + 2 * kPerTensor;
  });
  return bytes + kPerTensor * static_cast<std::int64_t>(graph.tensors.size()) + kPerFile;
}

std::int64_t FpOps(const Graph& graph, FpOpsRule rule) {
  return Sum(graph, [&](const Op& op) -> std::int64_t {
    if (op.type != OpType::kConv2D && op.type != OpType::kDepthwiseConv2D) return 0;
    const std::int64_t taps = std::int64_t{op.kernel_h} * op.kernel_w;
    return Macs(graph, op) / taps * (2 * taps + (rule == FpOpsRule::kEquation1 ? 1 : 0));
  });
}

std::int64_t FlopsWithPointwise(const Graph& graph) {
  return Sum(graph, [&](const Op& op) -> std::int64_t {
    const std::int64_t outputs = ElementCount(graph.OutputDims(op));
    const std::int64_t activation = op.activation == Activation::kNone ? 0 : outputs;
    if (HasWeights(op.type)) return 2 * Macs(graph, op) + (op.batch_norm ? 2 : 1) * outputs + activation;
    if (op.type == OpType::kAdd) return outputs + activation;
    if (op.type == OpType::kAveragePool) return Flops(graph, op) + outputs + activation;
    return op.type == OpType::kSoftmax ? 3 * outputs : 0;
  });
}

std::int64_t BytesMoved(const Graph& graph, Pointwise pointwise) {
  constexpr std::int64_t kFloatBytes = 4;
  return kFloatBytes * Sum(graph, [&](const Op& op) -> std::int64_t {
           if (op.type == OpType::kReshape) return 0;
           const std::int64_t outputs = ElementCount(graph.OutputDims(op));
           std::int64_t values = Params(graph, op) + outputs;
           for (const int input : op.inputs) values += ElementCount(graph.tensors[input].dims);
           if (pointwise == Pointwise::kFused) return values;
           if (op.activation != Activation::kNone) values += 2 * outputs;
           if (op.batch_norm) values += 2 * outputs + op.filters;  // gamma and beta instead of a bias
           return values;
         });
}

double ComputeIntensity(const Graph& graph, Pointwise pointwise) {
  return static_cast<double>(FlopsWithPointwise(graph)) / static_cast<double>(BytesMoved(graph, pointwise));
}

std::vector<LayerProfile> ProfileLayers(const Graph& graph) {
  std::vector<LayerProfile> layers;
  for (const Op& op : graph.ops) {
    layers.push_back({op.name, OpTypeName(op.type), WindowText(op), graph.OutputDims(op), Params(graph, op),
                      Macs(graph, op), Flops(graph, op)});
  }
  return layers;
}

}  // namespace photinus::graph
