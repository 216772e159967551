#include "worker/graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/graph/graph_builder.h"

namespace photinus::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct PaddingCase {
  const char* name;
  int input, kernel, stride;
  std::pair<int, int> expected;  // before, after
};

class SamePaddingTest : public ::testing::TestWithParam<PaddingCase> {};

TEST_P(SamePaddingTest, PutsTheOddPositionAfterTheInput) {
  const PaddingCase& c = GetParam();
  EXPECT_EQ(SamePadding(c.input, c.kernel, c.stride), c.expected);
}

INSTANTIATE_TEST_SUITE_P(Table, SamePaddingTest,
                         ::testing::Values(PaddingCase{"OddKernel", 49, 3, 1, {1, 1}},
                                           PaddingCase{"EvenKernel", 49, 4, 1, {1, 2}},
                                           PaddingCase{"OddKernelStride2OddInput", 49, 3, 2, {1, 1}},
                                           PaddingCase{"OddKernelStride2EvenInput", 50, 3, 2, {0, 1}},
                                           PaddingCase{"EvenKernelStride2OddInput", 49, 4, 2, {1, 2}},
                                           PaddingCase{"EvenKernelStride2EvenInput", 50, 4, 2, {1, 1}},
                                           PaddingCase{"OneTapStride2LosesPositions", 50, 1, 2, {0, 0}},
                                           PaddingCase{"KernelWiderThanTheInput", 2, 9, 1, {4, 4}}),
                         [](const auto& info) { return info.param.name; });

GraphBuilder TinyBuilder() { return GraphBuilder("tiny", {1, 10, 8, 1}); }

TEST(GraphBuilder, InfersSizesAndNamesTensorsAfterTheirOps) {
  GraphBuilder builder = TinyBuilder();
  const int conv = builder.Conv("conv", 0, 6, {3, 3, 2, 1, PaddingMode::kSame}, Activation::kRelu);
  const int depthwise = builder.Depthwise("depthwise", conv, {4, 1, 1, 1, PaddingMode::kValid}, Activation::kRelu6);
  const int pooled = builder.GlobalAverage("pool", depthwise);
  const int logits = builder.FullyConnected("logits", pooled, 3, Activation::kNone);
  const Result<Graph> graph = builder.Build(builder.Softmax("softmax", logits));
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  EXPECT_THAT(graph->tensors[conv].dims, ElementsAre(1, 5, 8, 6));
  EXPECT_THAT(graph->tensors[depthwise].dims, ElementsAre(1, 2, 8, 6));
  EXPECT_THAT(graph->tensors[pooled].dims, ElementsAre(1, 6));
  EXPECT_THAT(graph->tensors[graph->output].dims, ElementsAre(1, 3));
  EXPECT_EQ(graph->tensors[conv].name, "conv");
  EXPECT_THAT(WeightDims(*graph, graph->ops[0]), ElementsAre(6, 3, 3, 1));
  EXPECT_THAT(WeightDims(*graph, graph->ops[1]), ElementsAre(1, 4, 1, 6));
  EXPECT_THAT(WeightDims(*graph, graph->ops[4]), ElementsAre(3, 6));
  EXPECT_THAT(WeightDims(*graph, graph->ops[2]), ElementsAre());
  EXPECT_EQ(OpPadding(*graph, graph->ops[0]), (Padding{0, 1, 1, 1}));
  EXPECT_EQ(OpPadding(*graph, graph->ops[1]), Padding{});
}

TEST(GraphBuilder, KeepsTheFirstFault) {
  GraphBuilder builder = TinyBuilder();
  const int conv = builder.Conv("narrow", 0, 4, {11, 1, 1, 1, PaddingMode::kValid}, Activation::kRelu);
  builder.Add("later", conv, 0, Activation::kNone);
  const Result<Graph> graph = builder.Build(conv);
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(graph.error().message, HasSubstr("'narrow' (conv2d)"));
}

TEST(GraphBuilder, ConcatenatesChannels) {
  GraphBuilder builder = TinyBuilder();
  const int conv = builder.Conv("conv", 0, 5, {}, Activation::kRelu);
  const int joined = builder.Concatenate("concat", {conv, 0, conv});
  const Graph graph = builder.Build(joined).value();
  EXPECT_THAT(graph.tensors[joined].dims, ElementsAre(1, 10, 8, 11));
}

TEST(QuantizationSources, JoinAllThatAConcatenationTouches) {
  GraphBuilder builder = TinyBuilder();
  const int first = builder.Conv("first", 0, 4, {}, Activation::kRelu);
  const int second = builder.Conv("second", first, 4, {}, Activation::kNone);
  const int third = builder.Conv("third", second, 4, {}, Activation::kNone);
  const int pool = builder.AveragePool("pool", first, {3, 3});
  const int joined = builder.Concatenate("concat", {third, pool});  // first and third meet here
  const int last = builder.Concatenate("last", {joined, second});   // and now second
  const Graph graph = builder.Build(last).value();
  EXPECT_THAT(QuantizationSources(graph), ElementsAre(0, first, first, first, first, first, first));
}

TEST(QuantizationSources, FollowPoolsAndReshapesToWhatTheyRead) {
  GraphBuilder builder = TinyBuilder();
  const int conv = builder.Conv("conv", 0, 4, {}, Activation::kRelu);
  const int pooled = builder.GlobalAverage("pool", conv);
  const Graph graph = builder.Build(builder.FullyConnected("logits", pooled, 2, Activation::kNone)).value();
  EXPECT_THAT(QuantizationSources(graph), ElementsAre(0, conv, conv, conv, 4));
}

Graph ConvAndPool() {
  GraphBuilder builder = TinyBuilder();
  const int conv = builder.Conv("conv", 0, 4, {3, 3, 1, 1, PaddingMode::kSame}, Activation::kRelu);
  const int depthwise = builder.Depthwise("depthwise", conv, {}, Activation::kNone);
  return builder.Build(builder.Add("add", conv, depthwise, Activation::kNone)).value();
}

struct BrokenCase {
  const char* name;
  void (*corrupt)(Graph&);
  const char* message;
};

class ValidateGraphTest : public ::testing::TestWithParam<BrokenCase> {};

TEST_P(ValidateGraphTest, NamesTheFault) {
  Graph graph = ConvAndPool();
  ASSERT_TRUE(ValidateGraph(graph).ok());
  GetParam().corrupt(graph);
  const Result<void> result = ValidateGraph(graph);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ValidateGraphTest,
    ::testing::Values(
        BrokenCase{"NoInput", [](Graph& g) { g.input = 99; }, "without input or output"},
        BrokenCase{"OutputNeverWritten",
                   [](Graph& g) {
                     g.tensors.push_back({"lost", {1, 2}});
                     g.output = 4;
                   },
                   "no op writes"},
        BrokenCase{"NoOps", [](Graph& g) { g.ops.clear(); }, "1..4096 ops"},
        BrokenCase{"ReadsWhatComesLater", [](Graph& g) { g.ops[0].inputs[0] = 2; }, "no earlier op writes"},
        BrokenCase{"NegativeTensor", [](Graph& g) { g.ops[0].inputs[0] = -1; }, "no earlier op writes"},
        BrokenCase{"WritesTwice", [](Graph& g) { g.ops[1].output = 1; }, "written already"},
        BrokenCase{"WrongSize", [](Graph& g) { g.tensors[1].dims[1] = 9; }, "should be [1, 10, 8, 4]"},
        BrokenCase{"ZeroStride", [](Graph& g) { g.ops[0].stride_h = 0; }, "kernel and stride"},
        BrokenCase{"HugeKernel", [](Graph& g) { g.ops[0].kernel_h = 2000000000; }, "kernel and stride"},
        BrokenCase{"HugeFilters", [](Graph& g) { g.ops[0].filters = 2000000000; }, "too large"},
        BrokenCase{"NoFilters", [](Graph& g) { g.ops[0].filters = 0; }, "empty"},
        BrokenCase{"DepthwiseMultiplier", [](Graph& g) { g.ops[1].filters = 8; }, "8 filters for 4 channels"},
        BrokenCase{"HugeInput",
                   [](Graph& g) {
                     g.tensors[0].dims = {1, 60000, 60000, 1};
                   },
                   "too large"},
        BrokenCase{"AddOfOne", [](Graph& g) { g.ops[2].inputs.pop_back(); }, "needs 2 inputs"},
        BrokenCase{"AddOfUnequalSizes", [](Graph& g) { g.ops[2].inputs[0] = 0; }, "adds [1, 10, 8, 1]"},
        BrokenCase{"ConcatenationOfOne",
                   [](Graph& g) {
                     g.ops[2].type = OpType::kConcatenation;
                     g.ops[2].inputs = {1};
                   },
                   "needs 2..256 inputs"},
        BrokenCase{"ConcatenationOfUnequalSizes",
                   [](Graph& g) {
                     g.ops[0].stride_h = 2;
                     g.tensors[1].dims[1] = 5;
                     g.tensors[2].dims[1] = 5;
                     g.ops[2].type = OpType::kConcatenation;
                     g.ops[2].inputs = {1, 0};
                   },
                   "joins [1, 5, 8, 4] and [1, 10, 8, 1]"},
        BrokenCase{"SameName", [](Graph& g) { g.ops[1].name = "conv"; }, "another op"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus::graph
