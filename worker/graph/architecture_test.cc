#include "worker/graph/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/graph/architecture_json.h"

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
    ::testing::Values(RefusedBlocks{"NoBlocks", {}, "1..256 blocks"},
                      RefusedBlocks{"ConvOnFrequency", {{BlockType::kConv, 8, 3, 1}}, "block0 (conv): frequency"},
                      RefusedBlocks{"ZeroFilters", {kStem, {BlockType::kConv, 0, 3, 1}}, "block1 (conv): filters"},
                      RefusedBlocks{"ZeroKernel", {kStem, {BlockType::kConv, 8, 0, 1}}, "kernel"},
                      RefusedBlocks{"NegativeStride", {kStem, {BlockType::kResidual, 8, 3, -2}}, "stride"},
                      RefusedBlocks{"TooManyWeights",
                                    {kStem, kHeavy, kHeavy, kHeavy, kHeavy, kHeavy},
                                    "op 'block5.conv' (conv2d): the network has more than 67108864 weights"},
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
                    R"(blocks[0].type "lstm" is unknown; known: temporal, spectral, conv, separable, residual)"},
        RefusedJson{"NoKernel", R"({"blocks": [{"type": "conv", "filters": 8}]})", "blocks[0] has no 'kernel'"},
        RefusedJson{"FractionalFilters", R"({"blocks": [{"type": "conv", "filters": 8.5, "kernel": 3}]})",
                    "blocks[0].filters must be an integer, not 8.5"},
        RefusedJson{"HugeFilters", R"({"blocks": [{"type": "conv", "filters": 99999999999, "kernel": 3}]})",
                    "blocks[0].filters must be an integer"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus::graph
