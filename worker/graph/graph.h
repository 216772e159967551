#ifndef PHOTINUS_WORKER_GRAPH_GRAPH_H_
#define PHOTINUS_WORKER_GRAPH_GRAPH_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "worker/base/result.h"

namespace photinus::graph {

// The operators a network may consist of: what TFLite calls CONV_2D, DEPTHWISE_CONV_2D and so on.
enum class OpType {
  kConv2D,
  kDepthwiseConv2D,
  kFullyConnected,
  kAdd,
  kConcatenation,
  kAveragePool,
  kReshape,
  kSoftmax
};

enum class Activation { kNone, kRelu, kRelu6 };

// kSame: as TensorFlow pads (see SamePadding). kValid: not at all.
enum class PaddingMode { kSame, kValid };

// Sizes of a tensor for one example, batch axis (1) included: {1, height, width, channels} or {1, features}.
using Dims = std::vector<int>;

// An activation. Weights are no tensors of the graph: they belong to their op.
struct Tensor {
  std::string name;
  Dims dims;

  friend bool operator==(const Tensor&, const Tensor&) = default;
};

// One operator. Which fields count depends on the type:
//   all                              inputs, output (indices of tensors), name
//   conv2d, depthwise, average pool  kernel, stride, padding
//   conv2d, depthwise, fully conn.   filters (output channels; depthwise: its input's channels), batch_norm
//   conv2d .. average pool, add      activation
//   concatenation                    2..256 inputs [1, h, w, c] of one height and width, joined along the channels
//   reshape                          its output tensor's dims are the new shape
// Order in training: weights (no bias with batch_norm, else a bias), batch norm, activation. A depthwise convolution
// has multiplier 1. Convolutions have dilation 1.
struct Op {
  OpType type = OpType::kReshape;
  std::string name;  // unique, e.g. "block1.conv"; names its weights in checkpoints
  std::vector<int> inputs;
  int output = 0;
  Activation activation = Activation::kNone;
  int filters = 0;
  int kernel_h = 1;
  int kernel_w = 1;
  int stride_h = 1;
  int stride_w = 1;
  PaddingMode padding = PaddingMode::kSame;
  bool batch_norm = false;  // in training a batch norm follows the weights; folded away in the deployed network

  friend bool operator==(const Op&, const Op&) = default;
};

// A network: ops in the order in which they run, each tensor written once, one input and one output.
struct Graph {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Op> ops;
  int input = 0;
  int output = 0;

  const Dims& InputDims(const Op& op, int which = 0) const { return tensors[op.inputs[which]].dims; }
  const Dims& OutputDims(const Op& op) const { return tensors[op.output].dims; }

  friend bool operator==(const Graph&, const Graph&) = default;
};

// "conv2d", "depthwise_conv2d", "fully_connected", "add", "concatenation", "average_pool", "reshape", "softmax".
const char* OpTypeName(OpType type);

// Whether ops of this type carry weights, one quantization scale per output channel (fully connected: one in all) and
// one bias per output channel.
bool HasWeights(OpType type);

// Product of the sizes.
std::int64_t ElementCount(const Dims& dims);

// Whether a tensor may have these sizes: 1..8 axes of 1..65536, at most 2^24 values.
bool SaneDims(const Dims& dims);

// Sizes of an op's weights in TFLite's layout: conv2d [filters, kh, kw, in], depthwise [1, kh, kw, channels], fully
// connected [filters, in]; empty for an op without weights. The graph must be valid.
Dims WeightDims(const Graph& graph, const Op& op);

// The axis of WeightDims along which the output channels lie: 3 for depthwise, else 0.
int ChannelAxis(OpType type);

// Zeros (or, in an average pool, nothing) that surround the input.
struct Padding {
  int top = 0;
  int bottom = 0;
  int left = 0;
  int right = 0;

  friend bool operator==(const Padding&, const Padding&) = default;
};

// TensorFlow's SAME along one axis: the output has ceil(input / stride) positions, and of the
//   total = max((output - 1) * stride + kernel - input, 0)
// padded positions, total / 2 stand before the input and the rest after it: one more after it for an odd total.
// Returns {before, after}.
std::pair<int, int> SamePadding(int input, int kernel, int stride);

// The padding of a convolution or pool of a valid graph, in input positions, explicit.
Padding OpPadding(const Graph& graph, const Op& op);

// The sizes of `op`'s output, given those of its inputs; a reshape's are `reshaped`.
// InvalidArgument, naming the op, when they do not fit its parameters or are too large to build.
Result<Dims> InferOutputDims(const Op& op, const std::vector<Dims>& inputs, const Dims& reshaped);

// Checks all that the functions above and every walker of graphs rely on: indices in range, tensors written once and
// before they are read, sizes as InferOutputDims says, sane limits on sizes and counts (at most 2^26 weights in all).
Result<void> ValidateGraph(const Graph& graph);

// Whether an op of this type only moves or averages what it reads, so that its inputs and output must have one
// quantization: average pool, reshape, concatenation.
bool KeepsQuantization(OpType type);

// For each tensor, the tensor whose quantization it must have: of all tensors that ops with KeepsQuantization join, the
// one with the lowest index; any other tensor has its own (its own index). The graph must be valid.
std::vector<int> QuantizationSources(const Graph& graph);

// The same network with the training-only marks (batch_norm) cleared: what a file can say.
Graph WithoutBatchNorm(Graph graph);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_GRAPH_H_
