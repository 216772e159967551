#include "worker/graph/energy_audio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "common/spaces/energy_audio.h"
#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "worker/graph/architecture_json.h"
#include "worker/graph/architectures.h"
#include "worker/graph/counters.h"

namespace photinus::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Sizes of the map after each of the twelve blocks, [height, width].
std::vector<std::vector<int>> MapsOf(const Architecture& architecture) {
  std::vector<std::vector<int>> maps;
  Architecture prefix = architecture;
  prefix.blocks.clear();
  for (const Block& block : architecture.blocks) {
    prefix.blocks.push_back(block);
    const Graph graph = BuildGraph(prefix).value();
    const auto pool = std::find_if(graph.ops.begin(), graph.ops.end(), [](const Op& op) { return op.name == "pool"; });
    maps.push_back({graph.InputDims(*pool)[1], graph.InputDims(*pool)[2]});
  }
  return maps;
}

class EnergyAudioTest : public ::testing::TestWithParam<const char*> {
 protected:
  Architecture Sampled(std::uint64_t seed) const {
    return ArchitectureOf(GetParam(), spaces::Sample(*spaces::FindSpace(GetParam()), seed)).value();
  }
};

INSTANTIATE_TEST_SUITE_P(Spaces, EnergyAudioTest,
                         ::testing::Values("energy-audio-2d", "energy-audio-1d", "energy-audio-49"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(EnergyAudioTest, EverySampleBuildsTwelveBlocksOfTheSameMaps) {
  const std::vector<std::vector<int>> maps = MapsOf(Sampled(0));
  std::set<BlockType> types;
  for (int seed = 0; seed < 300; ++seed) {
    const Architecture architecture = Sampled(seed);
    ASSERT_EQ(architecture.blocks.size(), 12u);
    for (const Block& block : architecture.blocks) types.insert(block.type);
    const Result<Graph> graph = BuildGraph(architecture);
    ASSERT_TRUE(graph.ok()) << graph.error().message;
    EXPECT_EQ(graph->tensors[graph->output].dims, (Dims{1, 9}));
    if (seed < 20) {
      EXPECT_EQ(MapsOf(architecture), maps) << "seed " << seed;
    }
    EXPECT_EQ(ParseArchitecture(ToJson(architecture)).value(), architecture);
  }
  EXPECT_EQ(types.size(), 7u);
}

TEST(EnergyAudio, StridesAsThePaperSays) {
  const auto maps_of = [](const char* space) {
    return MapsOf(ArchitectureOf(space, spaces::Defaults(*spaces::FindSpace(space))).value());
  };
  using Map = std::vector<int>;
  EXPECT_THAT(maps_of("energy-audio-2d"),
              ElementsAre(Map{98, 40}, Map{98, 40}, Map{49, 20}, Map{25, 10}, Map{13, 10}, Map{13, 10}, Map{13, 10},
                          Map{7, 5}, Map{7, 5}, Map{7, 5}, Map{7, 5}, Map{7, 5}));
  EXPECT_THAT(maps_of("energy-audio-1d"),
              ElementsAre(Map{98, 1}, Map{98, 1}, Map{49, 1}, Map{25, 1}, Map{13, 1}, Map{13, 1}, Map{13, 1}, Map{7, 1},
                          Map{7, 1}, Map{7, 1}, Map{7, 1}, Map{7, 1}));
  EXPECT_EQ(maps_of("energy-audio-49").back(), (Map{2, 5}));
}

// "The second block uses 2M FLOPs [with] 8 input filters, a kernel size of 3 and 24 output filters. If the number of
// input filters were instead 24, the FLOPs count would triple to 6M" [arXiv 2202.05397, section 8].
TEST(EnergyAudio, ItsSecondBlockCostsWhatThePaperSays) {
  for (const auto& [filters, expected] : {std::pair(8, 2.04e6), std::pair(24, 5.93e6)}) {
    spaces::ParameterValues values = spaces::Defaults(spaces::EnergyAudio2d());
    values["block1.filters"] = std::int64_t{filters};
    values["block2.filters"] = std::int64_t{24};
    const Graph graph = BuildGraph(EnergyAudio2d(values).value()).value();
    double flops = 0;
    for (const Op& op : graph.ops) {
      if (op.name.rfind("block2.", 0) == 0) flops += static_cast<double>(Flops(graph, op));
    }
    EXPECT_NEAR(flops, expected, 5e3);
  }
}

TEST(EnergyAudio, HasNineToThirtyOptionsPerBlock) {
  std::vector<int> options;
  double points = 1;
  for (const spaces::EnergyAudioBlock& block : spaces::EnergyAudioBlocks()) {
    int count = 0;
    for (const std::string& type : block.types) {
      const bool kernels = type != "mobilenet_v2_avg_pool";
      count += type == "identity" ? 1 : static_cast<int>(block.filters.size()) * (kernels ? block.max_kernel - 2 : 1);
    }
    options.push_back(count);
    points *= count;
  }
  EXPECT_THAT(options, ElementsAre(9, 9, 30, 30, 27, 10, 10, 12, 10, 10, 10, 13));
  EXPECT_NEAR(points, 3.07e13, 1e11);
}

// The space and what is built of it must agree on which parameters there are.
TEST_P(EnergyAudioTest, EveryActiveParameterMatters) {
  const spaces::Space& space = *spaces::FindSpace(GetParam());
  for (int seed = 0; seed < 20; ++seed) {
    const spaces::ParameterValues values = spaces::Sample(space, seed);
    for (const auto& [name, value] : values) {
      spaces::ParameterValues without = values;
      without.erase(name);
      const Result<Architecture> architecture = ArchitectureOf(GetParam(), without);
      ASSERT_FALSE(architecture.ok()) << name;
      EXPECT_THAT(architecture.error().message, HasSubstr("'" + name + "' is missing"));
    }
  }
}

TEST(EnergyAudio1d, RunsOverTimeAlone) {
  for (int seed = 0; seed < 100; ++seed) {
    const Graph graph = BuildGraph(EnergyAudio1d(spaces::Sample(spaces::EnergyAudio1d(), seed)).value()).value();
    EXPECT_EQ(graph.ops[0].type, OpType::kReshape);
    EXPECT_EQ(graph.OutputDims(graph.ops[0]), (Dims{1, 196, 1, 40}));
    for (const Op& op : graph.ops) {
      EXPECT_EQ(op.kernel_w, 1) << op.name;
      EXPECT_EQ(op.stride_w, 1) << op.name;
    }
  }
}

TEST(EnergyAudio, RefusesATypeThatABlockLacks) {
  spaces::ParameterValues values = spaces::Defaults(spaces::EnergyAudio2d());
  values["block3"] = "identity";
  EXPECT_THAT(EnergyAudio2d(values).error().message,
              HasSubstr("energy-audio-2d: parameter 'block3' must be one of kx1_1xk_dw, mobilenet_v1, mobilenet_v2, "));
}

}  // namespace
}  // namespace photinus::graph
