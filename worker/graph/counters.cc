#include "worker/graph/counters.h"

namespace photinus::graph {
namespace {

template <typename Count>
std::int64_t Sum(const Graph& graph, Count count) {
  std::int64_t sum = 0;
  for (const Op& op : graph.ops) sum += count(op);
  return sum;
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

std::int64_t KerasQatParams(const Graph& graph) {
  return Sum(graph, [&](const Op& op) -> std::int64_t {
    if (!HasWeights(op.type)) return 0;
    std::int64_t count = ElementCount(WeightDims(graph, op));
    count += op.batch_norm ? 4 * op.filters : op.filters;
    if (op.type == OpType::kConv2D) count += 2 * op.filters;
    return count;
  });
}

std::vector<LayerProfile> ProfileLayers(const Graph& graph) {
  std::vector<LayerProfile> layers;
  for (const Op& op : graph.ops) {
    layers.push_back(
        {op.name, OpTypeName(op.type), graph.OutputDims(op), Params(graph, op), Macs(graph, op), Flops(graph, op)});
  }
  return layers;
}

}  // namespace photinus::graph
