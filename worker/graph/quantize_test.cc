#include "worker/graph/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "worker/graph/graph_builder.h"

namespace photinus::graph {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct RangeCase {
  const char* name;
  float low, high;
  float scale;
  int zero_point;
};

class ActivationQuantizationTest : public ::testing::TestWithParam<RangeCase> {};

TEST_P(ActivationQuantizationTest, CoversTheRangeAndZero) {
  const RangeCase& c = GetParam();
  const Quantization quantization = ActivationQuantization(c.low, c.high);
  EXPECT_FLOAT_EQ(quantization.scale, c.scale);
  EXPECT_EQ(quantization.zero_point, c.zero_point);
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();

INSTANTIATE_TEST_SUITE_P(
    Table, ActivationQuantizationTest,
    ::testing::Values(RangeCase{"Relu6", 0, 6, 6.0f / 255, -128}, RangeCase{"Symmetric", -2.55f, 2.55f, 0.02f, 0},
                      RangeCase{"AllPositive", 1, 5.1f, 0.02f, -128}, RangeCase{"AllNegative", -5.1f, -1, 0.02f, 127},
                      RangeCase{"Mixed", -1, 4.1f, 0.02f, -78}, RangeCase{"Dead", 0, 0, 1e-4f / 255, -128},
                      RangeCase{"Infinite", -kInfinity, kInfinity, 1e-4f / 255, -128}),
    [](const auto& info) { return info.param.name; });

// input -> conv(2 filters) -> depthwise -> add of both -> average -> logits -> softmax
Graph TinyGraph() {
  GraphBuilder builder("tiny", {1, 4, 1, 3});
  const int conv = builder.Conv("conv", 0, 2, {}, Activation::kRelu);
  const int depthwise = builder.Depthwise("depthwise", conv, {3, 1, 1, 1}, Activation::kNone);
  const int pooled = builder.GlobalAverage("pool", builder.Add("add", conv, depthwise, Activation::kNone));
  return builder.Build(builder.Softmax("softmax", builder.FullyConnected("logits", pooled, 2, Activation::kNone)))
      .value();
}

std::vector<FoldedWeights> TinyWeights(const Graph& graph) {
  std::vector<FoldedWeights> weights(graph.ops.size());
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    if (!HasWeights(op.type)) continue;
    const std::vector<float> ones(ElementCount(WeightDims(graph, op)), 1);
    weights[i] = QuantizeWeights(graph, op, ones, std::vector<float>(op.filters, 0.5f));
  }
  return weights;
}

TEST(QuantizeWeights, ScalesEveryOutputChannelByItsLargestWeight) {
  const Graph graph = TinyGraph();
  const FoldedWeights conv = QuantizeWeights(graph, graph.ops[0], {1, -2, 0.5f, 0, 0, 0}, {1, 2});
  EXPECT_THAT(conv.weights, ElementsAre(64, -127, 32, 0, 0, 0));  // 63.5 and 31.75 round to even and nearest
  EXPECT_THAT(conv.scales, ElementsAre(2.0f / 127, 1.0f / 127));
  const FoldedWeights depthwise = QuantizeWeights(graph, graph.ops[1], {1, 10, 2, 0, -4, 5}, {0, 0});
  EXPECT_THAT(depthwise.weights, ElementsAre(32, 127, 64, 0, -127, 64));  // channels lie innermost
  EXPECT_THAT(depthwise.scales, ElementsAre(4.0f / 127, 10.0f / 127));
  const FoldedWeights logits = QuantizeWeights(graph, graph.ops[5], {1, -2, 4, 0}, {0, 0});
  EXPECT_THAT(logits.weights, ElementsAre(32, -64, 127, 0));
  EXPECT_THAT(logits.scales, ElementsAre(4.0f / 127));
}

TEST(AssembleQuantizedModel, RoundsTheBiasAndSharesQuantization) {
  const Graph graph = TinyGraph();
  const std::vector<Quantization> tensors(graph.tensors.size(), Quantization{0.1f, 3});
  const Result<QuantizedModel> model = AssembleQuantizedModel(graph, tensors, TinyWeights(graph));
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_THAT(model->weights[0].bias, Each(635));  // 0.5 / (0.1 / 127)
  EXPECT_EQ(model->tensors.back(), kSoftmaxQuantization);
  EXPECT_FALSE(model->graph.ops[0].batch_norm);
  EXPECT_TRUE(ValidateModel(*model).ok());
}

TEST(AssembleQuantizedModel, RaisesTheScalesOfDeadActivations) {
  const Graph graph = TinyGraph();
  std::vector<Quantization> tensors(graph.tensors.size(), Quantization{0.1f, 0});
  const int conv = graph.ops[0].output;
  tensors[conv].scale = 4e-9f;
  const QuantizedModel model = AssembleQuantizedModel(graph, tensors, TinyWeights(graph)).value();
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    const float output = model.tensors[op.output].scale;
    for (const float scale : model.weights[i].scales) {
      EXPECT_LT(model.tensors[op.inputs[0]].scale * scale / output, 256) << op.name;
    }
    if (op.type != OpType::kAdd) continue;
    for (const int input : op.inputs) {
      EXPECT_LT(model.tensors[input].scale / output, 256);
      EXPECT_GE(model.tensors[input].scale / output, 1.0f / 1024);
    }
  }
  EXPECT_EQ(model.tensors[graph.input].scale, 0.1f);  // healthy scales stay
}

TEST(AssembleQuantizedModel, RefusesWhatCannotBeQuantized) {
  const Graph graph = TinyGraph();
  const std::vector<Quantization> tensors(graph.tensors.size(), Quantization{0.1f, 0});
  std::vector<FoldedWeights> weights = TinyWeights(graph);
  weights[0].bias[1] = std::nanf("");
  EXPECT_THAT(AssembleQuantizedModel(graph, tensors, weights).error().message, HasSubstr("op 'conv': its weights"));
  weights = TinyWeights(graph);
  weights[1].weights.pop_back();
  EXPECT_THAT(AssembleQuantizedModel(graph, tensors, weights).error().message, HasSubstr("op 'depthwise'"));
  weights.pop_back();
  EXPECT_FALSE(AssembleQuantizedModel(graph, tensors, weights).ok());
}

TEST(ValidateModel, DemandsTheRuntimesRules) {
  const Graph graph = TinyGraph();
  const std::vector<Quantization> tensors(graph.tensors.size(), Quantization{0.1f, 0});
  const QuantizedModel good = AssembleQuantizedModel(graph, tensors, TinyWeights(graph)).value();
  QuantizedModel model = good;
  model.tensors.back().zero_point = 0;
  EXPECT_THAT(ValidateModel(model).error().message, HasSubstr("1/256"));
  model = good;
  model.tensors[graph.ops[3].output].scale = 0.2f;
  EXPECT_THAT(ValidateModel(model).error().message, HasSubstr("must have the quantization of 'add'"));
  model = good;
  model.tensors[0].scale = 0;
  EXPECT_THAT(ValidateModel(model).error().message, HasSubstr("tensor 'input': its scale is not positive"));
  model = good;
  model.tensors[0].zero_point = 128;
  EXPECT_THAT(ValidateModel(model).error().message, HasSubstr("outside -128..127"));
  model = good;
  model.graph.ops[0].batch_norm = true;
  EXPECT_THAT(ValidateModel(model).error().message, HasSubstr("no batch norm"));
}

TEST(WithoutSoftmax, EndsInTheLogits) {
  GraphBuilder builder("net", {1, 4});
  const int logits = builder.FullyConnected("logits", 0, 2, Activation::kNone);
  const Graph graph = builder.Build(builder.Softmax("softmax", logits)).value();
  const FoldedWeights weights = QuantizeWeights(graph, graph.ops[0], {1, 2, 3, 4, 5, 6, 7, 8}, {0, 1});
  const QuantizedModel model =
      AssembleQuantizedModel(graph, std::vector<Quantization>(3, {0.1f, 0}), {weights, {}}).value();
  const QuantizedModel cut = WithoutSoftmax(model);
  EXPECT_TRUE(ValidateModel(cut).ok());
  EXPECT_EQ(cut.graph.output, logits);
  EXPECT_EQ(cut.graph.ops.size(), 1u);
  EXPECT_EQ(WithoutSoftmax(cut), cut);
}

}  // namespace
}  // namespace photinus::graph
