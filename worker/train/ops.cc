#include "worker/train/ops.h"

#include <vector>

#include "worker/train/convolution.h"
#include "worker/train/depthwise.h"

namespace photinus::train {
namespace {

using graph::Activation;
using graph::OpType;

}  // namespace

Tensor FromChannelsLast(const Tensor& input) { return input.permute({0, 3, 1, 2}); }

Tensor ApplyWeights(const graph::Graph& graph, const graph::Op& op, const Tensor& input, const Tensor& weight,
                    const Tensor& bias) {
  if (op.type == OpType::kFullyConnected) return torch::linear(input, weight, bias);
  const graph::Padding padding = graph::OpPadding(graph, op);
  const auto convolution = op.type == OpType::kConv2D ? Convolution : DepthwiseConvolution;
  const Tensor output = convolution(input, weight, padding, op.stride_h, op.stride_w);
  return bias.defined() ? output + bias.reshape({1, -1, 1, 1}) : output;
}

Tensor ApplyAveragePool(const graph::Graph& graph, const graph::Op& op, const Tensor& input) {
  const graph::Padding padding = graph::OpPadding(graph, op);
  const std::vector<int64_t> kernel = {op.kernel_h, op.kernel_w};
  const std::vector<int64_t> strides = {op.stride_h, op.stride_w};
  if (padding == graph::Padding{}) return torch::avg_pool2d(input, kernel, strides);
  const std::vector<int64_t> sides = {padding.left, padding.right, padding.top, padding.bottom};
  const Tensor inside =
      torch::constant_pad_nd(torch::ones({1, 1, input.size(2), input.size(3)}, input.options()), sides);
  return torch::avg_pool2d(torch::constant_pad_nd(input, sides), kernel, strides) /
         torch::avg_pool2d(inside, kernel, strides);
}

Tensor ApplyRoundedAveragePool(const graph::Graph& graph, const graph::Op& op, const Tensor& input,
                               const graph::Quantization& grid) {
  // Of a mean as a float: more than its error, and less than 1 / (2 x values of a window) for windows of 3,000 values.
  constexpr double kError = 1e-4;
  const auto rounded_mean = [&] {
    const torch::NoGradGuard no_grad;
    const Tensor mean = ApplyAveragePool(graph, op, (input / grid.scale).round() + grid.zero_point);
    const Tensor integers = mean.sign() * (mean.abs() + 0.5 + kError).floor();
    return (integers - grid.zero_point) * grid.scale;
  };
  if (!torch::GradMode::is_enabled()) return rounded_mean();
  const Tensor mean = ApplyAveragePool(graph, op, input);
  return mean + (rounded_mean() - mean.detach());
}

Tensor ApplyConcatenation(const graph::Op& op, const std::vector<Tensor>& tensors) {
  std::vector<Tensor> inputs;
  for (const int input : op.inputs) inputs.push_back(tensors[static_cast<size_t>(input)]);
  return torch::cat(inputs, 1);
}

Tensor ApplyReshape(const graph::Dims& dims, const Tensor& input) {
  const int64_t batch = input.size(0);
  const Tensor channels_last = input.dim() == 4 ? input.permute({0, 2, 3, 1}) : input;
  std::vector<int64_t> sizes(dims.begin(), dims.end());
  sizes[0] = batch;
  const Tensor reshaped = channels_last.reshape(sizes);
  return dims.size() == 4 ? FromChannelsLast(reshaped) : reshaped;
}

Tensor ApplyActivation(Activation activation, Tensor values) {
  const bool in_place = !torch::GradMode::is_enabled();
  switch (activation) {
    case Activation::kNone:
      return values;
    case Activation::kRelu:
      return in_place ? torch::relu_(values) : torch::relu(values);
    case Activation::kRelu6:
      return in_place ? torch::clamp_(values, 0, 6) : torch::clamp(values, 0, 6);
  }
  return values;
}

}  // namespace photinus::train
