#include "tests/benchmarks/training/bare_loop.h"

#include <torch/cuda.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace photinus {
namespace {

using graph::Op;
using graph::OpType;
using torch::Tensor;

constexpr float kDecay = 0.99f;  // of ranges

Tensor Padded(const graph::Graph& graph, const Op& op, const Tensor& input) {
  const graph::Padding padding = graph::OpPadding(graph, op);
  if (padding == graph::Padding{}) return input;
  return torch::constant_pad_nd(input, {padding.left, padding.right, padding.top, padding.bottom}, 0);
}

Tensor Activated(graph::Activation activation, const Tensor& input) {
  if (activation == graph::Activation::kRelu) return torch::relu(input);
  if (activation == graph::Activation::kRelu6) return torch::clamp(input, 0, 6);
  return input;
}

Tensor QuantizedWeights(const Tensor& weight, bool per_channel) {
  if (!per_channel) {
    const double scale = std::max(1e-8, weight.detach().abs().max().item<double>() / 127);
    return torch::fake_quantize_per_tensor_affine(weight, scale, 0, -127, 127);
  }
  const Tensor flat = weight.detach().reshape({weight.size(0), -1});
  const Tensor scales = std::get<0>(flat.abs().max(1)).clamp_min(1e-8) / 127;
  const Tensor zero = torch::zeros({weight.size(0)}, scales.options().dtype(torch::kInt32));
  return torch::fake_quantize_per_channel_affine(weight, scales, zero, 0, -127, 127);
}

}  // namespace

BareLoop::BareLoop(const graph::Graph& graph, Tensor clips, Tensor labels, int batch_size, const torch::Device& device)
    : graph_(graph),
      device_(device),
      clips_(std::move(clips)),
      labels_(std::move(labels)),
      batch_size_(batch_size),
      layers_(graph_.ops.size()),
      ranges_(graph_.tensors.size()) {
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (graph::HasWeights(graph_.ops[i].type)) MakeLayer(graph_.ops[i], layers_[i]);
  }
  optimizer_ = std::make_unique<torch::optim::AdamW>(parameters_, torch::optim::AdamWOptions(4e-3).weight_decay(1e-2));
}

void BareLoop::MakeLayer(const Op& op, Layer& layer) {
  const auto parameter = [this](const Tensor& values) {
    parameters_.push_back(values.to(device_).requires_grad_(true));
    return parameters_.back();
  };
  const int64_t inputs = op.type == OpType::kDepthwiseConv2D ? 1 : graph_.InputDims(op).back();
  std::vector<int64_t> sizes = {op.filters, inputs};
  if (op.type != OpType::kFullyConnected) sizes.insert(sizes.end(), {op.kernel_h, op.kernel_w});
  const Tensor weight = torch::randn(sizes);
  layer.weight = parameter(weight * std::sqrt(2.0 * op.filters / static_cast<double>(weight.numel())));
  if (!op.batch_norm) {
    layer.bias = parameter(torch::zeros({op.filters}));
    return;
  }
  layer.gamma = parameter(torch::ones({op.filters}));
  layer.beta = parameter(torch::zeros({op.filters}));
  layer.mean = torch::zeros({op.filters}).to(device_);
  layer.variance = torch::ones({op.filters}).to(device_);
}

Moment BareLoop::Train(int64_t batches, bool fake_quantize) {
  const Moment start = Moment::Now();
  for (int64_t i = 0; i < batches; ++i) {
    if (next_ + batch_size_ > clips_.size(0)) next_ = 0;
    const Tensor input = clips_.narrow(0, next_, batch_size_), labels = labels_.narrow(0, next_, batch_size_);
    next_ += batch_size_;
    optimizer_->zero_grad();
    const Tensor logits = Forward(input, fake_quantize);
    const Tensor loss = torch::cross_entropy_loss(logits, labels, {}, at::Reduction::Mean, -100, 0.1);
    loss.backward();
    optimizer_->step();
  }
  if (device_.is_cuda()) torch::cuda::synchronize();
  return Moment::Now() - start;
}

Tensor BareLoop::Forward(const Tensor& input, bool fake_quantize) {
  std::vector<Tensor> tensors(graph_.tensors.size());
  const auto keep = [&](int tensor, const Tensor& values, bool rounds) {
    const auto index = static_cast<size_t>(tensor);
    tensors[index] = fake_quantize && rounds ? Quantized(values, ranges_[index]) : values;
  };
  keep(graph_.input, input, true);
  for (size_t i = 0; i < graph_.ops.size(); ++i) {
    const Op& op = graph_.ops[i];
    const Tensor& from = tensors[static_cast<size_t>(op.inputs[0])];
    switch (op.type) {
      case OpType::kSoftmax:
        return from;
      case OpType::kReshape:
        keep(op.output, from.flatten(1), false);
        break;
      case OpType::kAveragePool:
        keep(op.output,
             torch::avg_pool2d(Padded(graph_, op, from), {op.kernel_h, op.kernel_w}, {op.stride_h, op.stride_w}),
             false);
        break;
      case OpType::kConcatenation: {
        std::vector<Tensor> parts;
        for (const int part : op.inputs) parts.push_back(tensors[static_cast<size_t>(part)]);
        keep(op.output, torch::cat(parts, 1), false);
        break;
      }
      case OpType::kAdd:
        keep(op.output, Activated(op.activation, from + tensors[static_cast<size_t>(op.inputs[1])]), true);
        break;
      default:
        keep(op.output, Activated(op.activation, Weighted(op, layers_[i], from, fake_quantize)), true);
    }
  }
  throw std::logic_error("a graph without softmax");
}

Tensor BareLoop::Weighted(const Op& op, const Layer& layer, const Tensor& input, bool fake_quantize) const {
  const bool is_linear = op.type == OpType::kFullyConnected;
  const Tensor weight = fake_quantize ? QuantizedWeights(layer.weight, !is_linear) : layer.weight;
  if (is_linear) return torch::linear(input, weight, layer.bias);
  const int64_t groups = op.type == OpType::kDepthwiseConv2D ? op.filters : 1;
  const std::vector<int64_t> strides = {op.stride_h, op.stride_w}, none = {0, 0}, dilation = {1, 1};
  const Tensor output = torch::conv2d(Padded(graph_, op, input), weight, layer.bias, strides, none, dilation, groups);
  if (!op.batch_norm) return output;
  return torch::batch_norm(output, layer.gamma, layer.beta, layer.mean, layer.variance, true, 0.1, 1e-3, true);
}

Tensor BareLoop::Quantized(const Tensor& values, Range& range) const {
  const auto [minimum, maximum] = torch::aminmax(values.detach());
  const float low = std::min(0.0f, minimum.item<float>()), high = std::max(0.0f, maximum.item<float>());
  range.low = range.seen ? kDecay * range.low + (1 - kDecay) * low : low;
  range.high = range.seen ? kDecay * range.high + (1 - kDecay) * high : high;
  range.seen = true;
  const double scale = std::max(1e-8, static_cast<double>(range.high - range.low) / 255);
  const auto zero = static_cast<int64_t>(std::lround(-128 - range.low / scale));
  return torch::fake_quantize_per_tensor_affine(values, scale, std::clamp<int64_t>(zero, -128, 127), -128, 127);
}

}  // namespace photinus
