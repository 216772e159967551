#ifndef PHOTINUS_WORKER_GRAPH_COUNTERS_H_
#define PHOTINUS_WORKER_GRAPH_COUNTERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "worker/graph/graph.h"

namespace photinus::graph {

// Counts of one op for one example. The graph must be valid.

// Values that the deployed file carries: weights, and one bias per output channel (batch norm is folded into both).
std::int64_t Params(const Graph& graph, const Op& op);

// Multiply-accumulates of convolutions and fully connected ops, padded positions counted; 0 for every other op.
std::int64_t Macs(const Graph& graph, const Op& op);

// Floating-point operations by the convention that reproduces the tables of "NAS for energy-efficient always-on audio
// models" (arXiv 2202.05397) to the printed digit: 2 per multiply-accumulate, 1 per output element of a convolution or
// fully connected op (bias or folded batch norm), 1 per input element of an average pool that covers its whole map
// (windowed pools: 1 per window element); activations, residual adds, reshapes and softmax cost nothing.
std::int64_t Flops(const Graph& graph, const Op& op);

// The same, summed over the network. Params is the metric `params`, Flops the metric `flops` of a trial.
std::int64_t Params(const Graph& graph);
std::int64_t Macs(const Graph& graph);
std::int64_t Flops(const Graph& graph);

// Keras' count_params() of the network prepared for quantization-aware training, as the same paper's table counts:
// weights, 4 per batch-norm channel (gamma, beta, mean, variance), biases where there is no batch norm, 2 per output
// channel of a convolution (kernel minimum and maximum). Left out: the few scalars that each layer's bookkeeping adds
// (between 89 and 467 in all for the table's networks).
std::int64_t KerasQatParams(const Graph& graph);

// One op's line in a profile.
struct LayerProfile {
  std::string name;
  std::string type;
  Dims output;
  std::int64_t params = 0;
  std::int64_t macs = 0;
  std::int64_t flops = 0;
};

// One line per op, in order.
std::vector<LayerProfile> ProfileLayers(const Graph& graph);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_COUNTERS_H_
