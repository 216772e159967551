#ifndef PHOTINUS_WORKER_TFLITE_RANDOM_MODEL_H_
#define PHOTINUS_WORKER_TFLITE_RANDOM_MODEL_H_

#include <cstdint>
#include <vector>

#include "worker/graph/quantized_model.h"

namespace photinus::tflite {

// Networks for tests, by seed; equal seeds give equal networks.

// A graph of every op: two-dimensional convolutions with odd and even kernels, strides and paddings, depthwise
// convolutions with few and odd channels, adds, concatenations, a windowed and a global pool, one or two fully
// connected ops.
graph::Graph RandomGraph(std::uint64_t seed);

// Random integers for a graph, with scales under which activations fill most of the int8 range. Every fourth seed
// uses powers of two alone, whose products hit the ties that tell rounding rules apart.
graph::QuantizedModel RandomModel(const graph::Graph& graph, std::uint64_t seed);

// `count` values, uniform over int8.
std::vector<std::int8_t> RandomInput(std::int64_t count, std::uint64_t seed);

}  // namespace photinus::tflite

#endif  // PHOTINUS_WORKER_TFLITE_RANDOM_MODEL_H_
