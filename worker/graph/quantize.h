#ifndef PHOTINUS_WORKER_GRAPH_QUANTIZE_H_
#define PHOTINUS_WORKER_GRAPH_QUANTIZE_H_

#include <cstdint>
#include <vector>

#include "worker/graph/quantized_model.h"

namespace photinus::graph {

// Adding and then subtracting it rounds a float of magnitude below 2^22 to an integer, half to even, in two operations
// that vectorise. Training's fake quantization and the interpreter must round alike.
inline constexpr float kRoundToInteger = 12582912.0f;  // 1.5 * 2^23

// The quantization of an activation that ranges over [low, high], real values:
//   lo = min(low, 0), hi = max(high, 0), scale = (hi - lo) / 255, zero point = clamp(round(-128 - lo / scale))
// A range of less than 1e-4 is widened to that, so that a dead activation still has a usable scale. Training's fake
// quantization must use these very numbers. Non-finite bounds count as 0.
Quantization ActivationQuantization(float low, float high);

// The weights of one op as training hands them over: batch norm folded in, bias still real.
struct FoldedWeights {
  std::vector<std::int8_t> weights;  // layout of WeightDims, each in -127..127
  std::vector<float> scales;         // per output channel; fully connected: one
  std::vector<float> bias;           // per output channel, real units
};

// Rounds real weights (layout of WeightDims) to int8, symmetric, scale = max|w| / 127 per output channel (fully
// connected: per tensor); an all-zero channel gets scale 1/127. `bias` has one value per output channel.
FoldedWeights QuantizeWeights(const Graph& graph, const Op& op, const std::vector<float>& weights,
                              const std::vector<float>& bias);

// Puts a deployed network together. `tensors`: one quantization per tensor of `graph`; those of pools, reshapes and
// softmax outputs are ignored, since QuantizationSources and the softmax's fixed one decide. `weights`: one per op,
// empty where it has none. What happens here, and so nowhere else:
// - scales are raised, and only raised, until default (XNNPACK) runtimes take the file: input scale * weight scale /
//   output scale < 2^8 for every op with weights, input scale / output scale within [2^-10, 2^8) for every add; a
//   raised scale keeps its zero point. Only dead activations need it;
// - the bias is rounded to int32 in units of input scale * weight scale (half to even, saturating at +-2^30).
// InvalidArgument when sizes do not match the graph or a number is not finite. The result passes ValidateModel.
Result<QuantizedModel> AssembleQuantizedModel(const Graph& graph, std::vector<Quantization> tensors,
                                              const std::vector<FoldedWeights>& weights);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_QUANTIZE_H_
