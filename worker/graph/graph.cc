#include "worker/graph/graph.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace photinus::graph {
namespace {

// No network for a small device comes near these; a file or JSON that exceeds them is broken, or would eat the memory.
constexpr int kMaxDim = 1 << 16;
constexpr std::int64_t kMaxElements = std::int64_t{1} << 24;
constexpr std::int64_t kMaxPaddedElements = std::int64_t{1} << 26;
constexpr std::int64_t kMaxAllElements = std::int64_t{1} << 27;
constexpr std::int64_t kMaxAllWeights = std::int64_t{1} << 26;  // far below the 2 GiB that a .tflite can hold
constexpr std::size_t kMaxOps = 4096;
constexpr std::size_t kMaxConcatenated = 256;

std::string DimsText(const Dims& dims) {
  std::string text = "[";
  for (std::size_t i = 0; i < dims.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(dims[i]);
  return text + "]";
}

Error OpError(const Op& op, const std::string& what) {
  return InvalidArgument("op '" + op.name + "' (" + OpTypeName(op.type) + "): " + what);
}

int OutputSize(int input, int kernel, int stride, PaddingMode padding) {
  if (padding == PaddingMode::kSame) return (input + stride - 1) / stride;
  return input < kernel ? 0 : (input - kernel) / stride + 1;
}

Result<void> CheckWindow(const Op& op) {
  for (const int size : {op.kernel_h, op.kernel_w, op.stride_h, op.stride_w}) {
    if (size < 1 || size > 1024) return OpError(op, "kernel and stride must be 1..1024");
  }
  return {};
}

Result<Dims> InferWindowed(const Op& op, const Dims& input) {
  PHOTINUS_RETURN_IF_ERROR(CheckWindow(op));
  if (input.size() != 4 || input[0] != 1) return OpError(op, "its input must be [1, h, w, c], not " + DimsText(input));
  const int channels = op.type == OpType::kConv2D ? op.filters : input[3];
  if (op.type == OpType::kDepthwiseConv2D && op.filters != input[3]) {
    return OpError(op, "has " + std::to_string(op.filters) + " filters for " + std::to_string(input[3]) + " channels");
  }
  const Dims output = {input[0], OutputSize(input[1], op.kernel_h, op.stride_h, op.padding),
                       OutputSize(input[2], op.kernel_w, op.stride_w, op.padding), channels};
  if (!SaneDims(output)) return OpError(op, "output size " + DimsText(output) + " is empty or too large");
  const std::int64_t padded = std::int64_t{input[1] + op.kernel_h} * (input[2] + op.kernel_w) * input[3];
  if (padded > kMaxPaddedElements) return OpError(op, "its input is too large with padding");
  return output;
}

Result<void> CheckInputCount(const Op& op, std::size_t count) {
  if (op.type == OpType::kConcatenation) {
    return count >= 2 && count <= kMaxConcatenated ? Result<void>() : OpError(op, "needs 2..256 inputs");
  }
  const std::size_t wanted = op.type == OpType::kAdd ? 2 : 1;
  return count == wanted ? Result<void>() : OpError(op, "needs " + std::to_string(wanted) + " inputs");
}

Result<Dims> InferConcatenated(const Op& op, const std::vector<Dims>& inputs) {
  Dims output = inputs[0];
  if (output.size() != 4) return OpError(op, "its inputs must be [1, h, w, c], not " + DimsText(output));
  output[3] = 0;
  for (const Dims& input : inputs) {
    const bool fits = input.size() == 4 && std::equal(input.begin(), input.begin() + 3, inputs[0].begin());
    if (!fits) return OpError(op, "joins " + DimsText(inputs[0]) + " and " + DimsText(input));
    output[3] += input[3];
  }
  if (!SaneDims(output)) return OpError(op, "output size " + DimsText(output) + " is too large");
  return output;
}

Result<void> CheckWeightCount(const Op& op, const Dims& input) {
  if (!HasWeights(op.type)) return {};
  if (op.filters < 1 || op.filters > kMaxDim) return OpError(op, "needs 1..65536 filters");
  std::int64_t count = std::int64_t{op.kernel_h} * op.kernel_w * input.back();
  if (op.type != OpType::kDepthwiseConv2D) count *= op.filters;
  if (count > kMaxElements) return OpError(op, "has too many weights");
  return {};
}

}  // namespace

const char* OpTypeName(OpType type) {
  switch (type) {
    case OpType::kConv2D:
      return "conv2d";
    case OpType::kDepthwiseConv2D:
      return "depthwise_conv2d";
    case OpType::kFullyConnected:
      return "fully_connected";
    case OpType::kAdd:
      return "add";
    case OpType::kConcatenation:
      return "concatenation";
    case OpType::kAveragePool:
      return "average_pool";
    case OpType::kReshape:
      return "reshape";
    case OpType::kSoftmax:
      return "softmax";
  }
  return "unknown";
}

bool HasWeights(OpType type) {
  return type == OpType::kConv2D || type == OpType::kDepthwiseConv2D || type == OpType::kFullyConnected;
}

std::int64_t ElementCount(const Dims& dims) {
  return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

Dims WeightDims(const Graph& graph, const Op& op) {
  if (!HasWeights(op.type)) return {};
  const int channels = graph.InputDims(op).back();
  if (op.type == OpType::kFullyConnected) return {op.filters, channels};
  if (op.type == OpType::kDepthwiseConv2D) return {1, op.kernel_h, op.kernel_w, channels};
  return {op.filters, op.kernel_h, op.kernel_w, channels};
}

int ChannelAxis(OpType type) { return type == OpType::kDepthwiseConv2D ? 3 : 0; }

bool SaneDims(const Dims& dims) {
  if (dims.empty() || dims.size() > 8) return false;
  std::int64_t elements = 1;
  for (const int dim : dims) {
    if (dim < 1 || dim > kMaxDim) return false;
    elements *= dim;
    if (elements > kMaxElements) return false;
  }
  return true;
}

std::pair<int, int> SamePadding(int input, int kernel, int stride) {
  const int output = (input + stride - 1) / stride;
  const int total = std::max((output - 1) * stride + kernel - input, 0);
  return {total / 2, total - total / 2};
}

Padding OpPadding(const Graph& graph, const Op& op) {
  if (op.padding == PaddingMode::kValid) return {};
  const Dims& input = graph.InputDims(op);
  const auto [top, bottom] = SamePadding(input[1], op.kernel_h, op.stride_h);
  const auto [left, right] = SamePadding(input[2], op.kernel_w, op.stride_w);
  return {top, bottom, left, right};
}

Result<Dims> InferOutputDims(const Op& op, const std::vector<Dims>& inputs, const Dims& reshaped) {
  PHOTINUS_RETURN_IF_ERROR(CheckInputCount(op, inputs.size()));
  for (const Dims& dims : inputs) {
    if (!SaneDims(dims)) return OpError(op, "input size " + DimsText(dims) + " is empty or too large");
  }
  const Dims& input = inputs[0];
  switch (op.type) {
    case OpType::kConv2D:
    case OpType::kDepthwiseConv2D:
    case OpType::kAveragePool: {
      PHOTINUS_ASSIGN_OR_RETURN(const Dims output, InferWindowed(op, input));
      PHOTINUS_RETURN_IF_ERROR(CheckWeightCount(op, input));
      return output;
    }
    case OpType::kFullyConnected: {
      if (input.size() != 2 || input[0] != 1) return OpError(op, "its input must be [1, n], not " + DimsText(input));
      PHOTINUS_RETURN_IF_ERROR(CheckWeightCount(op, input));
      return Dims{input[0], op.filters};
    }
    case OpType::kAdd:
      if (inputs[1] != input) return OpError(op, "adds " + DimsText(input) + " and " + DimsText(inputs[1]));
      return input;
    case OpType::kConcatenation:
      return InferConcatenated(op, inputs);
    case OpType::kReshape:
      if (!SaneDims(reshaped) || ElementCount(reshaped) != ElementCount(input)) {
        return OpError(op, "cannot reshape " + DimsText(input) + " to " + DimsText(reshaped));
      }
      return reshaped;
    case OpType::kSoftmax:
      return input;
  }
  return OpError(op, "unknown type");
}

Result<void> ValidateGraph(const Graph& graph) {
  const int count = static_cast<int>(graph.tensors.size());
  const auto known = [count](int index) { return index >= 0 && index < count; };
  if (!known(graph.input) || !known(graph.output)) return InvalidArgument("network without input or output");
  if (graph.ops.empty() || graph.ops.size() > kMaxOps) return InvalidArgument("a network needs 1..4096 ops");
  if (!SaneDims(graph.tensors[graph.input].dims)) return InvalidArgument("the network's input is empty or too large");
  std::vector<bool> written(count, false);
  written[graph.input] = true;
  std::int64_t elements = ElementCount(graph.tensors[graph.input].dims);
  std::int64_t weights = 0;
  std::set<std::string> names;
  for (const Op& op : graph.ops) {
    std::vector<Dims> inputs;
    for (const int input : op.inputs) {
      if (!known(input) || !written[input]) return OpError(op, "reads a tensor that no earlier op writes");
      inputs.push_back(graph.tensors[input].dims);
    }
    if (!known(op.output) || written[op.output]) return OpError(op, "writes no tensor, or one that is written already");
    const Dims& output = graph.tensors[op.output].dims;
    PHOTINUS_ASSIGN_OR_RETURN(const Dims inferred, InferOutputDims(op, inputs, output));
    if (inferred != output) {
      return OpError(op, "its output should be " + DimsText(inferred) + " but is declared " + DimsText(output));
    }
    if (!names.insert(op.name).second) return OpError(op, "another op has this name");
    written[op.output] = true;
    elements += ElementCount(output);
    if (elements > kMaxAllElements) return InvalidArgument("the network's activations are too large");
    if (HasWeights(op.type)) weights += ElementCount(WeightDims(graph, op));
    if (weights > kMaxAllWeights) {
      return OpError(op, "the network has more than " + std::to_string(kMaxAllWeights) + " weights up to here");
    }
  }
  if (!written[graph.output]) return InvalidArgument("no op writes the network's output");
  return {};
}

bool KeepsQuantization(OpType type) {
  return type == OpType::kAveragePool || type == OpType::kReshape || type == OpType::kConcatenation;
}

std::vector<int> QuantizationSources(const Graph& graph) {
  std::vector<int> sources(graph.tensors.size());
  std::iota(sources.begin(), sources.end(), 0);
  const auto join = [&sources](int a, int b) {
    const int kept = std::min(sources[a], sources[b]);
    const int replaced = std::max(sources[a], sources[b]);
    std::replace(sources.begin(), sources.end(), replaced, kept);
  };
  for (const Op& op : graph.ops) {
    if (!KeepsQuantization(op.type)) continue;
    for (const int input : op.inputs) join(input, op.output);
  }
  return sources;
}

Graph WithoutBatchNorm(Graph graph) {
  for (Op& op : graph.ops) op.batch_norm = false;
  return graph;
}

}  // namespace photinus::graph
