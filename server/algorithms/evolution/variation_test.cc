#include "server/algorithms/evolution/variation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

constexpr char kMixed[] = R"(
  parameters { parameter_id: "x" double_value_spec { max_value: 1 } }
  parameters { parameter_id: "k" integer_value_spec { max_value: 999 } }
  parameters { parameter_id: "fixed" integer_value_spec { min_value: 3 max_value: 3 } }
  parameters { parameter_id: "block" categorical_value_spec { values: "none" values: "conv" values: "pool" }
    conditional_parameter_specs { parent_categorical_values { values: "conv" values: "pool" }
      parameter_spec { parameter_id: "kernel" integer_value_spec { min_value: 1 max_value: 9 } } } })";

class VariationTest : public ::testing::Test {
 protected:
  UnitPoint Unit(const Point& point) const { return *flatten_.ToUnit(point); }
  double Number(const UnitPoint& unit, const char* id) const { return std::get<double>(flatten_.ToPoint(unit).at(id)); }

  const SearchSpace space_ = Space(kMixed);
  const Flatten flatten_ = Flatten(space_);
  const Point none_ = {{"x", 0.5}, {"k", 0.0}, {"fixed", 3.0}, {"block", "none"}};
  const Point conv_ = {{"x", 0.5}, {"k", 999.0}, {"fixed", 3.0}, {"block", "conv"}, {"kernel", 5.0}};
  Random random_ = Random(1);
};

TEST_F(VariationTest, MutatesExactlyOneParameterToAnotherValue) {
  std::map<std::string, int> mutated;
  for (int i = 0; i < 4000; ++i) {
    const Point child = flatten_.ToPoint(MutateOne(flatten_, Unit(conv_), random_));
    ASSERT_TRUE(space_.Validate(child).ok());
    int changes = 0;
    for (const auto& [id, value] : conv_) {
      if (id == "kernel" && child.at("block") != conv_.at("block")) continue;
      if (child.at(id) == value) continue;
      ++changes;
      ++mutated[id];
    }
    EXPECT_EQ(changes, 1);
  }
  EXPECT_EQ(mutated.count("fixed"), 0);
  for (const char* id : {"x", "k", "block", "kernel"}) EXPECT_NEAR(mutated[id], 1000, 150) << id;
}

TEST_F(VariationTest, MutatesNumbersNearBy) {
  double sum = 0;
  for (int i = 0; i < 4000; ++i) {
    const UnitPoint child = MutateOne(flatten_, Unit(none_), random_);
    sum += std::abs(child[0] - 0.5);
  }
  // Of |step|, far from the borders: 1 / (22 (1 - 2^-21)) for index 20, in a third of the calls.
  EXPECT_NEAR(sum / 4000, 1.0 / 22 / 3, 0.002);
}

TEST_F(VariationTest, MutatesInwardsFromABorder) {
  for (int i = 0; i < 200; ++i) {
    const UnitPoint child = MutateOne(flatten_, Unit(none_), random_);
    EXPECT_GE(Number(child, "k"), 0);
  }
}

TEST_F(VariationTest, DrawsChildrenThatBecomeActiveUniformly) {
  std::map<double, int> kernels;
  for (int i = 0; i < 9000; ++i) {
    const Point child = flatten_.ToPoint(MutateOne(flatten_, Unit(none_), random_));
    if (child.count("kernel") > 0) ++kernels[std::get<double>(child.at("kernel"))];
  }
  ASSERT_EQ(kernels.size(), 9);
  for (const auto& [kernel, count] : kernels) EXPECT_NEAR(count, 333, 90) << kernel;
}

TEST_F(VariationTest, MutatesOneOfEachPointsParametersOnAverage) {
  int changes = 0;
  for (int i = 0; i < 4000; ++i) {
    const UnitPoint parent = Unit(none_), child = MutateEach(flatten_, parent, random_);
    for (size_t k = 0; k < 4; ++k) changes += child[k] != parent[k] ? 1 : 0;  // without the kernel
  }
  EXPECT_NEAR(changes, 4000, 250);
}

TEST_F(VariationTest, CrossesNumbersAboutTheirParentsAndTakesCategoriesFromEither) {
  const Point pool = {{"x", 0.25}, {"k", 999.0}, {"fixed", 3.0}, {"block", "pool"}, {"kernel", 5.0}};
  const Point conv = {{"x", 0.75}, {"k", 999.0}, {"fixed", 3.0}, {"block", "conv"}, {"kernel", 5.0}};
  double sum = 0;
  int blocks = 0, untouched = 0, near = 0;
  for (int i = 0; i < 4000; ++i) {
    const Point child = flatten_.ToPoint(Crossover(flatten_, Unit(pool), Unit(conv), random_));
    ASSERT_TRUE(space_.Validate(child).ok());
    EXPECT_EQ(child.at("k"), pool.at("k"));
    EXPECT_EQ(child.at("kernel"), pool.at("kernel"));
    const double x = std::get<double>(child.at("x"));
    sum += x;
    untouched += x == 0.25 ? 1 : 0;
    near += std::min(std::abs(x - 0.25), std::abs(x - 0.75)) < 0.1 ? 1 : 0;
    blocks += child.at("block") == pool.at("block") ? 1 : 0;
  }
  EXPECT_NEAR(untouched, 2000, 200);
  EXPECT_GT(near, 3700);
  EXPECT_NEAR(sum / 4000, 0.25 + 0.125, 0.02);
  EXPECT_NEAR(blocks, 2000, 200);
}

TEST_F(VariationTest, TakesAnActiveChildFromTheParentThatHasIt) {
  int with_kernel = 0;
  for (int i = 0; i < 200; ++i) {
    for (const auto& [a, b] : {std::pair(none_, conv_), std::pair(conv_, none_)}) {
      const Point child = flatten_.ToPoint(Crossover(flatten_, Unit(a), Unit(b), random_));
      ASSERT_TRUE(space_.Validate(child).ok());
      if (child.count("kernel") == 0) continue;
      ++with_kernel;
      EXPECT_EQ(child.at("kernel"), conv_.at("kernel"));
    }
  }
  EXPECT_GT(with_kernel, 100);
}

TEST_F(VariationTest, LeavesAPointWithoutAChoiceAlone) {
  const SearchSpace space =
      Space(R"(parameters { parameter_id: "x" double_value_spec { min_value: 1 max_value: 1 } })");
  const Flatten flatten(space);
  EXPECT_EQ(MutateOne(flatten, {0.5}, random_), UnitPoint{0.5});
  EXPECT_EQ(MutateEach(flatten, {0.5}, random_), UnitPoint{0.5});
}

}  // namespace
}  // namespace photinus
