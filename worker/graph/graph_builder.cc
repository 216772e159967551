#include "worker/graph/graph_builder.h"

#include <utility>

namespace photinus::graph {
namespace {

Op MakeOp(OpType type, const std::string& name, std::vector<int> inputs, Activation activation = Activation::kNone) {
  Op op;
  op.type = type;
  op.name = name;
  op.inputs = std::move(inputs);
  op.activation = activation;
  return op;
}

void SetWindow(const Window& window, Op& op) {
  op.kernel_h = window.kernel_h;
  op.kernel_w = window.kernel_w;
  op.stride_h = window.stride_h;
  op.stride_w = window.stride_w;
  op.padding = window.padding;
}

}  // namespace

GraphBuilder::GraphBuilder(std::string name, Dims input_dims) {
  graph_.name = std::move(name);
  graph_.tensors.push_back({"input", std::move(input_dims)});
}

int GraphBuilder::Conv(const std::string& name, int input, int filters, const Window& window, Activation activation) {
  Op op = MakeOp(OpType::kConv2D, name, {input}, activation);
  SetWindow(window, op);
  op.filters = filters;
  op.batch_norm = true;
  return Append(std::move(op));
}

int GraphBuilder::Depthwise(const std::string& name, int input, const Window& window, Activation activation) {
  Op op = MakeOp(OpType::kDepthwiseConv2D, name, {input}, activation);
  SetWindow(window, op);
  op.filters = DimsOf(input).back();
  op.batch_norm = true;
  return Append(std::move(op));
}

int GraphBuilder::FullyConnected(const std::string& name, int input, int units, Activation activation) {
  Op op = MakeOp(OpType::kFullyConnected, name, {input}, activation);
  op.filters = units;
  return Append(std::move(op));
}

int GraphBuilder::Add(const std::string& name, int left, int right, Activation activation) {
  return Append(MakeOp(OpType::kAdd, name, {left, right}, activation));
}

int GraphBuilder::Concatenate(const std::string& name, const std::vector<int>& inputs) {
  return Append(MakeOp(OpType::kConcatenation, name, inputs));
}

int GraphBuilder::AveragePool(const std::string& name, int input, const Window& window) {
  Op op = MakeOp(OpType::kAveragePool, name, {input});
  SetWindow(window, op);
  return Append(std::move(op));
}

int GraphBuilder::Reshape(const std::string& name, int input, const Dims& dims) {
  return Append(MakeOp(OpType::kReshape, name, {input}), dims);
}

int GraphBuilder::Softmax(const std::string& name, int input) {
  return Append(MakeOp(OpType::kSoftmax, name, {input}));
}

int GraphBuilder::GlobalAverage(const std::string& name, int input) {
  const Dims dims = DimsOf(input);
  if (dims.size() != 4) return Append(MakeOp(OpType::kAveragePool, name, {input}));  // refused there
  const int pooled = AveragePool(name, input, {dims[1], dims[2], 1, 1, PaddingMode::kValid});
  return Reshape(name + ".flat", pooled, {dims[0], dims[3]});
}

Result<Graph> GraphBuilder::Build(int output) const {
  if (error_) return *error_;
  Graph graph = graph_;
  graph.output = output;
  PHOTINUS_RETURN_IF_ERROR(ValidateGraph(graph));
  return graph;
}

int GraphBuilder::Append(Op op, const Dims& reshaped) {
  if (error_) return 0;
  std::vector<Dims> inputs;
  for (const int input : op.inputs) inputs.push_back(DimsOf(input));
  Result<Dims> dims = InferOutputDims(op, inputs, reshaped);
  if (!dims.ok()) {
    error_ = dims.error();
    return 0;
  }
  op.output = static_cast<int>(graph_.tensors.size());
  graph_.tensors.push_back({op.name, std::move(dims).value()});
  graph_.ops.push_back(std::move(op));
  return graph_.ops.back().output;
}

}  // namespace photinus::graph
