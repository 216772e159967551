#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "common/spaces/split_mix.h"

namespace photinus::spaces {
namespace {

using ::testing::ElementsAre;
using ::testing::IsNull;
using ::testing::NotNull;

TEST(SplitMix64, GivesThePublishedNumbersForSeedZero) {
  SplitMix64 random(0);
  EXPECT_EQ(random.Next(), 0xe220a8397b1dcdafu);
  EXPECT_EQ(random.Next(), 0x6e789e6aa1b965f4u);
  EXPECT_EQ(random.Next(), 0x06c45d188009454fu);
}

TEST(NamedSpaces, KnowsKeywordsSmallAndListsItsNames) {
  EXPECT_THAT(FindSpace("keywords-small"), NotNull());
  EXPECT_THAT(FindSpace("keywords_small"), IsNull());
  EXPECT_THAT(FindSpace(""), IsNull());
  EXPECT_THAT(SpaceNames(), ElementsAre("energy-audio-1d", "energy-audio-2d", "energy-audio-49", "keywords-small"));
}

bool IsLegal(const Parameter& parameter, const Value& value) {
  if (const auto* category = std::get_if<std::string>(&value)) {
    return std::count(parameter.categories.begin(), parameter.categories.end(), *category) == 1;
  }
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return parameter.type == ParameterType::kInteger && *integer >= parameter.min && *integer <= parameter.max;
  }
  const double number = std::get<double>(value);
  if (parameter.type == ParameterType::kDiscrete) {
    return std::count(parameter.numbers.begin(), parameter.numbers.end(), number) == 1;
  }
  return parameter.type == ParameterType::kDouble && number >= parameter.min && number <= parameter.max;
}

TEST(NamedSpaces, EverySpaceIsWellFormed) {
  for (const std::string& name : SpaceNames()) {
    const Space& space = *FindSpace(name);
    EXPECT_EQ(space.name, name);
    std::set<std::string> seen;
    for (const Parameter& parameter : space.parameters) {
      EXPECT_TRUE(IsLegal(parameter, parameter.default_value)) << parameter.name;
      EXPECT_TRUE(parameter.weights.empty() || parameter.weights.size() == parameter.categories.size());
      EXPECT_TRUE(std::is_sorted(parameter.numbers.begin(), parameter.numbers.end())) << parameter.name;
      EXPECT_TRUE(parameter.scale == Scale::kLinear || parameter.min > 0) << parameter.name;
      EXPECT_TRUE(!parameter.when || seen.count(parameter.when->parent)) << parameter.name;
      EXPECT_TRUE(seen.insert(parameter.name).second) << parameter.name << " stands twice";
    }
  }
}

TEST(Sample, StaysInsideTheSpaceAndLeavesInactiveParametersOut) {
  const Space& space = *FindSpace("keywords-small");
  int inactive = 0;
  for (int seed = 0; seed < 500; ++seed) {
    const ParameterValues values = Sample(space, seed);
    for (const Parameter& parameter : space.parameters) {
      ASSERT_EQ(values.count(parameter.name), IsActive(parameter, values)) << parameter.name;
      if (IsActive(parameter, values)) {
        ASSERT_TRUE(IsLegal(parameter, values.at(parameter.name))) << parameter.name;
      } else {
        ++inactive;
      }
    }
    EXPECT_EQ(values.count("block2.filters"), std::get<std::string>(values.at("block2")) != "identity");
  }
  EXPECT_GT(inactive, 300);  // 500 seeds x 2 blocks x 2 children x 1/4 = 500 expected
}

// block8: three filters for each of four types, 12 options; block6: three for each of three types and identity, 10.
TEST(Sample, DrawsEveryNetworkOfEnergyAudioEquallyOften) {
  const Space& space = *FindSpace("energy-audio-2d");
  constexpr int kPoints = 20000;
  std::map<std::string, int> counts;
  for (int seed = 0; seed < kPoints; ++seed) {
    const ParameterValues values = Sample(space, seed);
    for (const char* block : {"block3", "block6", "block8"})
      ++counts[block + ("=" + std::get<std::string>(values.at(block)))];
  }
  const auto share = [&](const char* choice) { return static_cast<double>(counts[choice]) / kPoints; };
  EXPECT_NEAR(share("block3=mobilenet_v2"), 9 / 30.0, 0.02);
  EXPECT_NEAR(share("block3=mobilenet_v2_avg_pool"), 3 / 30.0, 0.02);
  EXPECT_NEAR(share("block6=mobilenet_v1"), 3 / 10.0, 0.02);
  EXPECT_NEAR(share("block6=identity"), 1 / 10.0, 0.02);
  EXPECT_NEAR(share("block8=mobilenet_v2_avg_pool"), 3 / 12.0, 0.02);
}

TEST(Sample, DependsOnTheSeedAlone) {
  const Space& space = *FindSpace("keywords-small");
  EXPECT_EQ(Sample(space, 7), Sample(space, 7));
  EXPECT_NE(Sample(space, 7), Sample(space, 8));
}

TEST(Sample, CoversEveryChoiceAboutEquallyOften) {
  const Space& space = *FindSpace("keywords-small");
  std::map<std::string, int> types;
  int low_rates = 0;
  constexpr int kPoints = 3000;
  for (int seed = 0; seed < kPoints; ++seed) {
    const ParameterValues values = Sample(space, seed);
    ++types[std::get<std::string>(values.at("block4"))];
    if (std::get<double>(values.at("lr")) < std::sqrt(1e-4 * 3e-2)) ++low_rates;
  }
  EXPECT_EQ(types.size(), 4u);
  for (const auto& [type, count] : types) EXPECT_NEAR(count, kPoints / 4, 100) << type;
  EXPECT_NEAR(low_rates, kPoints / 2, 120);  // log scale: half lies below the geometric mean
}

TEST(Defaults, AreOnePointOfTheSpace) {
  const ParameterValues values = Defaults(*FindSpace("keywords-small"));
  EXPECT_EQ(std::get<std::string>(values.at("stem")), "temporal");
  EXPECT_EQ(std::get<double>(values.at("block5.filters")), 40);
  EXPECT_EQ(std::get<std::int64_t>(values.at("block1.kernel")), 5);
}

}  // namespace
}  // namespace photinus::spaces
