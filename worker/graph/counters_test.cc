#include "worker/graph/counters.h"

#include <gtest/gtest.h>

#include "worker/graph/baselines.h"
#include "worker/graph/graph_builder.h"

namespace photinus::graph {
namespace {

// TC-ResNet's first convolution has no batch norm; ours has: 1 FLOP per output and 4 parameters per channel more.
double StemFlops(int filters) { return 196 * filters / 1e6; }
int StemParams(int filters) { return 4 * filters; }

// The published tables: 339.62, 430.35, 6.00 and 26.24 MFLOP, with the further digits of a recount by hand.
TEST(Counters, ReproduceTheFlopsOfThePapersBaselines) {
  EXPECT_NEAR(Flops(Baseline("mobilenet-v1").value()) / 1e6, 339.6176, 5e-5);
  EXPECT_NEAR(Flops(Baseline("mobilenet-v2").value()) / 1e6, 430.3483, 5e-5);
  EXPECT_NEAR(Flops(Baseline("tc-resnet8").value()) / 1e6 - StemFlops(16), 5.9994, 5e-5);
  EXPECT_NEAR(Flops(Baseline("tc-resnet14-1.5").value()) / 1e6 - StemFlops(24), 26.2386, 5e-5);
}

// The published tables (3206.40k, 2301.18k, 66.37k, 306.05k) less the scalars of each layer's bookkeeping.
TEST(Counters, ReproduceTheParameterCountsOfThePapersBaselines) {
  EXPECT_EQ(KerasQatParams(Baseline("mobilenet-v1").value()), 3206233);
  EXPECT_EQ(KerasQatParams(Baseline("mobilenet-v2").value()), 2300713);
  EXPECT_EQ(KerasQatParams(Baseline("tc-resnet8").value()) - StemParams(16), 66281);
  EXPECT_EQ(KerasQatParams(Baseline("tc-resnet14-1.5").value()) - StemParams(24), 305913);
}

TEST(Baseline, ListsItsNames) {
  for (const std::string& name : BaselineNames()) EXPECT_EQ(Baseline(name).value().name, name);
  const Result<Graph> unknown = Baseline("mobilenet-v3");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_NE(unknown.error().message.find("known: mobilenet-v1, mobilenet-v2, tc-resnet14-1.5"), std::string::npos);
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
