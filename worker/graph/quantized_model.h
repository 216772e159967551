#ifndef PHOTINUS_WORKER_GRAPH_QUANTIZED_MODEL_H_
#define PHOTINUS_WORKER_GRAPH_QUANTIZED_MODEL_H_

#include <cstdint>
#include <vector>

#include "worker/graph/graph.h"

namespace photinus::graph {

// An activation's real value is scale * (q - zero_point), q in -128..127, scale > 0.
struct Quantization {
  float scale = 1;
  int zero_point = 0;

  friend bool operator==(const Quantization&, const Quantization&) = default;
};

// What TFLite demands of every int8 softmax's output.
inline constexpr Quantization kSoftmaxQuantization = {1.0f / 256, -128};

// The integers of one op; all empty for an op without weights.
struct QuantizedWeights {
  std::vector<std::int8_t> weights;  // in the layout of WeightDims, each in -127..127
  std::vector<float> scales;         // per output channel; fully connected: one
  std::vector<std::int32_t> bias;    // per output channel, in units of (input scale * weight scale)

  friend bool operator==(const QuantizedWeights&, const QuantizedWeights&) = default;
};

// A deployed network: all that a .tflite file holds. Batch norm is folded: no op of `graph` has it.
struct QuantizedModel {
  Graph graph;
  std::vector<Quantization> tensors;      // one per tensor of the graph
  std::vector<QuantizedWeights> weights;  // one per op of the graph

  friend bool operator==(const QuantizedModel&, const QuantizedModel&) = default;
};

// Checks all that the writer and the interpreter rely on: a valid graph without batch norm, counts and lengths that
// match it, scales finite and positive, zero points in range, shared quantization where QuantizationSources demands
// it, softmax output 1/256 and -128. InvalidArgument names the op or tensor.
Result<void> ValidateModel(const QuantizedModel& model);

// The same network without a closing softmax, whose output is the logits: these tell classes apart that softmax,
// rounded to 1/256, would tie. The softmax's tensor stays, unused.
QuantizedModel WithoutSoftmax(QuantizedModel model);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_QUANTIZED_MODEL_H_
