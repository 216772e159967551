#include "worker/tflite/reader.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "worker/tflite/schema_generated.h"

namespace photinus::tflite {
namespace {

using graph::Activation;
using graph::Dims;
using graph::Op;
using graph::OpType;
using graph::QuantizedModel;
using graph::QuantizedWeights;

constexpr std::size_t kMaxFileSize = std::size_t{256} << 20;
constexpr double kBiasScaleTolerance = 0.01;  // relative; runtimes are laxer still

template <typename T>
std::size_t SizeOf(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

Error Malformed(const std::string& what) { return InvalidArgument("not a usable .tflite file: " + what); }

// Reads one verified file. Verification guarantees that offsets lie inside the file; every index into another list is
// checked here.
class FileReader {
 public:
  explicit FileReader(const schema::Model& file) : file_(file) {}

  Result<QuantizedModel> Read() {
    if (file_.version() != 3) return Malformed("schema version " + std::to_string(file_.version()) + ", not 3");
    if (SizeOf(file_.subgraphs()) != 1) return Malformed("it must have one subgraph");
    subgraph_ = file_.subgraphs()->Get(0);
    if (SizeOf(subgraph_->inputs()) != 1 || SizeOf(subgraph_->outputs()) != 1) {
      return Malformed("it must have one input and one output");
    }
    if (SizeOf(subgraph_->tensors()) == 0 || SizeOf(subgraph_->operators()) == 0) return Malformed("it is empty");
    if (subgraph_->name() != nullptr) model_.graph.name = subgraph_->name()->str();
    PHOTINUS_RETURN_IF_ERROR(ReadActivations());
    for (const schema::Operator* op : *subgraph_->operators()) PHOTINUS_RETURN_IF_ERROR(ReadOperator(*op));
    model_.graph.input = activations_.at(subgraph_->inputs()->Get(0));
    model_.graph.output = activations_.at(subgraph_->outputs()->Get(0));
    PHOTINUS_RETURN_IF_ERROR(graph::ValidateModel(model_));
    return std::move(model_);
  }

 private:
  Result<const schema::Tensor*> TensorAt(int index) const {
    if (index < 0 || static_cast<std::size_t>(index) >= subgraph_->tensors()->size()) {
      return Malformed("tensor " + std::to_string(index) + " does not exist");
    }
    return subgraph_->tensors()->Get(index);
  }

  Result<schema::BuiltinOperator> CodeOf(const schema::Operator& op) const {
    if (op.opcode_index() >= SizeOf(file_.operator_codes())) return Malformed("an operator without operator code");
    const schema::OperatorCode* code = file_.operator_codes()->Get(op.opcode_index());
    // Files older than schema 3a have only the deprecated field.
    const int number = std::max(static_cast<int>(code->builtin_code()), int{code->deprecated_builtin_code()});
    return static_cast<schema::BuiltinOperator>(number);
  }

  // How many of an operator's inputs are activations; they stand before weights and biases.
  static int ActivationInputs(schema::BuiltinOperator code, const schema::Operator& op) {
    if (code == schema::BuiltinOperator::CONCATENATION) return static_cast<int>(SizeOf(op.inputs()));
    return code == schema::BuiltinOperator::ADD ? 2 : 1;
  }

  // Finds the activations (all but weights, biases and constants) and gives them the graph's indices in file order.
  Result<void> ReadActivations() {
    std::set<int> used = {subgraph_->inputs()->Get(0), subgraph_->outputs()->Get(0)};
    for (const schema::Operator* op : *subgraph_->operators()) {
      PHOTINUS_ASSIGN_OR_RETURN(const schema::BuiltinOperator code, CodeOf(*op));
      const int count = ActivationInputs(code, *op);
      if (SizeOf(op->outputs()) != 1 || SizeOf(op->inputs()) < static_cast<std::size_t>(std::max(count, 1))) {
        return Malformed("an operator with missing inputs or outputs");
      }
      used.insert(op->outputs()->Get(0));
      for (int i = 0; i < count; ++i) used.insert(op->inputs()->Get(i));
    }
    for (const int index : used) {
      PHOTINUS_ASSIGN_OR_RETURN(const schema::Tensor* tensor, TensorAt(index));
      PHOTINUS_RETURN_IF_ERROR(ReadActivation(index, *tensor));
    }
    return {};
  }

  Result<void> ReadActivation(int index, const schema::Tensor& tensor) {
    const std::string name = tensor.name() == nullptr ? std::string() : tensor.name()->str();
    const std::string label = "tensor " + std::to_string(index) + " '" + name + "'";
    if (tensor.type() != schema::TensorType::INT8) return Malformed(label + " must be int8");
    if (SizeOf(tensor.shape()) == 0) return Malformed(label + " has no shape");
    const schema::QuantizationParameters* quantization = tensor.quantization();
    if (quantization == nullptr || SizeOf(quantization->scale()) != 1 || SizeOf(quantization->zero_point()) != 1) {
      return Malformed(label + " must have one scale and one zero point");
    }
    const float scale = quantization->scale()->Get(0);
    if (!(scale > 0)) return Malformed(label + ": its scale is not positive");
    const std::int64_t zero_point = quantization->zero_point()->Get(0);
    if (zero_point < -128 || zero_point > 127) return Malformed(label + " has a zero point outside -128..127");
    activations_[index] = static_cast<int>(model_.graph.tensors.size());
    model_.graph.tensors.push_back({name, Dims(tensor.shape()->begin(), tensor.shape()->end())});
    model_.tensors.push_back({scale, static_cast<int>(zero_point)});
    return {};
  }

  // An op is named as its output is; a nameless or repeated one gets a number.
  std::string UniqueName(int output) {
    std::string name = model_.graph.tensors[output].name;
    const std::string number = "op" + std::to_string(model_.graph.ops.size());
    if (name.empty()) name = number;
    while (!names_.insert(name).second) name += "." + number;
    return name;
  }

  static Result<Activation> ReadActivationFunction(schema::ActivationFunctionType type) {
    switch (type) {
      case schema::ActivationFunctionType::NONE:
        return Activation::kNone;
      case schema::ActivationFunctionType::RELU:
        return Activation::kRelu;
      case schema::ActivationFunctionType::RELU6:
        return Activation::kRelu6;
    }
    return Malformed("activation function " + std::to_string(static_cast<int>(type)) + " is not supported");
  }

  // Options of convolutions and pools share field names, but no type.
  template <typename Options>
  Result<void> ReadWindow(const Options* options, Op& op) {
    if (options == nullptr) return Malformed("operator '" + op.name + "' has no options");
    op.padding = options->padding() == schema::Padding::SAME ? graph::PaddingMode::kSame : graph::PaddingMode::kValid;
    if (options->padding() != schema::Padding::SAME && options->padding() != schema::Padding::VALID) {
      return Malformed("operator '" + op.name + "' has an unknown padding");
    }
    op.stride_h = options->stride_h();
    op.stride_w = options->stride_w();
    PHOTINUS_ASSIGN_OR_RETURN(op.activation, ReadActivationFunction(options->fused_activation_function()));
    return {};
  }

  template <typename Options>
  Result<void> CheckDilation(const Options* options, const Op& op) {
    if (options->dilation_h_factor() == 1 && options->dilation_w_factor() == 1) return {};
    return Malformed("operator '" + op.name + "' is dilated, which is not supported");
  }

  Result<void> ReadConv(const schema::Operator& source, Op& op) {
    op.type = OpType::kConv2D;
    const schema::Conv2DOptions* options = source.builtin_options_as_Conv2DOptions();
    PHOTINUS_RETURN_IF_ERROR(ReadWindow(options, op));
    return CheckDilation(options, op);
  }

  Result<void> ReadDepthwise(const schema::Operator& source, Op& op) {
    op.type = OpType::kDepthwiseConv2D;
    const schema::DepthwiseConv2DOptions* options = source.builtin_options_as_DepthwiseConv2DOptions();
    PHOTINUS_RETURN_IF_ERROR(ReadWindow(options, op));
    return CheckDilation(options, op);
  }

  Result<void> ReadFullyConnected(const schema::Operator& source, Op& op) {
    op.type = OpType::kFullyConnected;
    const schema::FullyConnectedOptions* options = source.builtin_options_as_FullyConnectedOptions();
    if (options == nullptr) return Malformed("operator '" + op.name + "' has no options");
    if (options->weights_format() != 0) return Malformed("operator '" + op.name + "' has shuffled weights");
    PHOTINUS_ASSIGN_OR_RETURN(op.activation, ReadActivationFunction(options->fused_activation_function()));
    return {};
  }

  Result<void> ReadPool(const schema::Operator& source, Op& op) {
    op.type = OpType::kAveragePool;
    const schema::Pool2DOptions* options = source.builtin_options_as_Pool2DOptions();
    PHOTINUS_RETURN_IF_ERROR(ReadWindow(options, op));
    op.kernel_h = options->filter_height();
    op.kernel_w = options->filter_width();
    return {};
  }

  Result<void> ReadAdd(const schema::Operator& source, Op& op) {
    op.type = OpType::kAdd;
    const schema::AddOptions* options = source.builtin_options_as_AddOptions();
    if (options == nullptr) return {};
    PHOTINUS_ASSIGN_OR_RETURN(op.activation, ReadActivationFunction(options->fused_activation_function()));
    return {};
  }

  Result<void> ReadConcatenation(const schema::Operator& source, Op& op) {
    op.type = OpType::kConcatenation;
    const schema::ConcatenationOptions* options = source.builtin_options_as_ConcatenationOptions();
    if (options == nullptr) return Malformed("operator '" + op.name + "' has no options");
    if (options->axis() != 3 && options->axis() != -1) {
      return Malformed("operator '" + op.name + "' must join channels, axis 3");
    }
    PHOTINUS_ASSIGN_OR_RETURN(const Activation activation,
                              ReadActivationFunction(options->fused_activation_function()));
    if (activation == Activation::kNone) return {};
    return Malformed("operator '" + op.name + "': a concatenation with an activation function is not supported");
  }

  Result<void> ReadSoftmax(const schema::Operator& source, Op& op) {
    op.type = OpType::kSoftmax;
    const schema::SoftmaxOptions* options = source.builtin_options_as_SoftmaxOptions();
    if (options == nullptr || options->beta() != 1.0f) return Malformed("operator '" + op.name + "' needs beta 1");
    return {};
  }

  Result<void> ReadOptions(schema::BuiltinOperator code, const schema::Operator& source, Op& op) {
    switch (code) {
      case schema::BuiltinOperator::CONV_2D:
        return ReadConv(source, op);
      case schema::BuiltinOperator::DEPTHWISE_CONV_2D:
        return ReadDepthwise(source, op);
      case schema::BuiltinOperator::FULLY_CONNECTED:
        return ReadFullyConnected(source, op);
      case schema::BuiltinOperator::AVERAGE_POOL_2D:
        return ReadPool(source, op);
      case schema::BuiltinOperator::ADD:
        return ReadAdd(source, op);
      case schema::BuiltinOperator::CONCATENATION:
        return ReadConcatenation(source, op);
      case schema::BuiltinOperator::SOFTMAX:
        return ReadSoftmax(source, op);
      case schema::BuiltinOperator::RESHAPE:
        op.type = OpType::kReshape;
        return {};
      case schema::BuiltinOperator::PLACEHOLDER_FOR_GREATER_OP_CODES:
        break;
    }
    return Malformed(
        "operator '" + op.name + "' has code " + std::to_string(static_cast<int>(code)) +
        ", which is not supported; supported: ADD, AVERAGE_POOL_2D, CONCATENATION, CONV_2D, DEPTHWISE_CONV_2D, "
        "FULLY_CONNECTED, RESHAPE, SOFTMAX");
  }

  Result<void> ReadOperator(const schema::Operator& source) {
    PHOTINUS_ASSIGN_OR_RETURN(const schema::BuiltinOperator code, CodeOf(source));
    Op op;
    const int inputs = ActivationInputs(code, source);
    for (int i = 0; i < inputs; ++i) op.inputs.push_back(activations_.at(source.inputs()->Get(i)));
    op.output = activations_.at(source.outputs()->Get(0));
    op.name = UniqueName(op.output);
    PHOTINUS_RETURN_IF_ERROR(ReadOptions(code, source, op));
    QuantizedWeights weights;
    if (graph::HasWeights(op.type)) PHOTINUS_RETURN_IF_ERROR(ReadWeights(source, op, weights));
    model_.graph.ops.push_back(std::move(op));
    model_.weights.push_back(std::move(weights));
    return {};
  }

  // The bytes of a constant tensor, of which there must be `size`.
  Result<const std::uint8_t*> Data(const schema::Tensor& tensor, std::size_t size, const std::string& op) const {
    if (tensor.buffer() < SizeOf(file_.buffers())) {
      const auto* data = file_.buffers()->Get(tensor.buffer())->data();
      if (SizeOf(data) == size) return data->data();
    }
    return Malformed("operator '" + op + "': a buffer is missing or has not " + std::to_string(size) + " bytes");
  }

  Result<void> ReadWeights(const schema::Operator& source, Op& op, QuantizedWeights& weights) {
    const auto fail = [&op](const char* what) { return Malformed("operator '" + op.name + "': " + what); };
    if (source.inputs()->size() < 2) return fail("has no weights");
    PHOTINUS_ASSIGN_OR_RETURN(const schema::Tensor* tensor, TensorAt(source.inputs()->Get(1)));
    if (tensor->type() != schema::TensorType::INT8) return fail("its weights must be int8");
    const Dims dims = tensor->shape() == nullptr ? Dims() : Dims(tensor->shape()->begin(), tensor->shape()->end());
    PHOTINUS_RETURN_IF_ERROR(SetWeightDims(dims, op));
    const std::size_t count = static_cast<std::size_t>(graph::ElementCount(dims));
    PHOTINUS_ASSIGN_OR_RETURN(const std::uint8_t* data, Data(*tensor, count, op.name));
    weights.weights.resize(count);
    std::memcpy(weights.weights.data(), data, count);
    PHOTINUS_RETURN_IF_ERROR(ReadScales(tensor->quantization(), op, weights));
    const int bias = source.inputs()->size() < 3 ? -1 : source.inputs()->Get(2);
    if (bias >= 0) return ReadBias(bias, op, weights);
    weights.bias.assign(op.filters, 0);
    return {};
  }

  // Takes filters and kernel from the weights' sizes; that they fit the input, ValidateModel checks by their count.
  static Result<void> SetWeightDims(const Dims& dims, Op& op) {
    const std::size_t axes = op.type == OpType::kFullyConnected ? 2 : 4;
    std::int64_t count = 1;
    for (const int dim : dims) {
      if (dim < 1 || (count *= dim) > static_cast<std::int64_t>(kMaxFileSize)) count = 0;
      if (count == 0) break;
    }
    if (dims.size() != axes || count == 0) return Malformed("operator '" + op.name + "': its weights' shape is wrong");
    op.filters = dims[graph::ChannelAxis(op.type)];
    if (op.type == OpType::kDepthwiseConv2D && dims[0] != 1) {
      return Malformed("operator '" + op.name + "': its weights' shape is wrong");
    }
    if (axes == 2) return {};
    op.kernel_h = dims[1];
    op.kernel_w = dims[2];
    return {};
  }

  static Result<void> ReadScales(const schema::QuantizationParameters* source, const Op& op,
                                 QuantizedWeights& weights) {
    const auto fail = [&op](const char* what) { return Malformed("operator '" + op.name + "': " + what); };
    if (source == nullptr || SizeOf(source->scale()) == 0) return fail("its weights have no scale");
    for (std::size_t i = 0; i < SizeOf(source->zero_point()); ++i) {
      if (source->zero_point()->Get(i) != 0) return fail("its weights' zero point must be 0");
    }
    weights.scales.assign(source->scale()->begin(), source->scale()->end());
    if (op.type == OpType::kFullyConnected) return {};  // per tensor; ValidateModel checks the count
    if (weights.scales.size() == 1) weights.scales.assign(op.filters, source->scale()->Get(0));
    const bool per_channel = source->scale()->size() > 1;
    if (per_channel && source->quantized_dimension() != graph::ChannelAxis(op.type)) {
      return fail("its weights' scales lie along the wrong axis");
    }
    return {};
  }

  Result<void> ReadBias(int index, const Op& op, QuantizedWeights& weights) const {
    const auto fail = [&op](const char* what) { return Malformed("operator '" + op.name + "': " + what); };
    PHOTINUS_ASSIGN_OR_RETURN(const schema::Tensor* tensor, TensorAt(index));
    if (tensor->type() != schema::TensorType::INT32) return fail("its bias must be int32");
    const std::size_t size = static_cast<std::size_t>(op.filters) * sizeof(std::int32_t);
    PHOTINUS_ASSIGN_OR_RETURN(const std::uint8_t* data, Data(*tensor, size, op.name));
    weights.bias.resize(op.filters);
    std::memcpy(weights.bias.data(), data, size);  // the format is little-endian, as every host of ours
    const schema::QuantizationParameters* quantization = tensor->quantization();
    const std::size_t scales = quantization == nullptr ? 0 : SizeOf(quantization->scale());
    for (std::size_t i = 0; i < std::min(scales, weights.scales.size()); ++i) {
      const double expected = double{model_.tensors[op.inputs[0]].scale} * weights.scales[i];
      const double difference = std::abs(quantization->scale()->Get(i) - expected);
      if (!(difference <= kBiasScaleTolerance * std::abs(expected))) {
        return fail("its bias' scale is not input scale * weight scale");
      }
    }
    return {};
  }

  const schema::Model& file_;
  const schema::SubGraph* subgraph_ = nullptr;
  std::map<int, int> activations_;  // the file's tensor -> the graph's
  std::set<std::string> names_;
  QuantizedModel model_;
};

}  // namespace

Result<QuantizedModel> ReadTflite(const std::vector<std::uint8_t>& bytes) {
  if (bytes.size() > kMaxFileSize) return Malformed("it is larger than 256 MiB");
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  if (!schema::VerifyModelBuffer(verifier)) {
    return Malformed("the verifier found no intact TFL3 flatbuffer in its " + std::to_string(bytes.size()) + " bytes");
  }
  return FileReader(*schema::GetModel(bytes.data())).Read();
}

}  // namespace photinus::tflite
