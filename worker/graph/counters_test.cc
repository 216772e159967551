#include "worker/graph/counters.h"

#include <gtest/gtest.h>

#include "worker/graph/architecture.h"
#include "worker/graph/graph_builder.h"

namespace photinus::graph {
namespace {

// TCResNet8-1.0 on a 196 x 40 input with 9 classes [arXiv 2202.05397, table 2].
Architecture TcResNet8() {
  Architecture architecture;
  architecture.height = 196;
  architecture.classes = 9;
  architecture.blocks = {{BlockType::kTemporal, 16, 3, 1},
                         {BlockType::kResidual, 24, 9, 2},
                         {BlockType::kResidual, 32, 9, 2},
                         {BlockType::kResidual, 48, 9, 2}};
  return architecture;
}

Architecture TcResNet14() {
  Architecture architecture = TcResNet8();
  architecture.blocks = {{BlockType::kTemporal, 24, 3, 1}, {BlockType::kResidual, 36, 9, 2},
                         {BlockType::kResidual, 36, 9, 1}, {BlockType::kResidual, 48, 9, 2},
                         {BlockType::kResidual, 48, 9, 1}, {BlockType::kResidual, 72, 9, 2},
                         {BlockType::kResidual, 72, 9, 1}};
  return architecture;
}

// MobileNetV1 of the same table: alpha 1, (2, 1) first stride, dense 1000 in place of the last block.
Graph MobileNetV1() {
  GraphBuilder builder("mobilenet-v1", {1, 196, 40, 1});
  int last = builder.Conv("conv", 0, 32, {3, 3, 2, 1}, Activation::kRelu6);
  struct Layer {
    int filters;
    int stride;
  };
  const Layer layers[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2},
                          {512, 1}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}};
  int number = 0;
  for (const Layer& layer : layers) {
    const std::string name = "block" + std::to_string(number++);
    last = builder.Depthwise(name + ".depthwise", last, {3, 3, layer.stride, layer.stride}, Activation::kRelu6);
    last = builder.Conv(name + ".pointwise", last, layer.filters, {}, Activation::kRelu6);
  }
  last = builder.FullyConnected("embedding", builder.GlobalAverage("pool", last), 1000, Activation::kNone);
  return builder.Build(builder.Softmax("softmax", builder.FullyConnected("logits", last, 9, Activation::kNone)))
      .value();
}

// MobileNetV2 of the same table: expansion 6 in all 17 blocks, (2, 1) first stride, (1, 1) in the group of 160.
Graph MobileNetV2() {
  GraphBuilder builder("mobilenet-v2", {1, 196, 40, 1});
  int last = builder.Conv("conv", 0, 32, {3, 3, 2, 1}, Activation::kRelu6);
  struct Group {
    int filters;
    int count;
    int stride;
  };
  int number = 0;
  for (const Group& group : {Group{16, 1, 1}, Group{24, 2, 2}, Group{32, 3, 2}, Group{64, 4, 2}, Group{96, 3, 1},
                             Group{160, 3, 1}, Group{320, 1, 1}}) {
    for (int i = 0; i < group.count; ++i) {
      const std::string name = "block" + std::to_string(number++);
      const int stride = i == 0 ? group.stride : 1;
      const int channels = builder.DimsOf(last).back();
      const int expanded = builder.Conv(name + ".expand", last, 6 * channels, {}, Activation::kRelu6);
      const int depthwise =
          builder.Depthwise(name + ".depthwise", expanded, {3, 3, stride, stride}, Activation::kRelu6);
      const int projected = builder.Conv(name + ".project", depthwise, group.filters, {}, Activation::kNone);
      const bool residual = stride == 1 && channels == group.filters;
      last = residual ? builder.Add(name + ".add", projected, last, Activation::kNone) : projected;
    }
  }
  last = builder.GlobalAverage("pool", builder.Conv("head", last, 1280, {}, Activation::kRelu6));
  return builder.Build(builder.Softmax("softmax", builder.FullyConnected("logits", last, 9, Activation::kNone)))
      .value();
}

// TC-ResNet's first convolution has no batch norm; ours has: 1 FLOP per output and 4 parameters per channel more.
double StemFlops(int filters) { return 196 * filters / 1e6; }
int StemParams(int filters) { return 4 * filters; }

// The published tables: 339.62, 430.35, 6.00 and 26.24 MFLOP, with the further digits of a recount by hand.
TEST(Counters, ReproduceTheFlopsOfThePapersBaselines) {
  EXPECT_NEAR(Flops(MobileNetV1()) / 1e6, 339.6176, 5e-5);
  EXPECT_NEAR(Flops(MobileNetV2()) / 1e6, 430.3483, 5e-5);
  EXPECT_NEAR(Flops(BuildGraph(TcResNet8()).value()) / 1e6 - StemFlops(16), 5.9994, 5e-5);
  EXPECT_NEAR(Flops(BuildGraph(TcResNet14()).value()) / 1e6 - StemFlops(24), 26.2386, 5e-5);
}

// The published tables (3206.40k, 2301.18k, 66.37k, 306.05k) less the scalars of each layer's bookkeeping.
TEST(Counters, ReproduceTheParameterCountsOfThePapersBaselines) {
  EXPECT_EQ(KerasQatParams(MobileNetV1()), 3206233);
  EXPECT_EQ(KerasQatParams(MobileNetV2()), 2300713);
  EXPECT_EQ(KerasQatParams(BuildGraph(TcResNet8()).value()) - StemParams(16), 66281);
  EXPECT_EQ(KerasQatParams(BuildGraph(TcResNet14()).value()) - StemParams(24), 305913);
}

TEST(Counters, CountEachOpByHand) {
  GraphBuilder builder("tiny", {1, 10, 4, 2});
  const int conv = builder.Conv("conv", 0, 6, {3, 2, 2, 1}, Activation::kRelu);  // 5 x 4 x 6 outputs
  const int depthwise = builder.Depthwise("depthwise", conv, {3, 1, 1, 1}, Activation::kRelu);
  const int pooled = builder.GlobalAverage("pool", builder.Add("add", conv, depthwise, Activation::kNone));
  const Graph graph = builder.Build(builder.FullyConnected("logits", pooled, 3, Activation::kNone)).value();
  const std::vector<LayerProfile> layers = ProfileLayers(graph);
  ASSERT_EQ(layers.size(), 6u);
  const auto expect = [&](int i, const char* name, std::int64_t params, std::int64_t macs, std::int64_t flops) {
    EXPECT_EQ(layers[i].name, name);
    EXPECT_EQ(layers[i].params, params) << name;
    EXPECT_EQ(layers[i].macs, macs) << name;
    EXPECT_EQ(layers[i].flops, flops) << name;
  };
  expect(0, "conv", 6 * 3 * 2 * 2 + 6, 120 * 12, 2 * 120 * 12 + 120);
  expect(1, "depthwise", 3 * 6 + 6, 120 * 3, 2 * 120 * 3 + 120);
  expect(2, "add", 0, 0, 0);
  expect(3, "pool", 0, 0, 120);
  expect(4, "pool.flat", 0, 0, 0);
  expect(5, "logits", 18 + 3, 18, 2 * 18 + 3);
  EXPECT_EQ(layers[0].type, "conv2d");
  EXPECT_EQ(Params(graph), 78 + 24 + 21);
  EXPECT_EQ(Macs(graph), 1440 + 360 + 18);
}

}  // namespace
}  // namespace photinus::graph
