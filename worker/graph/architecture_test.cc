#include "worker/graph/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/graph/architecture_json.h"
#include "worker/graph/baselines.h"

namespace photinus::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Architecture Example() {
  Architecture architecture;
  architecture.name = "example \"quoted\"";
  architecture.blocks = {{BlockType::kTemporal, 24, 3, 1},
                         {BlockType::kSeparable, 32, 4, 2},
                         {BlockType::kResidual, 32, 9, 1},
                         {BlockType::kResidual, 40, 5, 2},
                         {BlockType::kConv, 48, 3, 1}};
  return architecture;
}

std::vector<std::string> OpNames(const Graph& graph) {
  std::vector<std::string> names;
  for (const Op& op : graph.ops) names.push_back(op.name);
  return names;
}

TEST(BuildGraph, LaysBlocksOutOverTime) {
  const Graph graph = BuildGraph(Example()).value();
  EXPECT_THAT(OpNames(graph),
              ElementsAre("block0.reshape", "block0.conv", "block1.depthwise", "block1.pointwise", "block2.conv1",
                          "block2.conv2", "block2.add", "block3.conv1", "block3.conv2", "block3.shortcut", "block3.add",
                          "block4.conv", "pool", "pool.flat", "logits", "softmax"));
  EXPECT_THAT(graph.tensors[1].dims, ElementsAre(1, 49, 1, 40));
  EXPECT_THAT(graph.OutputDims(graph.ops[3]), ElementsAre(1, 25, 1, 32));
  EXPECT_THAT(graph.OutputDims(graph.ops[11]), ElementsAre(1, 13, 1, 48));
  EXPECT_THAT(graph.tensors[graph.output].dims, ElementsAre(1, 12));
}

// One block of each kind that runs over time and frequency, on a 49 x 40 map.
Graph BuildSquareBlock(BlockType type, int stride, int width = 40) {
  Architecture architecture;
  architecture.width = width;
  architecture.channels = 16;
  architecture.blocks = {{type, 24, 4, stride, stride, 3, "b"}};
  return BuildGraph(architecture).value();
}

// The block's ops with kernels, strides and outputs, as a profile shows them.
std::vector<std::string> OpWindows(const Graph& graph) {
  std::vector<std::string> windows;
  for (const Op& op : graph.ops) {
    if (op.name.rfind("b.", 0) != 0) continue;
    const auto pair = [](int a, int b) { return std::to_string(a) + "x" + std::to_string(b); };
    windows.push_back(op.name + " " + pair(op.kernel_h, op.kernel_w) + "/" + pair(op.stride_h, op.stride_w) + " " +
                      pair(graph.OutputDims(op)[1], graph.OutputDims(op)[2]) + "x" +
                      std::to_string(graph.OutputDims(op)[3]));
  }
  return windows;
}

TEST(BuildGraph, LaysBlocksOutOverTimeAndFrequency) {
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kKxk, 2)), ElementsAre("b.conv 4x4/2x2 25x20x24"));
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kKx1Then1xk, 2)),
              ElementsAre("b.time 4x1/2x1 25x40x24", "b.frequency 1x4/1x2 25x20x24"));
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kKx1Then1xkDepthwise, 2)),
              ElementsAre("b.time 4x1/2x1 25x40x16", "b.frequency 1x4/1x2 25x20x16", "b.pointwise 1x1/1x1 25x20x24"));
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kMobileNetV1, 2)),
              ElementsAre("b.depthwise 4x4/2x2 25x20x16", "b.pointwise 1x1/1x1 25x20x24"));
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kMobileNetV2, 2)),
              ElementsAre("b.expand 1x1/1x1 49x40x48", "b.depthwise 4x4/2x2 25x20x48", "b.project 1x1/1x1 25x20x24"));
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kMobileNetV2AvgPool, 2)),
              ElementsAre("b.expand 1x1/1x1 49x40x48", "b.depthwise 4x4/2x2 25x20x48", "b.project 1x1/1x1 25x20x8",
                          "b.pool 3x3/2x2 25x20x16", "b.concat 1x1/1x1 25x20x24"));
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kIdentity, 1)), ElementsAre());
}

TEST(BuildGraph, MakesBlocksOneDimensionalWhereThereIsNoFrequency) {
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kKxk, 2, 1)), ElementsAre("b.conv 4x1/2x1 25x1x24"));
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kKx1Then1xk, 2, 1)), ElementsAre("b.time 4x1/2x1 25x1x24"));
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kKx1Then1xkDepthwise, 2, 1)),
              ElementsAre("b.time 4x1/2x1 25x1x16", "b.pointwise 1x1/1x1 25x1x24"));
  EXPECT_THAT(OpWindows(BuildSquareBlock(BlockType::kMobileNetV2AvgPool, 2, 1)),
              ElementsAre("b.expand 1x1/1x1 49x1x48", "b.depthwise 4x1/2x1 25x1x48", "b.project 1x1/1x1 25x1x8",
                          "b.pool 3x1/2x1 25x1x16", "b.concat 1x1/1x1 25x1x24"));
}

TEST(BuildGraph, AddsTheInputOfMobileNetV2WhereSizesAreEqual) {
  Architecture architecture;
  architecture.channels = 24;
  architecture.activation = Activation::kRelu6;
  architecture.hidden = 32;
  architecture.blocks = {{BlockType::kMobileNetV2, 24, 3, 1, 1, 3, "b"}};
  const Graph graph = BuildGraph(architecture).value();
  EXPECT_THAT(OpNames(graph), ElementsAre("b.expand", "b.depthwise", "b.project", "b.add", "pool", "pool.flat",
                                          "hidden", "logits", "softmax"));
  const auto activation = [&graph](int op) { return graph.ops[op].activation; };
  EXPECT_EQ(activation(0), Activation::kRelu6);
  EXPECT_EQ(activation(1), Activation::kRelu6);
  EXPECT_EQ(activation(2), Activation::kNone);
  EXPECT_EQ(activation(3), Activation::kNone);
  EXPECT_EQ(activation(6), Activation::kRelu);
}

// 16 channels of input: the path beside the pool keeps 8 filters where fewer are left.
TEST(BuildGraph, KeepsEightFiltersBesideAnAveragePool) {
  Architecture architecture;
  architecture.channels = 16;
  architecture.blocks = {{BlockType::kMobileNetV2AvgPool, 16, 3, 2, 2, 3, "b"}};
  EXPECT_EQ(OpWindows(BuildGraph(architecture).value()).back(), "b.concat 1x1/1x1 25x20x24");
}

TEST(BuildGraph, TurnsEightFrequencyBandsIntoChannels) {
  Architecture architecture;
  architecture.blocks = {{BlockType::kSpectral, 24, 4, 1}, {BlockType::kConv, 16, 3, 2}};
  const Graph graph = BuildGraph(architecture).value();
  EXPECT_THAT(WeightDims(graph, graph.ops[0]), ElementsAre(6, 4, 9, 1));
  EXPECT_THAT(graph.OutputDims(graph.ops[0]), ElementsAre(1, 49, 8, 6));
  EXPECT_THAT(graph.OutputDims(graph.ops[1]), ElementsAre(1, 49, 1, 48));
}

struct RefusedBlocks {
  const char* name;
  std::vector<Block> blocks;
  const char* message;
};

class BuildGraphRefuses : public ::testing::TestWithParam<RefusedBlocks> {};

TEST_P(BuildGraphRefuses, AndNamesTheBlock) {
  Architecture architecture;
  architecture.blocks = GetParam().blocks;
  const Result<Graph> graph = BuildGraph(architecture);
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(graph.error().message, HasSubstr(GetParam().message));
}

constexpr Block kStem = {BlockType::kTemporal, 8, 3, 1};
constexpr Block kHeavy = {BlockType::kConv, 4096, 1, 1};  // 2^24 weights after another of its kind

INSTANTIATE_TEST_SUITE_P(
    Table, BuildGraphRefuses,
    ::testing::Values(
        RefusedBlocks{"NoBlocks", {}, "1..256 blocks"},
        RefusedBlocks{"ConvOnFrequency", {{BlockType::kConv, 8, 3, 1}}, "block0 (conv): frequency"},
        RefusedBlocks{"ZeroFilters", {kStem, {BlockType::kConv, 0, 3, 1}}, "block1 (conv): filters"},
        RefusedBlocks{"ZeroKernel", {kStem, {BlockType::kConv, 8, 0, 1}}, "kernel"},
        RefusedBlocks{"NegativeStride", {kStem, {BlockType::kResidual, 8, 3, -2}}, "stride"},
        RefusedBlocks{"TooManyWeights",
                      {kStem, kHeavy, kHeavy, kHeavy, kHeavy, kHeavy},
                      "op 'block5.conv' (conv2d): the network has more than 67108864 weights"},
        RefusedBlocks{"FrequencyStrideOverTimeAlone",
                      {{BlockType::kTemporal, 8, 3, 1, 2}},
                      "block0 (temporal): runs over time alone"},
        RefusedBlocks{"StridingIdentity", {{BlockType::kIdentity, 0, 1, 2}}, "block0 (identity): cannot stride"},
        RefusedBlocks{"ZeroFrequencyStride", {{BlockType::kKxk, 8, 3, 1, 0}}, "stride must be 1..16"},
        RefusedBlocks{
            "HugeExpansion", {{BlockType::kMobileNetV2, 8, 3, 1, 1, 100}}, "block0 (mobilenet_v2): expansion"},
        RefusedBlocks{"NameTwice",
                      {{BlockType::kKxk, 8, 3, 1, 1, 1, "a"}, {BlockType::kKxk, 8, 3, 1, 1, 1, "a"}},
                      "op 'a.conv' (conv2d): another op has this name"},
        RefusedBlocks{"OddBands", {{BlockType::kSpectral, 10, 3, 1}}, "multiple of 4"}),
    [](const auto& info) { return info.param.name; });

TEST(BuildGraph, TakesFourHeavyBlocks) {
  Architecture architecture;
  architecture.blocks = {kStem, kHeavy, kHeavy, kHeavy, kHeavy};
  EXPECT_TRUE(BuildGraph(architecture).ok());
}

TEST(BuildGraph, RefusesAnInputWhoseSizesOverflow) {
  Architecture architecture;
  architecture.blocks = {kStem};
  architecture.width = 65536;
  architecture.channels = 65536;
  const Result<Graph> graph = BuildGraph(architecture);
  ASSERT_FALSE(graph.ok());
  EXPECT_THAT(graph.error().message, HasSubstr("the input is too large"));
}

TEST(ArchitectureJson, RoundTrips) {
  const Result<Architecture> parsed = ParseArchitecture(ToJson(Example()));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed, Example());
}

TEST(ArchitectureJson, RoundTripsEveryTypeOfBlock) {
  Architecture architecture;
  architecture.name = "every type";
  architecture.activation = Activation::kRelu6;
  architecture.hidden = 32;
  for (const BlockType type : AllBlockTypes()) {
    Block block = {type, 24, 4, 2};
    if (RunsOverFrequency(type)) block.frequency_stride = 3;
    if (Expands(type)) block.expansion = 6;
    if (type == BlockType::kIdentity) block = {type};
    block.name = "n" + std::to_string(architecture.blocks.size());
    architecture.blocks.push_back(block);
  }
  const Result<Architecture> parsed = ParseArchitecture(ToJson(architecture));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed, architecture);
}

TEST(ArchitectureJson, ReadsBaselinesForOtherInputs) {
  const Architecture parsed =
      ParseArchitecture(R"({"baseline": "mobilenet_v2", "input": {"height": 49}, "classes": 12})").value();
  Architecture expected = Baseline("mobilenet_v2").value();
  expected.height = 49;
  expected.classes = 12;
  EXPECT_EQ(parsed, expected);
  EXPECT_EQ(ParseArchitecture(R"({"baseline": "tc_resnet8_1.0"})").value(), Baseline("tc_resnet8_1.0").value());
}

TEST(ArchitectureJson, TakesOneStrideForTime) {
  const Architecture parsed = ParseArchitecture(R"({"blocks": [{"type": "kxk", "filters": 8, "kernel": 3, "stride": 2},
                                                    {"type": "kxk", "filters": 8, "kernel": 3, "stride": [1, 2]}]})")
                                  .value();
  EXPECT_EQ(parsed.blocks[0], (Block{BlockType::kKxk, 8, 3, 2, 1}));
  EXPECT_EQ(parsed.blocks[1], (Block{BlockType::kKxk, 8, 3, 1, 2}));
}

TEST(ArchitectureJson, FillsInDefaults) {
  const Architecture parsed =
      ParseArchitecture(R"({"blocks": [{"type": "temporal", "filters": 8, "kernel": 3}]})").value();
  EXPECT_EQ(parsed.height, 49);
  EXPECT_EQ(parsed.width, 40);
  EXPECT_EQ(parsed.classes, 12);
  EXPECT_EQ(parsed.blocks[0], kStem);
}

struct RefusedJson {
  const char* name;
  const char* text;
  const char* message;
};

class ParseArchitectureRefuses : public ::testing::TestWithParam<RefusedJson> {};

TEST_P(ParseArchitectureRefuses, AndNamesThePlace) {
  const Result<Architecture> parsed = ParseArchitecture(GetParam().text);
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(parsed.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ParseArchitectureRefuses,
    ::testing::Values(
        RefusedJson{"Empty", "", "not valid JSON"}, RefusedJson{"Truncated", R"({"blocks": [)", "not valid JSON"},
        RefusedJson{"NotAnObject", "[1]", "must be an object"},
        RefusedJson{"NoBlocks", R"({"classes": 12})", "needs 'blocks'"},
        RefusedJson{"BlocksNoArray", R"({"blocks": {}})", "needs 'blocks'"},
        RefusedJson{"UnknownKey", R"({"block": []})", "unknown key 'block' in the document; known: name, input"},
        RefusedJson{"UnknownInputKey", R"({"input": {"depth": 1}, "blocks": []})", "unknown key 'depth' in input"},
        RefusedJson{"NameNoString", R"({"name": 3, "blocks": []})", "name must be a string"},
        RefusedJson{"ClassesNoInteger", R"({"classes": "12", "blocks": []})", "classes must be an integer"},
        RefusedJson{"BlockNoObject", R"({"blocks": [7]})", "blocks[0] must be an object"},
        RefusedJson{"NoType", R"({"blocks": [{"filters": 8, "kernel": 3}]})", "blocks[0] has no 'type'; known: temp"},
        RefusedJson{"UnknownType", R"({"blocks": [{"type": "lstm", "filters": 8, "kernel": 3}]})",
                    R"(blocks[0].type "lstm" is unknown; known: temporal, spectral, conv, separable, residual, kxk, )"},
        RefusedJson{"UnknownBaseline", R"({"baseline": "vgg"})",
                    "no baseline is named 'vgg'; known: mobilenet_v1, mob"},
        RefusedJson{"BaselineNoString", R"({"baseline": 7})", "baseline must be a string, not 7"},
        RefusedJson{"BaselineWithBlocks", R"({"baseline": "mobilenet_v1", "blocks": []})", "unknown key 'blocks'"},
        RefusedJson{"UnknownActivation", R"({"activation": "swish", "blocks": []})",
                    "must be relu or relu6, not \"swish\""},
        RefusedJson{"HiddenNoInteger", R"({"hidden": 1.5, "blocks": []})", "hidden must be an integer, not 1.5"},
        RefusedJson{"ThreeStrides", R"({"blocks": [{"type": "kxk", "filters": 8, "kernel": 3, "stride": [1, 1, 1]}]})",
                    "blocks[0].stride must be a number or [over time, over frequency]"},
        RefusedJson{"StrideNoInteger",
                    R"({"blocks": [{"type": "kxk", "filters": 8, "kernel": 3, "stride": [1, "2"]}]})",
                    "blocks[0].stride[1] must be an integer"},
        RefusedJson{"NoExpansion", R"({"blocks": [{"type": "mobilenet_v2", "filters": 8, "kernel": 3}]})",
                    "blocks[0] has no 'expansion'"},
        RefusedJson{"ExpansionOfAnother", R"({"blocks": [{"type": "kxk", "filters": 8, "kernel": 3, "expansion": 3}]})",
                    "unknown key 'expansion' in blocks[0]; known: type, filters, kernel, stride, name"},
        RefusedJson{"FiltersOfIdentity", R"({"blocks": [{"type": "identity", "filters": 8}]})",
                    "unknown key 'filters' in blocks[0]; known: type, name"},
        RefusedJson{"NoKernel", R"({"blocks": [{"type": "conv", "filters": 8}]})", "blocks[0] has no 'kernel'"},
        RefusedJson{"FractionalFilters", R"({"blocks": [{"type": "conv", "filters": 8.5, "kernel": 3}]})",
                    "blocks[0].filters must be an integer, not 8.5"},
        RefusedJson{"HugeFilters", R"({"blocks": [{"type": "conv", "filters": 99999999999, "kernel": 3}]})",
                    "blocks[0].filters is too large: 99999999999"},
        RefusedJson{"KeyTwice", R"({"blocks": [{"type": "conv", "filters": 8, "kernel": 3, "filters": 16}]})",
                    "key 'filters' stands twice in one object"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus::graph
