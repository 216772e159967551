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
// (windowed pools: 1 per window element); activations, residual adds, concatenations, reshapes and softmax cost
// nothing.
std::int64_t Flops(const Graph& graph, const Op& op);

// The same, summed over the network. Params is the metric `params`, Flops the metric `flops` of a trial.
std::int64_t Params(const Graph& graph);
std::int64_t Macs(const Graph& graph);
std::int64_t Flops(const Graph& graph);

// What gradients teach: weights, gamma and beta of batch norms, biases where there is no batch norm. The parameter
// counts of "Resource-Efficient Neural Architect" (table 2) are these for networks of convolutions and a global pool.
std::int64_t TrainableParams(const Graph& graph);

// Keras' count_params() of the network prepared for quantization-aware training, as the table of arXiv 2202.05397
// counts: weights, 4 per batch-norm channel (gamma, beta, mean, variance), biases where there is no batch norm, 2 per
// output channel of a convolution (kernel minimum and maximum). Left out: the few scalars that each layer's bookkeeping
// adds (between 89 and 467 in all for the table's networks).
std::int64_t KerasQatParams(const Graph& graph);

// The bytes of an int8 .tflite by rule of thumb, within 3 % of real ones: 1 per weight, 28 per channel of a convolution
// (bias 4; scale and zero point of weights and bias 24), 4 per fully connected output, 115 per tensor (those of weights
// and biases included), 440 for the rest. What the file will have exactly, worker/tflite/writer.h says.
std::int64_t TfliteSizeLaw(const Graph& graph);

// FP_OPS of "Performance-Oriented Neural Architecture Search", convolutions alone:
//   sum of filters * input channels * output positions * (2 kh kw [+ 1])
// kTable: without the + 1, which gives all rows of its table II; kEquation1: as its equation 1 says.
enum class FpOpsRule { kTable, kEquation1 };
std::int64_t FpOps(const Graph& graph, FpOpsRule rule);

// Operations by appendix A of "Resource-Efficient Neural Architect", where every pointwise operation counts: 2 per
// multiply-accumulate; per output element 1 for a bias or 2 for a batch norm, 1 for an activation, 1 for an addition;
// of an average pool 1 per window element and 1 per output, of a softmax 3 per element; moves are free.
std::int64_t FlopsWithPointwise(const Graph& graph);

// Bytes that travel for one example in 32-bit floats: each op's weights, inputs and outputs, reshapes none. kFused:
// batch norm and activation happen on the way; kUnfused: each reads and writes its op's outputs once more.
enum class Pointwise { kFused, kUnfused };
std::int64_t BytesMoved(const Graph& graph, Pointwise pointwise);

// FlopsWithPointwise per byte of BytesMoved.
double ComputeIntensity(const Graph& graph, Pointwise pointwise);

// One op's line in a profile.
struct LayerProfile {
  std::string name;
  std::string type;
  std::string window;  // kernel and stride of what has them, such as "3x3/2x1" (time x frequency); else empty
  Dims output;
  std::int64_t params = 0;
  std::int64_t macs = 0;
  std::int64_t flops = 0;
};

// One line per op, in order.
std::vector<LayerProfile> ProfileLayers(const Graph& graph);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_COUNTERS_H_
