// Everything that moves a fly.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/algorithms/firefly/forces.h"
#include "server/algorithms/firefly/perturbation.h"
#include "server/algorithms/firefly/velocity.h"
#include "tests/support/search_space.h"

namespace photinus::firefly {
namespace {

// Unit coordinates: x, units (4 levels), block (a: 1/6, b: 1/2, c: 5/6), width (while block is "b").
constexpr char kMixed[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: 0 max_value: 1 } }
  parameters { parameter_id: "units" integer_value_spec { min_value: 1 max_value: 4 } }
  parameters { parameter_id: "block" categorical_value_spec { values: "a" values: "b" values: "c" }
    conditional_parameter_specs { parent_categorical_values { values: "b" }
      parameter_spec { parameter_id: "width" double_value_spec { min_value: 0 max_value: 1 } } } })";

class MovesTest : public ::testing::Test {
 protected:
  const SearchSpace space_ = Space(kMixed);
  const Flatten flatten_{space_};
  const Layout mixed_{flatten_};
  const Layout line_{1};
  const HyperParameters eagle_;
  Random random_{1};
};

TEST_F(MovesTest, ABrighterFlyPullsLessFromFarAway) {
  UnitPoint point = {0.5};
  Attract(line_, eagle_, {0.6}, true, random_, point);
  EXPECT_NEAR(point[0], 0.5 + 0.1 * std::exp(-3 * 10 * 0.01), 1e-12);  // 0.741 of the way
  point = {0.2};
  Attract(line_, eagle_, {0.8}, true, random_, point);
  EXPECT_NEAR(point[0], 0.2 + 0.6 * std::exp(-30 * 0.36), 1e-12);
}

TEST_F(MovesTest, ADimmerFlyPushes) {
  UnitPoint point = {0.5};
  Attract(line_, eagle_, {0.6}, false, random_, point);
  EXPECT_NEAR(point[0], 0.5 - 0.02 * 0.1 * std::exp(-0.3), 1e-12);
  point = {0.0};
  Attract(line_, eagle_, {0.01}, false, random_, point);
  EXPECT_EQ(point[0], 0) << "never out of the space";
}

TEST_F(MovesTest, DistancesAreMeansOverTheParametersOfAKind) {
  UnitPoint point = {0.5, 0.5};
  Attract(Layout(2), eagle_, {0.6, 0.5}, true, random_, point);
  EXPECT_NEAR(point[0], 0.5 + 0.1 * std::exp(-30 * 0.005), 1e-12);
}

TEST_F(MovesTest, EachKindHasItsOwnVisibility) {
  UnitPoint point = {0.5, 0.625, 0.5 / 3, kInactive};
  Attract(mixed_, eagle_, {0.6, 0.375, 0.5 / 3, kInactive}, true, random_, point);
  EXPECT_NEAR(point[0], 0.5 + 0.1 * std::exp(-30 * 0.01), 1e-12);
  EXPECT_NEAR(point[1], 0.625 - 0.25 * std::exp(-10 * 0.0625), 1e-12);
}

TEST_F(MovesTest, ACategoryIsTakenWithTheProbabilityOfTheForce) {
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    UnitPoint point = {0.5, 0.625, 0.5 / 3, kInactive};
    Attract(mixed_, eagle_, {0.5, 0.625, 2.5 / 3, kInactive}, true, random_, point);
    taken += point[2] == 2.5 / 3;
    Attract(mixed_, eagle_, {0.5, 0.625, 0.5 / 3, kInactive}, false, random_, point);
  }
  EXPECT_NEAR(taken, 10'000 * std::exp(-10 * 0.2), 100);
}

TEST_F(MovesTest, AChildMovesOnlyWhereItIsActive) {
  HyperParameters sure = eagle_;
  sure.visibility = sure.categorical_visibility = 0;  // full pull
  UnitPoint point = {0.5, 0.625, 0.5 / 3, kInactive};
  Attract(mixed_, sure, {0.5, 0.625, 0.5, 0.7}, true, random_, point);
  EXPECT_EQ(point[3], 0.7) << "with the parent's category comes the child";
  Attract(mixed_, sure, {0.5, 0.625, 2.5 / 3, kInactive}, true, random_, point);
  EXPECT_EQ(point[3], 0.7) << "a fly without the child has no say in it";
  Settle(flatten_, random_, point);
  EXPECT_TRUE(std::isnan(point[3]));
}

TEST_F(MovesTest, AChildThatBecomesActiveWithoutAValueGetsARandomOne) {
  UnitPoint a = {0.5, 0.625, 0.5, kInactive}, b = a;
  Settle(flatten_, random_, a);
  Settle(flatten_, random_, b);
  EXPECT_TRUE(a[3] > 0 && a[3] < 1);
  EXPECT_NE(a[3], b[3]);
}

TEST_F(MovesTest, ARecombinedPointHasMostOfItsValuesFromBrighterFlies) {
  const UnitPoint a = {0.1, 0.125, 0.5, 0.7}, b = {0.9, 0.125, 2.5 / 3, kInactive};
  int own = 0, of_a = 0, own_child = 0;
  for (int i = 0; i < 10'000; ++i) {
    UnitPoint point = {0.5, 0.625, 0.5, 0.3};
    Recombine({&a, &b}, random_, point);
    own += point[0] == 0.5;
    of_a += point[0] == 0.1;
    own_child += point[3] == 0.3;
    EXPECT_TRUE(point[1] == 0.125 || point[1] == 0.625) << "never between two values";
  }
  EXPECT_NEAR(own, 1000, 100);
  EXPECT_NEAR(of_a, 4500, 200);
  EXPECT_NEAR(own_child, 5500, 200) << "it stays where it is not active at the other";
}

TEST_F(MovesTest, TheBrightestFlyRecombinesWithNone) {
  UnitPoint point = {0.5, 0.625, 0.5, 0.3};
  Recombine({}, random_, point);
  EXPECT_EQ(point, (UnitPoint{0.5, 0.625, 0.5, 0.3}));
}

TEST_F(MovesTest, EqualPointsAreEqualWhereNothingIsActive) {
  EXPECT_TRUE(SamePoint({0.5, kInactive}, {0.5, kInactive}));
  EXPECT_FALSE(SamePoint({0.5, kInactive}, {0.5, 0.5}));
  EXPECT_FALSE(SamePoint({0.5, 0.4}, {0.5, kInactive}));
  EXPECT_FALSE(SamePoint({0.5}, {0.5001}));
  EXPECT_EQ(SquaredDistance(mixed_, {0, 0.5, 0.5, 0.1}, {0, 0.5, 0.5, kInactive}), 0.5);
}

TEST_F(MovesTest, TheLargestStepOfAPerturbationIsItsLength) {
  for (int i = 0; i < 100; ++i) {
    UnitPoint point(5, 0.5);
    Perturb(Layout(5), eagle_, 0.03, random_, point);
    double largest = 0;
    for (const double u : point) largest = std::max(largest, std::abs(u - 0.5));
    EXPECT_NEAR(largest, 0.03, 1e-12);
  }
}

TEST_F(MovesTest, OrdinalsMoveByLevelsAndCategoriesByChance) {
  double longest = 0;
  int changed = 0;
  for (int i = 0; i < 10'000; ++i) {
    UnitPoint point = {0.5, 0.5, 0.5 / 3, kInactive};
    Perturb(mixed_, eagle_, 0.01, random_, point);
    longest = std::max(longest, std::abs(point[1] - 0.5));
    changed += point[2] != 0.5 / 3;
    EXPECT_TRUE(std::isnan(point[3]));
  }
  EXPECT_NEAR(longest, 0.01 * 10 / (4 * 0.1), 1e-12);
  EXPECT_GT(changed, 300);  // at most a quarter draw a category, a third of those the same one
  EXPECT_LT(changed, 10'000 * 0.25 * 2 / 3);
}

TEST_F(MovesTest, APureCategoricalSpaceHasAFixedChance) {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    text += absl::StrCat("parameters { parameter_id: 'c", i, "' categorical_value_spec { ",
                         "values: 'a' values: 'b' values: 'c' values: 'd' values: 'e' } }");
  }
  const SearchSpace space = Space(text);
  const Layout layout{Flatten(space)};
  for (const double perturbation : {0.1, 1e-4}) {
    int changed = 0;
    for (int i = 0; i < 500; ++i) {
      UnitPoint point(20, 0.1);
      Perturb(layout, eagle_, perturbation, random_, point);
      changed += static_cast<int>(std::count_if(point.begin(), point.end(), [](double u) { return u != 0.1; }));
    }
    EXPECT_NEAR(changed, 10'000 * 0.1 * 4 / 5, 100);
  }
}

TEST_F(MovesTest, HyperFireflyMovesDoublesAndOthersMostlyApart) {
  HyperParameters hyper;
  hyper.further_change = 0;
  int doubles = 0, others = 0, both = 0;
  for (int i = 0; i < 10'000; ++i) {
    const UnitPoint before = {0.5, 0.375, 0.5, 0.5};
    UnitPoint point = before;
    PerturbSome(flatten_, mixed_, hyper, 0.03, random_, point);
    const bool double_moved = point[0] != before[0] || point[3] != before[3];
    const double largest = LargestDifference({point[0], point[3]}, {0.5, 0.5});
    EXPECT_NEAR(largest, double_moved ? 0.03 : 0, 1e-12);
    const int changed = (point[1] != before[1]) + (point[2] != before[2]);
    EXPECT_NEAR(std::abs(point[1] - before[1]), point[1] != before[1] ? 0.25 : 0, 1e-12) << "a level";
    ASSERT_LE(changed, 1);
    ++(!double_moved ? others : changed == 0 ? doubles : both);
  }
  EXPECT_NEAR(doubles, 4000, 200);
  EXPECT_NEAR(others, 4000, 200);
  EXPECT_NEAR(both, 2000, 200);
}

TEST_F(MovesTest, HyperFireflyChangesWhatThereIs) {
  const SearchSpace letters = Space(R"(
    parameters { parameter_id: "a" categorical_value_spec { values: "a" values: "b" values: "c" } }
    parameters { parameter_id: "b" integer_value_spec { min_value: 1 max_value: 2 } })");
  const Flatten flatten(letters);
  for (int i = 0; i < 200; ++i) {
    const UnitPoint before = {0.5, 0.25};
    UnitPoint point = before;
    HyperParameters hyper;
    hyper.further_change = 0;
    PerturbSome(flatten, Layout(flatten), hyper, 0.1, random_, point);
    EXPECT_EQ((point[0] != 0.5) + (point[1] != 0.25), 1) << "another category, or the only other level";
    point = {0.3, 0.7};
    PerturbSome(flatten, Layout(2), hyper, 0.1, random_, point);
    EXPECT_NEAR(LargestDifference(point, {0.3, 0.7}), 0.1, 1e-12);
  }
}

TEST_F(MovesTest, AMutantDiffersInEveryDouble) {
  for (int i = 0; i < 100; ++i) {
    UnitPoint point = {0.5, 0.625, 0.5, 0.5};
    Mutate(mixed_, random_, point);
    EXPECT_NE(point[0], 0.5);
    EXPECT_NE(point[3], 0.5);
  }
}

TEST_F(MovesTest, AFlySoarsTowardsItsOwnBestAndTheSwarms) {
  HyperParameters hyper = eagle_;
  hyper.attraction = 1;
  Fly fly{.best = {0.4}};
  for (int i = 0; i < 100; ++i) {
    UnitPoint point = {0.4};
    Soar(line_, hyper, fly, {0.5}, random_, point);
    EXPECT_GE(point[0], 0.4);
    EXPECT_LE(point[0], 0.5);
    point = {0.3};
    Soar(line_, hyper, fly, {0.3}, random_, point);
    EXPECT_GE(point[0], 0.3);
    EXPECT_LE(point[0], 0.4);
  }
}

TEST_F(MovesTest, AFlyKeepsItsVelocityWithinALimit) {
  HyperParameters hyper = eagle_;
  hyper.inertia = 0.5;
  Fly fly{.best = {0.4}, .velocity = {0.1}};
  UnitPoint point = {0.4};
  Soar(line_, hyper, fly, {0.4}, random_, point);
  EXPECT_NEAR(point[0], 0.45, 1e-12);
  fly.velocity = {0.9};
  point = {0.4};
  Soar(line_, hyper, fly, {0.4}, random_, point);
  EXPECT_NEAR(point[0], 0.65, 1e-12);
}

TEST_F(MovesTest, SuccessMakesSpeedAndFailureTakesHalfOfIt) {
  Fly fly{.best = {0.4, 0.375, 0.5, 0.2}};
  SpeedUp(mixed_, {0.6, 0.625, 2.5 / 3, kInactive}, fly);
  EXPECT_NEAR(fly.velocity[0], 0.1, 1e-12);
  EXPECT_NEAR(fly.velocity[1], 0.125, 1e-12);
  EXPECT_EQ(fly.velocity[2], 0) << "categories have no direction";
  EXPECT_EQ(fly.velocity[3], 0);
  SlowDown(fly);
  EXPECT_NEAR(fly.velocity[0], 0.05, 1e-12);
}

}  // namespace
}  // namespace photinus::firefly
