#include "worker/xnnpack/operators.h"

#include "worker/tflite/kernel.h"
#include "worker/xnnpack/full_taps.h"

namespace photinus::xnnpack {
namespace {

using graph::Dims;
using graph::Op;
using graph::OpType;
using graph::Quantization;
using graph::QuantizedModel;

// What all operators are told of their output.
struct Output {
  std::int8_t zero_point;
  float scale;
  std::int8_t min;
  std::int8_t max;
};

Output OutputOf(const QuantizedModel& model, const Op& op) {
  const Quantization& quantization = model.tensors[op.output];
  const tflite::Limits limits = tflite::ActivationLimits(op.activation, quantization);
  return {static_cast<std::int8_t>(quantization.zero_point), quantization.scale, static_cast<std::int8_t>(limits.low),
          static_cast<std::int8_t>(limits.high)};
}

std::string Name(const Op& op) { return "op '" + op.name + "'"; }

// What creating an operator made: null where XNNPACK refuses the numbers.
Result<Operator> Made(xnn_status status, xnn_operator_t made, const Op& op) {
  if (status == xnn_status_invalid_parameter || status == xnn_status_unsupported_parameter) return Operator();
  PHOTINUS_RETURN_IF_ERROR(Check(status, Name(op)));
  return Operator(made);
}

Result<Operator> MakeConvolution(const QuantizedModel& model, std::size_t index, std::size_t batch,
                                 const Buffers& buffers, pthreadpool_t threads) {
  const Op& op = model.graph.ops[index];
  const Dims& input = model.graph.InputDims(op);
  const graph::QuantizedWeights& weights = model.weights[index];
  const Quantization& quantization = model.tensors[op.inputs[0]];
  const Output output = OutputOf(model, op);
  const graph::Padding padding = graph::OpPadding(model.graph, op);
  const bool depthwise = op.type == OpType::kDepthwiseConv2D;
  DepthwiseKernel kernel = {op.kernel_h, op.kernel_w, weights.weights};
  if (depthwise) kernel = WithFullTaps(kernel);
  const std::size_t channels = input[3], filters = op.filters;
  xnn_operator_t made = nullptr;
  const xnn_status status = xnn_create_convolution2d_nhwc_qc8(
      padding.top, padding.right + kernel.width - op.kernel_w, padding.bottom + kernel.height - op.kernel_h,
      padding.left, kernel.height, kernel.width, op.stride_h, op.stride_w, /*dilation_height=*/1, /*dilation_width=*/1,
      depthwise ? op.filters : 1, depthwise ? 1 : channels, depthwise ? 1 : filters, channels, filters,
      static_cast<std::int8_t>(quantization.zero_point), quantization.scale, weights.scales.data(),
      kernel.weights.data(), weights.bias.data(), output.zero_point, output.scale, output.min, output.max,
      depthwise ? XNN_FLAG_DEPTHWISE_CONVOLUTION : 0, &made);
  PHOTINUS_ASSIGN_OR_RETURN(Operator convolution, Made(status, made, op));
  if (convolution == nullptr) return convolution;
  PHOTINUS_RETURN_IF_ERROR(Check(
      xnn_setup_convolution2d_nhwc_qc8(made, batch, input[1], input[2], buffers.inputs[0], buffers.output, threads),
      Name(op)));
  return convolution;
}

Result<Operator> MakeFullyConnected(const QuantizedModel& model, std::size_t index, std::size_t batch,
                                    const Buffers& buffers, pthreadpool_t threads) {
  const Op& op = model.graph.ops[index];
  const graph::QuantizedWeights& weights = model.weights[index];
  const Quantization& quantization = model.tensors[op.inputs[0]];
  const Output output = OutputOf(model, op);
  const std::size_t features = weights.weights.size() / op.filters, filters = op.filters;
  xnn_operator_t made = nullptr;
  const xnn_status status = xnn_create_fully_connected_nc_qs8(
      features, filters, features, filters, static_cast<std::int8_t>(quantization.zero_point), quantization.scale,
      weights.scales[0], weights.weights.data(), weights.bias.data(), output.zero_point, output.scale, output.min,
      output.max, /*flags=*/0, &made);
  PHOTINUS_ASSIGN_OR_RETURN(Operator connected, Made(status, made, op));
  if (connected == nullptr) return connected;
  PHOTINUS_RETURN_IF_ERROR(
      Check(xnn_setup_fully_connected_nc_qs8(made, batch, buffers.inputs[0], buffers.output, threads), Name(op)));
  return connected;
}

Result<Operator> MakeAdd(const QuantizedModel& model, std::size_t index, std::size_t batch, const Buffers& buffers,
                         pthreadpool_t threads) {
  const Op& op = model.graph.ops[index];
  const Quantization& left = model.tensors[op.inputs[0]];
  const Quantization& right = model.tensors[op.inputs[1]];
  const Output output = OutputOf(model, op);
  xnn_operator_t made = nullptr;
  const xnn_status status = xnn_create_add_nd_qs8(
      static_cast<std::int8_t>(left.zero_point), left.scale, static_cast<std::int8_t>(right.zero_point), right.scale,
      output.zero_point, output.scale, output.min, output.max, /*flags=*/0, &made);
  PHOTINUS_ASSIGN_OR_RETURN(Operator add, Made(status, made, op));
  if (add == nullptr) return add;
  const std::size_t count = batch * static_cast<std::size_t>(graph::ElementCount(model.graph.OutputDims(op)));
  PHOTINUS_RETURN_IF_ERROR(Check(
      xnn_setup_add_nd_qs8(made, 1, &count, 1, &count, buffers.inputs[0], buffers.inputs[1], buffers.output, threads),
      Name(op)));
  return add;
}

}  // namespace

Result<Operator> MakeOperator(const QuantizedModel& model, std::size_t index, std::size_t batch, const Buffers& buffers,
                              pthreadpool_t threads) {
  switch (model.graph.ops[index].type) {
    case OpType::kConv2D:
    case OpType::kDepthwiseConv2D:
      return MakeConvolution(model, index, batch, buffers, threads);
    case OpType::kFullyConnected:
      return MakeFullyConnected(model, index, batch, buffers, threads);
    case OpType::kAdd:
      return MakeAdd(model, index, batch, buffers, threads);
    case OpType::kAveragePool:
    case OpType::kConcatenation:
    case OpType::kReshape:
    case OpType::kSoftmax:
      return Operator();
  }
  return Internal(Name(model.graph.ops[index]) + " is of no known type");
}

Result<void> Check(xnn_status status, const std::string& what) {
  switch (status) {
    case xnn_status_success:
      return {};
    case xnn_status_out_of_memory:
      return Unavailable(what + ": XNNPACK is out of memory");
    case xnn_status_unsupported_hardware:
      return Unavailable(what + ": XNNPACK does not run on this processor");
    default:
      return Internal(what + ": XNNPACK's status is " + std::to_string(status));
  }
}

}  // namespace photinus::xnnpack
