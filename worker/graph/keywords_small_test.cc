#include "worker/graph/keywords_small.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "worker/graph/architectures.h"
#include "worker/graph/counters.h"

namespace photinus::graph {
namespace {

using ::testing::HasSubstr;

const spaces::Space& Space() { return *spaces::FindSpace("keywords-small"); }

TEST(KeywordsSmall, EverySampleBuildsANetworkOfTheIntendedSize) {
  std::vector<std::int64_t> params;
  std::vector<std::int64_t> macs;
  for (int seed = 0; seed < 2000; ++seed) {
    const Result<Architecture> architecture = ArchitectureOf("keywords-small", spaces::Sample(Space(), seed));
    ASSERT_TRUE(architecture.ok()) << architecture.error().message;
    const Result<Graph> graph = BuildGraph(*architecture);
    ASSERT_TRUE(graph.ok()) << graph.error().message;
    EXPECT_EQ(graph->tensors[graph->output].dims, (Dims{1, 12}));
    params.push_back(Params(*graph));
    macs.push_back(Macs(*graph));
  }
  std::sort(params.begin(), params.end());
  std::sort(macs.begin(), macs.end());
  const auto at = [](const auto& sorted, double share) { return sorted[static_cast<int>(share * sorted.size())]; };
  EXPECT_GT(params.front(), 3500);
  EXPECT_GT(at(params, 0.05), 5000);
  EXPECT_LT(at(params, 0.95), 55000);
  EXPECT_LT(macs.back(), 4000000);
}

TEST(KeywordsSmall, LeavesIdentityBlocksOutAndStridesByPosition) {
  spaces::ParameterValues values = spaces::Defaults(Space());
  values["block2"] = "identity";
  values.erase("block2.filters");
  values.erase("block2.kernel");
  values["block3"] = "residual";
  const Architecture architecture = KeywordsSmall(values).value();
  const std::vector<Block> expected = {{BlockType::kTemporal, 24, 3, 1},
                                       {BlockType::kConv, 24, 5, 2},
                                       {BlockType::kResidual, 32, 5, 2},
                                       {BlockType::kConv, 32, 5, 1},
                                       {BlockType::kConv, 40, 5, 2}};
  EXPECT_EQ(architecture.blocks, expected);
}

TEST(KeywordsSmall, PassesOverWhatAStudyAdds) {
  spaces::ParameterValues values = spaces::Defaults(Space());
  const Architecture plain = KeywordsSmall(values).value();
  values["augment"] = "mask";
  values["block1.filters"] = std::int64_t{24};  // the same number, sent as an integer
  EXPECT_EQ(KeywordsSmall(values).value(), plain);
}

struct RefusedValue {
  const char* name;
  const char* parameter;
  spaces::Value value;
  const char* message;
};

class KeywordsSmallRefuses : public ::testing::TestWithParam<RefusedValue> {};

TEST_P(KeywordsSmallRefuses, AndNamesTheParameter) {
  spaces::ParameterValues values = spaces::Defaults(Space());
  values[GetParam().parameter] = GetParam().value;
  const Result<Architecture> architecture = KeywordsSmall(values);
  ASSERT_FALSE(architecture.ok());
  EXPECT_EQ(architecture.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(architecture.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, KeywordsSmallRefuses,
    ::testing::Values(RefusedValue{"UnknownType", "block1", "lstm", "'block1' must be one of conv, separable"},
                      RefusedValue{"TypeAsNumber", "stem", 3.0, "'stem' must be one of temporal, spectral"},
                      RefusedValue{"IdentityWhereItStrides", "block3", "identity", "'block3' must be one of"},
                      RefusedValue{"FiltersAsText", "stem.filters", "24", "'stem.filters' must be a whole number"},
                      RefusedValue{"FractionalKernel", "block5.kernel", 3.5, "'block5.kernel' must be a whole number"},
                      RefusedValue{"NoNumber", "block5.kernel", std::nan(""), "must be a whole number"},
                      RefusedValue{"HugeKernel", "block5.kernel", 1e300, "must be a whole number"}),
    [](const auto& info) { return info.param.name; });

TEST(KeywordsSmall, SaysWhichParameterIsMissing) {
  spaces::ParameterValues values = spaces::Defaults(Space());
  values.erase("block4.kernel");
  EXPECT_THAT(KeywordsSmall(values).error().message, HasSubstr("'block4.kernel' is missing"));
}

TEST(ArchitectureOf, ListsTheKnownSpaces) {
  const Result<Architecture> architecture = ArchitectureOf("keyword-small", {});
  ASSERT_FALSE(architecture.ok());
  EXPECT_EQ(architecture.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(architecture.error().message, HasSubstr("energy-audio-49, keywords-small"));
}

TEST(ArchitectureOf, KnowsEveryNamedSpace) {
  for (const std::string& name : spaces::SpaceNames()) {
    EXPECT_TRUE(ArchitectureOf(name, spaces::Defaults(*spaces::FindSpace(name))).ok()) << name;
  }
}

}  // namespace
}  // namespace photinus::graph
