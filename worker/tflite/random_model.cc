#include "worker/tflite/random_model.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "common/spaces/split_mix.h"
#include "worker/graph/graph_builder.h"
#include "worker/graph/quantize.h"

namespace photinus::tflite {
namespace {

using graph::Activation;
using graph::FoldedWeights;
using graph::Graph;
using graph::GraphBuilder;
using graph::Op;
using graph::OpType;
using graph::Quantization;
using graph::QuantizedModel;
using spaces::SplitMix64;

constexpr float kUniformInt8Deviation = 74;  // 256 / sqrt(12)

template <typename T>
T MustSucceed(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "random model: %s\n", result.error().message.c_str());
    std::abort();
  }
  return std::move(result).value();
}

int Between(SplitMix64& random, int low, int high) { return low + static_cast<int>(random.Below(high - low + 1)); }

Activation RandomActivation(SplitMix64& random) {
  constexpr Activation kAll[] = {Activation::kNone, Activation::kRelu, Activation::kRelu6};
  return kAll[random.Below(3)];
}

// A window that fits a map of these sizes.
graph::Window RandomWindow(SplitMix64& random, const graph::Dims& dims) {
  graph::Window window;
  window.kernel_h = Between(random, 1, std::min(5, dims[1]));
  window.kernel_w = Between(random, 1, std::min(5, dims[2]));
  window.stride_h = Between(random, 1, 2);
  window.stride_w = Between(random, 1, 2);
  window.padding = random.Below(4) == 0 ? graph::PaddingMode::kValid : graph::PaddingMode::kSame;
  return window;
}

int AddRandomOp(SplitMix64& random, const std::string& name, int input, GraphBuilder& builder) {
  const graph::Window window = RandomWindow(random, builder.DimsOf(input));
  switch (random.Below(5)) {
    case 0:
      return builder.Conv(name, input, Between(random, 1, 40), window, RandomActivation(random));
    case 1:
      return builder.Depthwise(name, input, window, RandomActivation(random));
    case 2: {
      const int channels = builder.DimsOf(input)[3];
      const int other = builder.Conv(name + ".branch", input, channels, {3, 3, 1, 1}, Activation::kNone);
      return builder.Add(name, input, other, RandomActivation(random));
    }
    case 3: {
      const int pool = builder.AveragePool(name + ".pool", input, window);
      const int conv = builder.Conv(name + ".branch", input, Between(random, 1, 12), window, Activation::kNone);
      return builder.Concatenate(name, {conv, pool});
    }
    default:
      return builder.AveragePool(name, input, window);
  }
}

float RoundToPowerOfTwo(float value) { return std::exp2(std::round(std::log2(value))); }

// Chooses scales op by op and keeps an estimate of each activation's spread, so that ranges fit.
class ModelMaker {
 public:
  ModelMaker(const Graph& graph, std::uint64_t seed)
      : graph_(graph),
        random_(seed),
        powers_of_two_(seed % 4 == 0),
        tensors_(graph.tensors.size()),
        deviations_(graph.tensors.size(), 1.0f),
        weights_(graph.ops.size()) {}

  QuantizedModel Make() {
    const float scale = Scale(0.01f + 0.04f * Uniform());
    tensors_[graph_.input] = {scale, Between(random_, -30, 30)};
    deviations_[graph_.input] = kUniformInt8Deviation * scale;
    for (std::size_t i = 0; i < graph_.ops.size(); ++i) FillOp(i);
    return MustSucceed(graph::AssembleQuantizedModel(graph_, tensors_, weights_));
  }

 private:
  float Uniform() { return static_cast<float>(random_.Uniform()); }
  float Scale(float scale) const { return powers_of_two_ ? RoundToPowerOfTwo(scale) : scale; }

  void FillOp(std::size_t index) {
    const Op& op = graph_.ops[index];
    float deviation = deviations_[op.inputs[0]];
    if (graph::HasWeights(op.type)) deviation = FillWeights(op, deviation, weights_[index]);
    if (op.type == OpType::kAdd) deviation = std::hypot(deviation, deviations_[op.inputs[1]]);
    if (graph::KeepsQuantization(op.type)) {
      deviations_[op.output] = deviation;  // AssembleQuantizedModel gives its tensors one quantization
      return;
    }
    const bool rectified = op.activation != Activation::kNone;
    const float width = (rectified ? 3.0f : 6.0f) * deviation * (0.7f + 0.6f * Uniform());
    tensors_[op.output] = {Scale(width / 255), rectified ? -128 : Between(random_, -25, 25)};
    deviations_[op.output] = deviation * (rectified ? 0.7f : 1.0f);
  }

  // Returns the deviation of the sums.
  float FillWeights(const Op& op, float input_deviation, FoldedWeights& weights) {
    const std::int64_t count = graph::ElementCount(graph::WeightDims(graph_, op));
    const float fan_in = static_cast<float>(count) / static_cast<float>(op.filters);
    for (std::int64_t i = 0; i < count; ++i) {
      weights.weights.push_back(static_cast<std::int8_t>(Between(random_, -127, 127)));
    }
    const float unit = 1.5f / std::sqrt(fan_in) / kUniformInt8Deviation;
    const int scales = op.type == OpType::kFullyConnected ? 1 : op.filters;
    for (int c = 0; c < scales; ++c) weights.scales.push_back(Scale(unit * (0.5f + Uniform())));
    for (int c = 0; c < op.filters; ++c) weights.bias.push_back((Uniform() - 0.5f) * input_deviation);
    return 1.5f * input_deviation;
  }

  const Graph& graph_;
  SplitMix64 random_;
  const bool powers_of_two_;
  std::vector<Quantization> tensors_;
  std::vector<float> deviations_;
  std::vector<FoldedWeights> weights_;
};

}  // namespace

Graph RandomGraph(std::uint64_t seed) {
  SplitMix64 random(seed);
  GraphBuilder builder("random", {1, Between(random, 6, 24), Between(random, 6, 24), Between(random, 1, 4)});
  int last = builder.Conv("first", 0, Between(random, 3, 20), {3, 3, 1, 1}, Activation::kRelu);
  const int ops = Between(random, 3, 8);
  for (int i = 0; i < ops; ++i) last = AddRandomOp(random, "op" + std::to_string(i), last, builder);
  last = builder.GlobalAverage("global", last);
  if (random.Below(2) == 0) last = builder.FullyConnected("hidden", last, Between(random, 3, 33), Activation::kRelu);
  last = builder.FullyConnected("logits", last, Between(random, 2, 12), Activation::kNone);
  return MustSucceed(builder.Build(builder.Softmax("softmax", last)));
}

QuantizedModel RandomModel(const Graph& graph, std::uint64_t seed) { return ModelMaker(graph, seed).Make(); }

std::vector<std::int8_t> RandomInput(std::int64_t count, std::uint64_t seed) {
  SplitMix64 random(seed);
  std::vector<std::int8_t> values(count);
  for (std::int8_t& value : values) value = static_cast<std::int8_t>(Between(random, -128, 127));
  return values;
}

}  // namespace photinus::tflite
