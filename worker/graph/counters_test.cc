#include "worker/graph/counters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "worker/graph/baselines.h"
#include "worker/graph/graph_builder.h"
#include "worker/graph/published_baselines.h"

namespace photinus::graph {
namespace {

Graph BaselineGraph(const std::string& name) { return BuildGraph(Baseline(name).value()).value(); }

// TC-ResNet's first convolution has no batch norm; ours has: 1 FLOP per output and 4 parameters per channel more.
double StemFlops(int filters) { return 196 * filters / 1e6; }
int StemParams(int filters) { return 4 * filters; }

// The further digits of the published FLOPs, by a recount by hand.
TEST(Counters, ReproduceTheFlopsOfThePapersBaselines) {
  EXPECT_NEAR(Flops(BaselineGraph("mobilenet_v1")) / 1e6, 339.6176, 5e-5);
  EXPECT_NEAR(Flops(BaselineGraph("mobilenet_v2")) / 1e6, 430.3483, 5e-5);
  EXPECT_NEAR(Flops(BaselineGraph("tc_resnet8_1.0")) / 1e6 - StemFlops(16), 5.9994, 5e-5);
  EXPECT_NEAR(Flops(BaselineGraph("tc_resnet14_1.5")) / 1e6 - StemFlops(24), 26.2386, 5e-5);
}

// The published parameters less the scalars of each layer's bookkeeping.
TEST(Counters, ReproduceTheParameterCountsOfThePapersBaselines) {
  EXPECT_EQ(KerasQatParams(BaselineGraph("mobilenet_v1")), 3206233);
  EXPECT_EQ(KerasQatParams(BaselineGraph("mobilenet_v2")), 2300713);
  EXPECT_EQ(KerasQatParams(BaselineGraph("tc_resnet8_1.0")) - StemParams(16), 66281);
  EXPECT_EQ(KerasQatParams(BaselineGraph("tc_resnet14_1.5")) - StemParams(24), 305913);
}

class PublishedTable : public ::testing::TestWithParam<PublishedBaseline> {};

// FLOPs to the printed digit, parameters within 0.2 %, the size law within 3 %.
TEST_P(PublishedTable, IsReproduced) {
  const PublishedBaseline& published = GetParam();
  const Graph graph = BaselineGraph(published.name);
  char mega_flops[16];
  std::snprintf(mega_flops, sizeof(mega_flops), "%.2f", static_cast<double>(Flops(graph)) / 1e6);
  EXPECT_STREQ(mega_flops, published.mega_flops);
  EXPECT_NEAR(static_cast<double>(KerasQatParams(graph)) / 1e3 / published.kilo_params, 1, 0.002);
  EXPECT_NEAR(static_cast<double>(TfliteSizeLaw(graph)) / 1e3 / published.kilobytes, 1, 0.03);
}

INSTANTIATE_TEST_SUITE_P(Table, PublishedTable, ::testing::ValuesIn(kPublishedBaselines), [](const auto& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST(Baseline, ListsItsNames) {
  for (const std::string& name : BaselineNames()) EXPECT_EQ(Baseline(name).value().name, name);
  const Result<Architecture> unknown = Baseline("mobilenet_v3");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_NE(unknown.error().message.find("known: mobilenet_v1, mobilenet_v2, tc_resnet14_1.5"), std::string::npos);
}

TEST(Baseline, BuildsOnASecondOfLogMelToo) {
  for (const std::string& name : BaselineNames()) {
    Architecture architecture = Baseline(name).value();
    architecture.height = 49;
    architecture.classes = 12;
    const Result<Graph> graph = BuildGraph(architecture);
    ASSERT_TRUE(graph.ok()) << graph.error().message;
    EXPECT_EQ(graph->tensors[graph->output].dims, (Dims{1, 12}));
    EXPECT_LT(Flops(*graph), Flops(BaselineGraph(name)) / 3);
  }
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

TEST(Counters, CountPointwiseWorkAndBytesByHand) {
  GraphBuilder builder("tiny", {1, 10, 4, 2});
  const int conv = builder.Conv("conv", 0, 6, {3, 2, 2, 1}, Activation::kRelu);  // 120 outputs, 72 weights
  const int pooled = builder.GlobalAverage("pool", conv);
  const int logits = builder.FullyConnected("logits", pooled, 3, Activation::kNone);
  const Graph graph = builder.Build(builder.Softmax("softmax", logits)).value();
  EXPECT_EQ(TrainableParams(graph), 72 + 2 * 6 + 18 + 3);
  EXPECT_EQ(FlopsWithPointwise(graph), (2 * 1440 + 2 * 120 + 120) + (120 + 6) + (2 * 18 + 3) + 3 * 3);
  const std::int64_t fused = 4 * ((78 + 80 + 120) + (120 + 6) + (21 + 6 + 3) + (3 + 3));
  EXPECT_EQ(BytesMoved(graph, Pointwise::kFused), fused);
  EXPECT_EQ(BytesMoved(graph, Pointwise::kUnfused), fused + 4 * (6 + 2 * 120 + 2 * 120));
  EXPECT_DOUBLE_EQ(ComputeIntensity(graph, Pointwise::kFused), 3414.0 / static_cast<double>(fused));
}

// "Resource-Efficient Neural Architect", table 2: 49 x 40 MFCC, 12 classes. Published: .023 and .067 million.
TEST(TrainableParams, AreThoseOfPublishedKeywordNetworks) {
  GraphBuilder separable("ds-cnn", {1, 49, 40, 1});
  int last = separable.Conv("conv", 0, 64, {10, 4, 2, 2}, Activation::kRelu);
  for (int i = 0; i < 4; ++i) {
    const std::string name = "block" + std::to_string(i);
    last = separable.Depthwise(name + ".depthwise", last, {3, 3}, Activation::kRelu);
    last = separable.Conv(name + ".pointwise", last, 64, {}, Activation::kRelu);
  }
  const int logits = separable.FullyConnected("logits", separable.GlobalAverage("pool", last), 12, Activation::kNone);
  EXPECT_EQ(TrainableParams(separable.Build(logits).value()), 23180);

  GraphBuilder plain("conv", {1, 49, 40, 1});
  last = 0;
  for (int i = 0; i < 3; ++i) {
    last = plain.Conv("conv" + std::to_string(i), last, 32, {4, 8, 1, i == 0 ? 3 : 1}, Activation::kRelu);
  }
  const int classes = plain.FullyConnected("logits", plain.GlobalAverage("pool", last), 12, Activation::kNone);
  EXPECT_EQ(TrainableParams(plain.Build(classes).value()), 67148);
}

struct KernelAndFilters {
  int height, width, filters;
};

struct PublishedCost {
  const char* name;
  std::vector<KernelAndFilters> layers;
  double mega_ops;
};

class FpOpsTest : public ::testing::TestWithParam<PublishedCost> {};

// "Performance-Oriented Neural Architecture Search", table 2: 40 x 32 MFCC, of which every convolution makes 640
// positions.
TEST_P(FpOpsTest, IsWhatThePaperPrints) {
  GraphBuilder builder("kws", {1, 40, 32, 1});
  int last = 0;
  for (const KernelAndFilters& layer : GetParam().layers) {
    const Window window = {layer.height, layer.width, 1, last == 0 ? 2 : 1};
    last = builder.Conv("conv" + std::to_string(last), last, layer.filters, window, Activation::kRelu);
  }
  const Graph graph = builder.Build(last).value();
  EXPECT_NEAR(FpOps(graph, FpOpsRule::kTable) / 1e6, GetParam().mega_ops, 0.05);
  EXPECT_GT(FpOps(graph, FpOpsRule::kEquation1), FpOps(graph, FpOpsRule::kTable));
}

INSTANTIATE_TEST_SUITE_P(
    Table2, FpOpsTest,
    ::testing::Values(
        PublishedCost{"seed", {{4, 10, 100}, {3, 3, 100}, {3, 3, 100}, {3, 3, 100}, {3, 3, 100}, {3, 3, 100}}, 581.1},
        PublishedCost{"kws1", {{3, 3, 40}, {3, 3, 30}, {1, 1, 30}, {5, 5, 50}, {5, 5, 50}, {5, 5, 50}}, 223.4},
        PublishedCost{"kws2", {{5, 5, 40}, {3, 3, 50}, {1, 1, 30}, {5, 5, 40}, {3, 3, 50}, {5, 5, 50}}, 167.7},
        PublishedCost{"kws3", {{5, 5, 50}, {1, 1, 30}, {5, 5, 40}, {3, 3, 20}, {5, 5, 30}, {3, 3, 50}}, 87.6},
        PublishedCost{"kws4", {{5, 5, 50}, {3, 3, 40}, {5, 5, 20}, {1, 1, 20}, {5, 5, 30}, {3, 3, 50}}, 87.2},
        PublishedCost{"kws5", {{5, 5, 20}, {1, 1, 40}, {5, 5, 30}, {3, 3, 20}, {5, 5, 30}, {3, 3, 30}}, 76.5},
        PublishedCost{"kws6", {{5, 5, 20}, {3, 3, 40}, {3, 3, 40}, {3, 3, 20}, {3, 3, 40}, {3, 3, 40}}, 65.2},
        PublishedCost{"kws7", {{3, 3, 50}, {1, 1, 30}, {3, 3, 20}, {5, 5, 20}, {3, 3, 50}, {3, 3, 40}}, 56.8},
        PublishedCost{"kws8", {{5, 5, 50}, {1, 1, 50}, {3, 3, 20}, {3, 3, 40}, {3, 3, 30}, {3, 3, 20}}, 46.3},
        PublishedCost{"kws9", {{5, 5, 50}, {1, 1, 20}, {1, 1, 50}, {3, 3, 20}, {5, 5, 20}, {3, 3, 40}}, 37.7},
        PublishedCost{"kws10", {{3, 3, 40}, {1, 1, 20}, {1, 1, 20}, {3, 3, 20}, {5, 5, 20}, {3, 3, 30}}, 26.3},
        PublishedCost{"kws11", {{5, 5, 30}, {1, 1, 20}, {1, 1, 20}, {1, 1, 20}, {3, 3, 20}, {5, 5, 20}}, 20.2},
        PublishedCost{"kws12", {{5, 5, 50}, {1, 1, 40}, {1, 1, 50}, {1, 1, 20}, {3, 3, 20}, {3, 3, 20}}, 17.2}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus::graph
