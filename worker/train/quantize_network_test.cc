#include "worker/train/quantize_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "worker/graph/architectures.h"
#include "worker/graph/graph_builder.h"
#include "worker/graph/quantize.h"
#include "worker/tflite/interpreter.h"
#include "worker/tflite/writer.h"
#include "worker/train/fold.h"
#include "worker/train/ops.h"
#include "worker/train/quantized_forward.h"

namespace photinus::train {
namespace {

using graph::Activation;
using graph::GraphBuilder;

// A network of a space; seeds give unlike ones, with every type of block among a few of them.
graph::Graph SampledGraph(uint64_t seed, const char* space_name = "keywords-small") {
  const spaces::Space& space = *spaces::FindSpace(space_name);
  return graph::BuildGraph(graph::ArchitectureOf(space.name, spaces::Sample(space, seed)).value()).value();
}

// Batch norm as training may leave it, negative factors included.
void RandomiseBatchNorm(Network& network) {
  const torch::NoGradGuard no_grad;
  for (Layer& layer : network.layers()) {
    if (!layer.gamma.defined()) continue;
    layer.gamma.normal_(0, 1);
    layer.beta.normal_(0, 0.5);
    layer.mean.normal_(0, 0.5);
    layer.variance.uniform_(0.2, 2);
  }
}

Tensor RandomInput(const graph::Graph& graph, int64_t batch) {
  const graph::Dims& dims = graph.tensors[static_cast<size_t>(graph.input)].dims;
  return torch::randn({batch, dims[1], dims[2], dims[3]});
}

// A network with observed ranges, as after training.
std::unique_ptr<Network> ObservedNetwork(const graph::Graph& graph, uint64_t seed) {
  torch::manual_seed(static_cast<int64_t>(seed));
  auto network = std::make_unique<Network>(graph, seed, torch::Device("cpu"));
  RandomiseBatchNorm(*network);
  const torch::NoGradGuard no_grad;
  for (int i = 0; i < 3; ++i) network->Forward(RandomInput(graph, 16), {false, false, true});
  return network;
}

TEST(Network, StartsFromWeightsThatItsSeedAloneDecides) {
  const graph::Graph graph = SampledGraph(1);
  Network a(graph, 5, torch::Device("cpu")), b(graph, 5, torch::Device("cpu")), c(graph, 6, torch::Device("cpu"));
  EXPECT_TRUE(torch::equal(a.values(), b.values()));
  EXPECT_FALSE(torch::equal(a.values(), c.values()));
}

TEST(Network, GradientsArriveInOneRow) {
  Network network(SampledGraph(2), 1, torch::Device("cpu"));
  network.Forward(torch::randn({4, 49, 40, 1}), {true, false, false}).pow(2).sum().backward();
  for (const Layer& layer : network.layers()) {
    if (!layer.weight.defined()) continue;
    EXPECT_GT(layer.weight.grad().abs().sum().item<float>(), 0);
    EXPECT_EQ(layer.weight.grad().storage().data_ptr().get(), network.gradients().storage().data_ptr().get());
  }
}

// A positive activation and a pool of it, beside a convolution with negative values: one range must hold both.
TEST(Network, QuantizesWhatAConcatenationJoinsByOneRange) {
  GraphBuilder builder("test", {1, 12, 6, 2});
  const int first = builder.Conv("first", 0, 8, {3, 3, 1, 1}, Activation::kRelu);
  const int main = builder.Conv("main", first, 4, {3, 3, 2, 2}, Activation::kNone);
  const int pool = builder.AveragePool("pool", first, {3, 3, 2, 2});
  const int joined = builder.Concatenate("concat", {main, pool});
  const graph::Graph graph =
      builder.Build(builder.FullyConnected("logits", builder.GlobalAverage("global", joined), 3, Activation::kNone))
          .value();
  const auto network = ObservedNetwork(graph, 5);
  const auto range = [&](int tensor) { return network->ranges()[static_cast<size_t>(tensor)]; };
  EXPECT_EQ(range(first).low, 0);
  EXPECT_LT(range(main).low, -0.1f);
  EXPECT_FALSE(range(pool).seen);
  const graph::Quantization expected =
      graph::ActivationQuantization(range(main).low, std::max(range(main).high, range(first).high));
  for (const int tensor : {first, main, pool, joined}) EXPECT_EQ(network->QuantizationOf(tensor), expected);
  const graph::QuantizedModel model = QuantizeNetwork(*network).value();
  for (const int tensor : {first, main, pool, joined}) EXPECT_EQ(model.tensors[static_cast<size_t>(tensor)], expected);
}

// Fake quantization, gradients included, runs through every block of the new spaces.
TEST(Network, TrainsNetworksOfTimeAndFrequency) {
  for (const uint64_t seed : {1, 2, 3}) {
    const graph::Graph graph = SampledGraph(seed, "energy-audio-49");
    Network network(graph, seed, torch::Device("cpu"));
    network.Forward(RandomInput(graph, 4), {true, true, true}).pow(2).sum().backward();
    for (size_t i = 0; i < graph.ops.size(); ++i) {
      if (!network.layers()[i].weight.defined()) continue;
      EXPECT_GT(network.layers()[i].weight.grad().abs().sum().item<float>(), 0) << graph.ops[i].name;
    }
  }
}

// tflite.md, test 8: the batch norm of training and the folded convolution say the same.
TEST(Fold, AgreesWithBatchNormAlsoForNegativeFactors) {
  GraphBuilder builder("test", {1, 12, 1, 6});
  const int conv = builder.Conv("conv", 0, 8, {5, 1, 2, 1}, Activation::kNone);
  const int depthwise = builder.Depthwise("depthwise", conv, {3, 1, 1, 1}, Activation::kNone);
  const graph::Graph graph =
      builder.Build(builder.FullyConnected("logits", builder.GlobalAverage("pool", depthwise), 3, Activation::kNone))
          .value();
  torch::manual_seed(4);
  Network network(graph, 1, torch::Device("cpu"));
  RandomiseBatchNorm(network);
  const torch::NoGradGuard no_grad;
  const Tensor input = torch::randn({10, 12, 1, 6});
  Tensor activations = FromChannelsLast(input);
  int negative = 0;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const graph::Op& op = graph.ops[i];
    const FoldedLayer folded = graph::HasWeights(op.type) ? Fold(op, network.layers()[i]) : FoldedLayer();
    if (op.batch_norm) negative += (network.layers()[i].gamma < 0).sum().item<int>();
    if (graph::HasWeights(op.type)) activations = ApplyWeights(graph, op, activations, folded.weight, folded.bias);
    if (op.type == graph::OpType::kAveragePool) activations = ApplyAveragePool(graph, op, activations);
    if (op.type == graph::OpType::kReshape) activations = ApplyReshape(graph.OutputDims(op), activations);
  }
  EXPECT_GT(negative, 2);
  const Tensor expected = network.Forward(input, {});
  EXPECT_LT(((activations - expected).norm() / expected.norm()).item<float>(), 1e-5);
}

TEST(QuantizeNetwork, GivesTheIntegersThatFakeQuantizationRoundsTo) {
  const auto network = ObservedNetwork(SampledGraph(3), 3);
  const graph::QuantizedModel model = QuantizeNetwork(*network).value();
  for (size_t i = 0; i < model.graph.ops.size(); ++i) {
    const graph::Op& op = model.graph.ops[i];
    if (op.type != graph::OpType::kConv2D) continue;
    const Layer& layer = network->layers()[i];
    const Tensor factor = (layer.gamma / torch::sqrt(layer.variance + kBatchNormEpsilon)).detach();
    const Tensor rounded = FakeQuantizeWeights(layer.weight.detach(), true) * factor.reshape({-1, 1, 1, 1});
    const Tensor in_file_order = rounded.permute({0, 2, 3, 1}).contiguous().reshape({op.filters, -1});
    const int64_t per_filter = in_file_order.size(1);
    for (int64_t f = 0; f < op.filters; ++f) {
      for (int64_t j = 0; j < per_filter; ++j) {
        const float stored = static_cast<float>(model.weights[i].weights[static_cast<size_t>(f * per_filter + j)]) *
                             model.weights[i].scales[static_cast<size_t>(f)];
        ASSERT_NEAR(stored, in_file_order[f][j].item<float>(), 1e-6) << op.name;
      }
    }
  }
}

TEST(QuantizeNetwork, KeepsTheBiasOfAChannelThatBatchNormSwitchedOff) {
  auto network = ObservedNetwork(SampledGraph(3), 3);
  const torch::NoGradGuard no_grad;
  size_t conv = 0;
  while (!network->layers()[conv].gamma.defined()) ++conv;
  network->layers()[conv].gamma[0] = 1e-12f;
  network->layers()[conv].gamma[1] = 0;
  network->layers()[conv].beta.fill_(0.75);
  network->layers()[conv].mean.fill_(0);
  const graph::QuantizedModel model = QuantizeNetwork(*network).value();
  const float input_scale = model.tensors[static_cast<size_t>(model.graph.ops[conv].inputs[0])].scale;
  for (size_t channel : {0, 1}) {
    const graph::QuantizedWeights& weights = model.weights[conv];
    EXPECT_NEAR(static_cast<float>(weights.bias[channel]) * input_scale * weights.scales[channel], 0.75, 1e-3);
  }
}

TEST(QuantizeNetwork, CallsAWeightThatIsNotFiniteADivergence) {
  auto network = ObservedNetwork(SampledGraph(3), 3);
  const torch::NoGradGuard no_grad;
  network->values()[0] = std::nanf("");
  const Result<graph::QuantizedModel> model = QuantizeNetwork(*network);
  ASSERT_FALSE(model.ok());
  EXPECT_THAT(model.error().message, ::testing::StartsWith("diverged: "));
}

// tflite.md, test 7: given the integer inputs of each layer, simulation and interpreter agree in at least 99.5 % of its
// values, and nowhere by more than 1.
struct SampledNetwork {
  const char* space;
  uint64_t seed;
};

class SimulationTest : public ::testing::TestWithParam<SampledNetwork> {};

TEST_P(SimulationTest, AgreesWithTheIntegerInterpreterLayerByLayer) {
  const auto network = ObservedNetwork(SampledGraph(GetParam().seed, GetParam().space), GetParam().seed);
  const graph::QuantizedModel model = QuantizeNetwork(*network).value();
  tflite::Interpreter interpreter =
      tflite::Interpreter::FromFile(tflite::WriteTflite(model).value(), tflite::Rounding::kXnn).value();
  const QuantizedForward simulation(model);
  std::vector<double> equal(model.graph.ops.size()), total(model.graph.ops.size());
  for (int example = 0; example < 5; ++example) {
    const Tensor input = RandomInput(model.graph, 1);
    std::vector<int8_t> integers(static_cast<size_t>(input.numel()));
    tflite::QuantizeInput({input.data_ptr<float>(), integers.size()}, interpreter.InputQuantization(), integers.data());
    ASSERT_TRUE(interpreter.Run(integers).ok());
    std::vector<Tensor> reals(model.graph.tensors.size());  // what the interpreter holds, as real numbers
    for (size_t t = 0; t < reals.size(); ++t) {
      const std::span<const int8_t> values = interpreter.TensorValues(static_cast<int>(t));
      const graph::Dims& dims = model.graph.tensors[t].dims;
      const std::vector<float> floats(values.begin(), values.end());
      const auto zero_point = static_cast<float>(model.tensors[t].zero_point);
      reals[t] = (torch::tensor(floats) - zero_point).reshape(std::vector<int64_t>(dims.begin(), dims.end()));
      reals[t] = reals[t] * model.tensors[t].scale;
      if (dims.size() == 4) reals[t] = FromChannelsLast(reals[t]);
    }
    for (size_t i = 0; i < model.graph.ops.size(); ++i) {
      const graph::Op& op = model.graph.ops[i];
      if (op.type == graph::OpType::kSoftmax) continue;
      const auto out = static_cast<size_t>(op.output);
      const Tensor steps = ((simulation.RunOp(i, reals) - reals[out]) / model.tensors[out].scale).round().abs();
      EXPECT_LE(steps.max().item<float>(), 1) << op.name;
      equal[i] += (steps == 0).sum().item<double>();
      total[i] += static_cast<double>(steps.numel());
    }
  }
  for (size_t i = 0; i < equal.size(); ++i) {
    const bool pool = model.graph.ops[i].type == graph::OpType::kAveragePool;  // whose ties round as integers do
    EXPECT_GE(equal[i], total[i] * (pool ? 1 : 0.995)) << model.graph.ops[i].name;
  }
}

// What training simulates is what the file computes, from end to end: small differences would grow from layer to layer.
TEST_P(SimulationTest, TheFakeQuantizedNetworkHasTheLogitsOfTheInterpreter) {
  const auto network = ObservedNetwork(SampledGraph(GetParam().seed, GetParam().space), GetParam().seed);
  const graph::QuantizedModel model = QuantizeNetwork(*network).value();
  tflite::Interpreter interpreter =
      tflite::Interpreter::FromFile(tflite::WriteTflite(model).value(), tflite::Rounding::kXnn).value();
  const int logits = model.graph.ops.back().inputs[0];
  const graph::Quantization& quantization = model.tensors[static_cast<size_t>(logits)];
  constexpr int64_t kExamples = 20;
  const Tensor input = RandomInput(model.graph, kExamples);
  const torch::NoGradGuard no_grad;
  const Tensor simulated = torch::round(network->Forward(input, {.fake_quantize = true}) / quantization.scale);
  double equal = 0;
  for (int64_t example = 0; example < kExamples; ++example) {
    const Tensor values = input[example].contiguous();
    std::vector<int8_t> integers(static_cast<size_t>(values.numel()));
    tflite::QuantizeInput({values.data_ptr<float>(), integers.size()}, interpreter.InputQuantization(),
                          integers.data());
    ASSERT_TRUE(interpreter.Run(integers).ok());
    const std::span<const int8_t> computed = interpreter.TensorValues(logits);
    for (size_t i = 0; i < computed.size(); ++i) {
      const float steps = simulated[example][static_cast<int64_t>(i)].item<float>();
      equal += std::lround(steps) == computed[i] - quantization.zero_point ? 1 : 0;
    }
  }
  EXPECT_GE(equal / static_cast<double>(simulated.numel()), 0.8);
}

INSTANTIATE_TEST_SUITE_P(Networks, SimulationTest,
                         ::testing::Values(SampledNetwork{"keywords-small", 1}, SampledNetwork{"keywords-small", 2},
                                           SampledNetwork{"keywords-small", 3}, SampledNetwork{"keywords-small", 4},
                                           SampledNetwork{"keywords-small", 5}, SampledNetwork{"keywords-small", 6},
                                           SampledNetwork{"energy-audio-49", 1}, SampledNetwork{"energy-audio-49", 2},
                                           SampledNetwork{"energy-audio-49", 3}, SampledNetwork{"energy-audio-49", 4},
                                           SampledNetwork{"energy-audio-1d", 1}, SampledNetwork{"energy-audio-1d", 2},
                                           SampledNetwork{"energy-audio-2d", 1}),
                         [](const auto& info) {
                           std::string name = std::string(info.param.space) + "_" + std::to_string(info.param.seed);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace photinus::train
