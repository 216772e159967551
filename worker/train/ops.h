#ifndef PHOTINUS_WORKER_TRAIN_OPS_H_
#define PHOTINUS_WORKER_TRAIN_OPS_H_

#include <vector>

#include "worker/graph/graph.h"
#include "worker/graph/quantized_model.h"
#include "worker/train/torch_compat.h"

// The graph's ops in libtorch's terms: four-dimensional activations are [batch, channels, height, width] with channels
// last in memory, in which small convolutions over time run two to three times as fast as in libtorch's default order.
namespace photinus::train {

// [batch, height, width, channels] as libtorch's order of axes; the same memory.
Tensor FromChannelsLast(const Tensor& input);

// Convolution, depthwise convolution or fully connected op with the graph's explicit, possibly asymmetric padding.
// weight: as in Layer; bias may be undefined.
Tensor ApplyWeights(const graph::Graph& graph, const graph::Op& op, const Tensor& input, const Tensor& weight,
                    const Tensor& bias);

// Average over the positions inside the input: padding counts neither in the sum nor in the divisor.
Tensor ApplyAveragePool(const graph::Graph& graph, const graph::Op& op, const Tensor& input);

// The same of values on an int8 grid, rounded to it as every runtime rounds: means of the integers, ties away from
// zero, where the rounding of a mean of reals would be decided by their errors. The gradient is that of the mean.
Tensor ApplyRoundedAveragePool(const graph::Graph& graph, const graph::Op& op, const Tensor& input,
                               const graph::Quantization& grid);

// The op's inputs among `tensors` (one per tensor of the graph), joined along the channels.
Tensor ApplyConcatenation(const graph::Op& op, const std::vector<Tensor>& tensors);

// Reorders as TFLite does, whose memory order is height, width, channels.
Tensor ApplyReshape(const graph::Dims& dims, const Tensor& input);

// In place where gradients are off: nobody else may read `values` then.
Tensor ApplyActivation(graph::Activation activation, Tensor values);

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_OPS_H_
