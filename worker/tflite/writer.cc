#include "worker/tflite/writer.h"

#include <algorithm>
#include <map>
#include <string>

#include "worker/graph/quantize.h"
#include "worker/tflite/schema_generated.h"

namespace photinus::tflite {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using graph::Activation;
using graph::Graph;
using graph::Op;
using graph::OpType;
using graph::QuantizedModel;
using graph::QuantizedWeights;

constexpr std::uint32_t kSchemaVersion = 3;
constexpr std::size_t kDataAlignment = 16;
constexpr int kChannelAxis = 3;

// Code and version of an operator: the lowest version that runs int8 with the attributes that we use.
struct Builtin {
  schema::BuiltinOperator code;
  int version;
};

Builtin BuiltinOf(OpType type) {
  switch (type) {
    case OpType::kConv2D:
      return {schema::BuiltinOperator::CONV_2D, 3};
    case OpType::kDepthwiseConv2D:
      return {schema::BuiltinOperator::DEPTHWISE_CONV_2D, 3};
    case OpType::kFullyConnected:
      return {schema::BuiltinOperator::FULLY_CONNECTED, 4};
    case OpType::kAdd:
      return {schema::BuiltinOperator::ADD, 2};
    case OpType::kConcatenation:
      return {schema::BuiltinOperator::CONCATENATION, 2};
    case OpType::kAveragePool:
      return {schema::BuiltinOperator::AVERAGE_POOL_2D, 2};
    case OpType::kReshape:
      return {schema::BuiltinOperator::RESHAPE, 1};
    case OpType::kSoftmax:
      return {schema::BuiltinOperator::SOFTMAX, 2};
  }
  return {schema::BuiltinOperator::PLACEHOLDER_FOR_GREATER_OP_CODES, 1};
}

schema::ActivationFunctionType ActivationOf(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return schema::ActivationFunctionType::NONE;
    case Activation::kRelu:
      return schema::ActivationFunctionType::RELU;
    case Activation::kRelu6:
      return schema::ActivationFunctionType::RELU6;
  }
  return schema::ActivationFunctionType::NONE;
}

schema::Padding PaddingOf(const Op& op) {
  return op.padding == graph::PaddingMode::kSame ? schema::Padding::SAME : schema::Padding::VALID;
}

// Builds the file bottom-up and in one fixed order, which is what makes the bytes deterministic.
class FileBuilder {
 public:
  explicit FileBuilder(const QuantizedModel& model) : model_(model), graph_(model.graph) {}

  std::vector<std::uint8_t> Build(Outputs outputs) {
    AddBuffer(nullptr, 0);  // the format's empty sentinel; activations refer to it
    AddActivations();
    AddWeights();
    const Offset<schema::SubGraph> subgraph = BuildSubGraph(outputs);
    const auto codes = builder_.CreateVector(BuildOperatorCodes());
    const auto subgraphs = builder_.CreateVector(&subgraph, 1);
    const auto description = builder_.CreateString("photinus");
    const auto buffers = builder_.CreateVector(buffers_);
    schema::FinishModelBuffer(builder_,
                              schema::CreateModel(builder_, kSchemaVersion, codes, subgraphs, description, buffers));
    return {builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize()};
  }

 private:
  std::uint32_t AddBuffer(const void* data, std::size_t size) {
    if (size == 0) {
      buffers_.push_back(schema::CreateBuffer(builder_));
    } else {
      builder_.ForceVectorAlignment(size, 1, kDataAlignment);
      const auto bytes = builder_.CreateVector(static_cast<const std::uint8_t*>(data), size);
      buffers_.push_back(schema::CreateBuffer(builder_, bytes));
    }
    return static_cast<std::uint32_t>(buffers_.size() - 1);
  }

  Offset<schema::QuantizationParameters> BuildQuantization(const std::vector<float>& scales,
                                                           const std::vector<std::int64_t>& zero_points, int axis) {
    const auto scale = builder_.CreateVector(scales);
    const auto zero_point = builder_.CreateVector(zero_points);
    return schema::CreateQuantizationParameters(builder_, 0, 0, scale, zero_point, 0, axis);
  }

  void AddTensor(const graph::Dims& dims, schema::TensorType type, std::uint32_t buffer, const std::string& name,
                 Offset<schema::QuantizationParameters> quantization) {
    const auto shape = builder_.CreateVector(dims);
    const auto text = name.empty() ? Offset<flatbuffers::String>() : builder_.CreateString(name);
    tensors_.push_back(schema::CreateTensor(builder_, shape, type, buffer, text, quantization));
  }

  // The file's first tensors, with the graph's own indices.
  void AddActivations() {
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      const graph::Quantization& quantization = model_.tensors[i];
      AddTensor(graph_.tensors[i].dims, schema::TensorType::INT8, 0, graph_.tensors[i].name,
                BuildQuantization({quantization.scale}, {quantization.zero_point}, 0));
    }
  }

  // After them, for each op that has them, its weights and its bias; nameless, since names cost bytes in every file.
  void AddWeights() {
    for (std::size_t i = 0; i < graph_.ops.size(); ++i) {
      const Op& op = graph_.ops[i];
      if (!graph::HasWeights(op.type)) continue;
      const QuantizedWeights& weights = model_.weights[i];
      const std::vector<std::int64_t> zeros(weights.scales.size(), 0);
      weight_tensors_[i] = static_cast<int>(tensors_.size());
      const std::uint32_t data = AddBuffer(weights.weights.data(), weights.weights.size());
      AddTensor(graph::WeightDims(graph_, op), schema::TensorType::INT8, data, "",
                BuildQuantization(weights.scales, zeros, graph::ChannelAxis(op.type)));
      std::vector<float> bias_scales;
      for (const float scale : weights.scales) bias_scales.push_back(model_.tensors[op.inputs[0]].scale * scale);
      const std::uint32_t bias = AddBuffer(weights.bias.data(), weights.bias.size() * sizeof(std::int32_t));
      AddTensor({op.filters}, schema::TensorType::INT32, bias, "", BuildQuantization(bias_scales, zeros, 0));
    }
  }

  // The operators' codes in order of first use.
  std::vector<Offset<schema::OperatorCode>> BuildOperatorCodes() {
    std::vector<Offset<schema::OperatorCode>> codes;
    for (const OpType type : op_types_) {
      const auto [code, version] = BuiltinOf(type);
      const int number = static_cast<int>(code);
      codes.push_back(
          schema::CreateOperatorCode(builder_, static_cast<std::int8_t>(std::min(number, 127)), 0, version, code));
    }
    return codes;
  }

  std::uint32_t OpcodeIndex(OpType type) {
    const auto found = std::find(op_types_.begin(), op_types_.end(), type);
    if (found != op_types_.end()) return static_cast<std::uint32_t>(found - op_types_.begin());
    op_types_.push_back(type);
    return static_cast<std::uint32_t>(op_types_.size() - 1);
  }

  struct Options {
    schema::BuiltinOptions type;
    Offset<void> value;
  };

  Options BuildOptions(const Op& op) {
    const auto activation = ActivationOf(op.activation);
    switch (op.type) {
      case OpType::kConv2D:
        return {schema::BuiltinOptions::Conv2DOptions,
                schema::CreateConv2DOptions(builder_, PaddingOf(op), op.stride_w, op.stride_h, activation).Union()};
      case OpType::kDepthwiseConv2D:
        return {schema::BuiltinOptions::DepthwiseConv2DOptions,
                schema::CreateDepthwiseConv2DOptions(builder_, PaddingOf(op), op.stride_w, op.stride_h, 1, activation)
                    .Union()};
      case OpType::kFullyConnected:
        return {schema::BuiltinOptions::FullyConnectedOptions,
                schema::CreateFullyConnectedOptions(builder_, activation).Union()};
      case OpType::kAdd:
        return {schema::BuiltinOptions::AddOptions, schema::CreateAddOptions(builder_, activation).Union()};
      case OpType::kConcatenation:
        return {schema::BuiltinOptions::ConcatenationOptions,
                schema::CreateConcatenationOptions(builder_, kChannelAxis).Union()};
      case OpType::kAveragePool:
        return {schema::BuiltinOptions::Pool2DOptions,
                schema::CreatePool2DOptions(builder_, PaddingOf(op), op.stride_w, op.stride_h, op.kernel_w, op.kernel_h,
                                            activation)
                    .Union()};
      case OpType::kReshape: {
        const auto shape = builder_.CreateVector(graph_.OutputDims(op));
        return {schema::BuiltinOptions::ReshapeOptions, schema::CreateReshapeOptions(builder_, shape).Union()};
      }
      case OpType::kSoftmax:
        return {schema::BuiltinOptions::SoftmaxOptions, schema::CreateSoftmaxOptions(builder_, 1.0f).Union()};
    }
    return {schema::BuiltinOptions::NONE, 0};
  }

  Offset<schema::Operator> BuildOperator(std::size_t index) {
    const Op& op = graph_.ops[index];
    std::vector<int> input_tensors = op.inputs;
    if (const auto weights = weight_tensors_.find(index); weights != weight_tensors_.end()) {
      input_tensors.push_back(weights->second);
      input_tensors.push_back(weights->second + 1);
    }
    const Options options = BuildOptions(op);
    const auto inputs = builder_.CreateVector(input_tensors);
    const auto outputs = builder_.CreateVector(&op.output, 1);
    return schema::CreateOperator(builder_, OpcodeIndex(op.type), inputs, outputs, options.type, options.value);
  }

  Offset<schema::SubGraph> BuildSubGraph(Outputs outputs) {
    std::vector<Offset<schema::Operator>> operators;
    std::vector<int> output_tensors;
    for (std::size_t i = 0; i < graph_.ops.size(); ++i) {
      operators.push_back(BuildOperator(i));
      output_tensors.push_back(graph_.ops[i].output);
    }
    if (outputs == Outputs::kNetwork) output_tensors = {graph_.output};
    const auto tensors = builder_.CreateVector(tensors_);
    const auto input = builder_.CreateVector(&graph_.input, 1);
    const auto output = builder_.CreateVector(output_tensors);
    const auto all = builder_.CreateVector(operators);
    const auto name = builder_.CreateString(graph_.name);
    return schema::CreateSubGraph(builder_, tensors, input, output, all, name);
  }

  const QuantizedModel& model_;
  const Graph& graph_;
  FlatBufferBuilder builder_;
  std::vector<Offset<schema::Buffer>> buffers_;
  std::vector<Offset<schema::Tensor>> tensors_;
  std::vector<OpType> op_types_;
  std::map<std::size_t, int> weight_tensors_;  // op -> its weights; its bias follows
};

}  // namespace

Result<std::vector<std::uint8_t>> WriteTflite(const QuantizedModel& model, Outputs outputs) {
  PHOTINUS_RETURN_IF_ERROR(graph::ValidateModel(model));
  return FileBuilder(model).Build(outputs);
}

Result<std::int64_t> TfliteFileSize(const Graph& graph) {
  PHOTINUS_RETURN_IF_ERROR(graph::ValidateGraph(graph));
  std::vector<graph::FoldedWeights> zeros(graph.ops.size());
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    if (!graph::HasWeights(op.type)) continue;
    const std::vector<float> weights(graph::ElementCount(graph::WeightDims(graph, op)), 0);
    zeros[i] = graph::QuantizeWeights(graph, op, weights, std::vector<float>(op.filters, 0));
  }
  const std::vector<graph::Quantization> tensors(graph.tensors.size());
  PHOTINUS_ASSIGN_OR_RETURN(const QuantizedModel model, graph::AssembleQuantizedModel(graph, tensors, zeros));
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> bytes, WriteTflite(model));
  return static_cast<std::int64_t>(bytes.size());
}

}  // namespace photinus::tflite
