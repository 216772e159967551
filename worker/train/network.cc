#include "worker/train/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "worker/data/random.h"
#include "worker/graph/quantize.h"
#include "worker/train/fold.h"
#include "worker/train/ops.h"

namespace photinus::train {
namespace {

using graph::Op;
using graph::OpType;

constexpr double kBatchNormMomentum = 0.1;

// Sizes of the op's weight in libtorch's order.
std::vector<int64_t> WeightSizes(const graph::Graph& graph, const Op& op) {
  if (op.type == OpType::kFullyConnected) return {op.filters, graph.InputDims(op).back()};
  const int64_t inputs = op.type == OpType::kDepthwiseConv2D ? 1 : graph.InputDims(op).back();
  return {op.filters, inputs, op.kernel_h, op.kernel_w};
}

int64_t Product(const std::vector<int64_t>& sizes) {
  int64_t product = 1;
  for (const int64_t size : sizes) product *= size;
  return product;
}

// A row of numbers as a tensor of these sizes, whose memory order is channels last if it has four.
Tensor ViewChannelsLast(const Tensor& row, const std::vector<int64_t>& sizes) {
  if (sizes.size() != 4) return row.view(sizes);
  return row.view({sizes[0], sizes[2], sizes[3], sizes[1]}).permute({0, 3, 1, 2});
}

}  // namespace

Network::Network(graph::Graph graph, uint64_t seed, const torch::Device& device)
    : graph_(std::move(graph)),
      device_(device),
      sources_(graph::QuantizationSources(graph_)),
      layers_(graph_.ops.size()),
      ranges_(graph_.tensors.size()) {
  for (const Op& op : graph_.ops) {
    if (op.activation == graph::Activation::kRelu6) ranges_[static_cast<size_t>(op.output)] = {0, 6, true, true};
  }
  MakeParameters(seed);
}

void Network::MakeParameters(uint64_t seed) {
  data::Random random(seed);
  std::vector<float> initial, decayed;
  for (const Op& op : graph_.ops) {
    if (!graph::HasWeights(op.type)) continue;
    const std::vector<int64_t> sizes = WeightSizes(graph_, op);
    const double deviation = std::sqrt(2.0 * static_cast<double>(op.filters) / static_cast<double>(Product(sizes)));
    for (int64_t i = 0; i < Product(sizes); ++i) initial.push_back(static_cast<float>(deviation * random.Normal()));
    decayed.resize(initial.size(), 1.0f);
    if (op.batch_norm) initial.resize(initial.size() + static_cast<size_t>(op.filters), 1.0f);  // gamma
    initial.resize(initial.size() + static_cast<size_t>(op.filters), 0.0f);                     // beta or bias
    decayed.resize(initial.size(), 0.0f);
  }
  values_ = torch::tensor(initial).to(device_);
  decayed_ = torch::tensor(decayed).to(device_);
  gradients_ = torch::zeros_like(values_);
  int64_t offset = 0;
  const auto take = [&](const std::vector<int64_t>& sizes) {
    const auto view = [&](const Tensor& row) { return ViewChannelsLast(row.narrow(0, offset, Product(sizes)), sizes); };
    Tensor leaf = view(values_).detach().requires_grad_(true);
    SetGradient(leaf, view(gradients_));
    offset += Product(sizes);
    return leaf;
  };
  for (size_t i = 0; i < graph_.ops.size(); ++i) {
    const Op& op = graph_.ops[i];
    if (!graph::HasWeights(op.type)) continue;
    Layer& layer = layers_[i];
    layer.weight = take(WeightSizes(graph_, op));
    if (op.batch_norm) {
      layer.gamma = take({op.filters});
      layer.beta = take({op.filters});
      layer.mean = torch::zeros({op.filters}, values_.options());
      layer.variance = torch::ones({op.filters}, values_.options());
    } else {
      layer.bias = take({op.filters});
    }
  }
}

std::vector<Tensor> Network::Statistics() const {
  std::vector<Tensor> statistics;
  for (const Layer& layer : layers_) {
    if (layer.mean.defined()) statistics.insert(statistics.end(), {layer.mean, layer.variance});
  }
  return statistics;
}

Tensor Network::Forward(const Tensor& input, const ForwardMode& mode) {
  std::vector<Tensor> tensors(graph_.tensors.size());
  tensors[static_cast<size_t>(graph_.input)] = Finish(graph_.input, FromChannelsLast(input), true, mode);
  for (size_t i = 0; i < graph_.ops.size(); ++i) {
    const Op& op = graph_.ops[i];
    if (op.type == OpType::kSoftmax) return tensors[static_cast<size_t>(op.inputs[0])];
    tensors[static_cast<size_t>(op.output)] = RunOp(op, layers_[i], tensors, mode);
  }
  return tensors[static_cast<size_t>(graph_.output)];
}

Tensor Network::RunOp(const Op& op, const Layer& layer, const std::vector<Tensor>& tensors, const ForwardMode& mode) {
  const Tensor& input = tensors[static_cast<size_t>(op.inputs[0])];
  Tensor output;
  switch (op.type) {
    case OpType::kAdd:
      output = input + tensors[static_cast<size_t>(op.inputs[1])];
      break;
    case OpType::kConcatenation:
      return ApplyConcatenation(op, tensors);
    case OpType::kAveragePool:
      output = mode.fake_quantize ? ApplyRoundedAveragePool(graph_, op, input, QuantizationOf(op.inputs[0]))
                                  : ApplyAveragePool(graph_, op, input);
      break;
    case OpType::kReshape:
      return ApplyReshape(graph_.OutputDims(op), input);
    default:
      output = RunWeighted(op, layer, input, mode);
  }
  return Finish(op.output, ApplyActivation(op.activation, output), !graph::KeepsQuantization(op.type), mode);
}

Tensor Network::RunWeighted(const Op& op, const Layer& layer, const Tensor& input, const ForwardMode& mode) {
  const Tensor weight = mode.fake_quantize ? FakeQuantizeWeights(layer.weight, HasScalePerChannel(op)) : layer.weight;
  Tensor shift = op.batch_norm ? layer.beta : layer.bias;
  // The statistics of one batch say nothing of the folded bias.
  if (mode.fake_quantize && !mode.batch_statistics) {
    shift = shift + BiasRounding(op, layer, QuantizationOf(op.inputs[0]).scale);
  }
  if (!op.batch_norm) return ApplyWeights(graph_, op, input, weight, shift);
  return torch::batch_norm(ApplyWeights(graph_, op, input, weight, Tensor()), layer.gamma, shift, layer.mean,
                           layer.variance, mode.batch_statistics, kBatchNormMomentum, kBatchNormEpsilon,
                           /*cudnn_enabled=*/true);
}

// Rounds an activation and, if it has values that its inputs had not, observes it first.
Tensor Network::Finish(int tensor, const Tensor& values, bool new_values, const ForwardMode& mode) {
  if (mode.observe && new_values) Observe(values, ranges_[static_cast<size_t>(tensor)]);
  return mode.fake_quantize ? FakeQuantize(values, QuantizationOf(tensor)) : values;
}

graph::Quantization Network::QuantizationOf(int tensor) const {
  const int source = sources_[static_cast<size_t>(tensor)];
  float low = 0, high = 0;
  for (size_t i = 0; i < ranges_.size(); ++i) {
    if (sources_[i] != source) continue;
    low = std::min(low, ranges_[i].low);
    high = std::max(high, ranges_[i].high);
  }
  return graph::ActivationQuantization(low, high);
}

}  // namespace photinus::train
