#include "client/cli/report/network_profile.h"

#include "gmock/gmock.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

constexpr char kProfile[] = R"({"synthetic_data": true,
  "energy": {"source": "/srv/phone.model", "meter": "phone", "simulated": true},
  "architecture": {"blocks": [{"type": "temporal", "filters": 16, "kernel": 3, "stride": 2},
                              {"type": "mobilenet_v2", "name": "x", "filters": 24, "kernel": 5, "stride": [2, 2],
                               "expansion": 3},
                              {"type": "identity", "name": "x1"}]},
  "layers": [{"name": "block0.conv", "output": [1, 25, 1, 16], "params": 10, "flops": 100},
             {"name": "x.expand", "output": [1, 25, 1, 48], "params": 20, "flops": 200},
             {"name": "x.project", "output": [1, 13, 1, 24], "params": 30, "flops": 300},
             {"name": "pool", "output": [1, 1, 1, 24], "params": 0, "flops": 24},
             {"name": "logits", "output": [1, 9], "params": 5, "flops": 50}]})";

TEST(NetworkProfile, SumsLayersByBlock) {
  const NetworkProfile profile = ParseNetworkProfile(kProfile);
  EXPECT_TRUE(profile.synthetic_data);
  EXPECT_EQ(profile.energy_source, "/srv/phone.model");
  EXPECT_EQ(profile.energy_meter, "phone");
  EXPECT_TRUE(profile.simulated_meter);
  ASSERT_THAT(profile.blocks, ElementsAre(Field(&BlockProfile::name, "block0"), Field(&BlockProfile::name, "x"),
                                          Field(&BlockProfile::name, "x1"), Field(&BlockProfile::name, "head")));
  const BlockProfile& block = profile.blocks[1];
  EXPECT_EQ(block.type, "mobilenet_v2");
  EXPECT_EQ(block.filters, "24");
  EXPECT_EQ(block.kernel, "5");
  EXPECT_EQ(block.stride, "2 x 2");
  EXPECT_EQ(block.expansion, "3");
  EXPECT_EQ(block.output, "13 x 1 x 24");
  EXPECT_EQ(block.params, 50);
  EXPECT_EQ(block.flops, 500);
  EXPECT_EQ(profile.blocks[0].stride, "2");
  EXPECT_EQ(profile.blocks[2].output, "13 x 1 x 24") << "of the block before";
  EXPECT_EQ(profile.blocks[2].flops, 0);
  EXPECT_EQ(profile.blocks[3].output, "9");
  EXPECT_EQ(profile.blocks[3].flops, 74);
}

TEST(NetworkProfile, ShowsNoSizesThatAreNoNumbers) {
  const NetworkProfile profile = ParseNetworkProfile(
      R"({"architecture": {"blocks": [{"type": "kxk"}]}, "layers": [{"name": "block0.conv", "output": [1, [[2]], 3, "x"]}]})");
  ASSERT_EQ(profile.blocks.size(), 2) << "with the head";
  EXPECT_EQ(profile.blocks[0].output, "3");
}

TEST(NetworkProfile, TakesNothingForGranted) {
  for (const char* text :
       {R"({"architecture": {"blocks": [1, "x", null]}, "layers": [1, null]})", R"({"architecture": {"blocks": 3}})",
        R"({"architecture": {"blocks": [{"type": "kxk"}]}, "layers": [{"name": "other.conv"}]})",
        R"({"architecture": 1, "layers": {}, "energy": 3, "synthetic_data": 1})", R"({"layers": [{"name": "a"}]})",
        "[]", "{", ""}) {
    const NetworkProfile profile = ParseNetworkProfile(text);
    EXPECT_THAT(profile.blocks, IsEmpty()) << text;
    EXPECT_FALSE(profile.synthetic_data) << text;
    EXPECT_EQ(profile.energy_source, "") << text;
  }
}

}  // namespace
}  // namespace photinus
