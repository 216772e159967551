#include "worker/energy/device_profile.h"

#include <cmath>
#include <cstdint>

#include "worker/graph/counters.h"

namespace photinus::energy {
namespace {

using graph::Graph;
using graph::Op;
using graph::OpType;

constexpr double kMillion = 1e6;

double& Amount(WorkAmounts& work, Work kind) { return work[static_cast<int>(kind)]; }

double UpToEight(double count) { return std::ceil(count / 8) * 8; }

// Tensors and weights, one byte per value.
double Bytes(const Graph& graph, const Op& op) {
  double bytes = static_cast<double>(graph::ElementCount(graph.OutputDims(op)));
  for (int i = 0; i < static_cast<int>(op.inputs.size()); ++i) {
    bytes += static_cast<double>(graph::ElementCount(graph.InputDims(op, i)));
  }
  if (graph::HasWeights(op.type)) bytes += static_cast<double>(graph::ElementCount(graph::WeightDims(graph, op)));
  return bytes;
}

void AddProduct(const Graph& graph, const Op& op, WorkAmounts& work) {
  const double positions = static_cast<double>(graph::ElementCount(graph.OutputDims(op))) / op.filters;
  const double depth = double{1} * op.kernel_h * op.kernel_w * graph.InputDims(op).back();
  const double values = positions * UpToEight(op.filters);
  Amount(work, Work::kProduct) += values * UpToEight(depth) / kMillion;
  Amount(work, Work::kRequantize) += values / kMillion;
}

void AddDepthwise(const Graph& graph, const Op& op, WorkAmounts& work) {
  const double values = static_cast<double>(graph::ElementCount(graph.OutputDims(op)));
  const int taps = op.kernel_h * op.kernel_w;
  if (taps == 9 || taps == 25) {
    Amount(work, Work::kDepthwise) += values * taps / kMillion;
  } else {
    Amount(work, Work::kGenericTaps) += values / kMillion;
  }
}

}  // namespace

const char* WorkName(Work work) {
  constexpr const char* kNames[kWorkCount] = {"dispatch",     "product",  "requantize", "depthwise",
                                              "generic_taps", "elements", "traffic"};
  return kNames[static_cast<int>(work)];
}

WorkAmounts WorkOf(const Graph& graph, const Op& op, double cache_bytes) {
  WorkAmounts work{};
  if (op.type == OpType::kReshape) return work;  // moves nothing
  Amount(work, Work::kDispatch) = 1;
  switch (op.type) {
    case OpType::kConv2D:
    case OpType::kFullyConnected:
      AddProduct(graph, op, work);
      break;
    case OpType::kDepthwiseConv2D:
      AddDepthwise(graph, op, work);
      break;
    case OpType::kAveragePool:
      Amount(work, Work::kElements) = static_cast<double>(graph::Flops(graph, op)) / kMillion;
      break;
    default:
      Amount(work, Work::kElements) = static_cast<double>(graph::ElementCount(graph.OutputDims(op))) / kMillion;
      break;
  }
  const double bytes = Bytes(graph, op);
  if (bytes > cache_bytes) Amount(work, Work::kTraffic) = (bytes - cache_bytes) / kMillion;
  return work;
}

WorkAmounts WorkOf(const Graph& graph, double cache_bytes) {
  WorkAmounts sum{};
  for (const Op& op : graph.ops) {
    const WorkAmounts work = WorkOf(graph, op, cache_bytes);
    for (int i = 0; i < kWorkCount; ++i) sum[i] += work[i];
  }
  return sum;
}

Cost CostOf(const WorkAmounts& work, const DeviceProfile& profile) {
  Cost cost;
  for (int i = 0; i < kWorkCount; ++i) {
    const double milliseconds = work[i] * profile.us_per_unit[i] / 1000;
    cost.latency_ms += milliseconds;
    cost.energy_mj += milliseconds * profile.watts[i];
  }
  return cost;
}

Cost CostOf(const Graph& graph, const DeviceProfile& profile) {
  return CostOf(WorkOf(graph, profile.cache_bytes), profile);
}

}  // namespace photinus::energy
