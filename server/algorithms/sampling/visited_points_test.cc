#include "server/algorithms/sampling/visited_points.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

// 21 points: none, or 4 x 5.
constexpr char kConditional[] = R"(
  parameters { parameter_id: "a" integer_value_spec { max_value: 4 }
    conditional_parameter_specs { parent_int_values { values: 0 values: 1 values: 2 values: 4 }
      parameter_spec { parameter_id: "b" integer_value_spec { max_value: 4 } } } })";

TEST(VisitedPoints, DrawsEveryOtherPointOfAFiniteSpaceThenNone) {
  const Flatten flatten(Space(kConditional));
  VisitedPoints visited(flatten);
  Random random(1);
  std::set<Point> seen;
  while (const auto unit = visited.DrawOther(random)) {
    EXPECT_TRUE(seen.insert(flatten.ToPoint(*unit)).second);
    visited.Add(*unit);
    ASSERT_LE(seen.size(), 21);
  }
  EXPECT_EQ(seen.size(), 21);
}

TEST(VisitedPoints, FindsTheLastPointOfALargeSpaceByScanning) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "a" integer_value_spec { max_value: 99 } }
    parameters { parameter_id: "b" integer_value_spec { max_value: 99 } })"));
  VisitedPoints visited(flatten);
  const auto points = EnumeratePoints(flatten, 10000);
  ASSERT_EQ(points->size(), 10000);
  for (size_t i = 0; i < points->size(); ++i) {
    if (i != 7777) visited.Add((*points)[i]);
  }
  Random random(1);
  EXPECT_EQ(visited.DrawOther(random), (*points)[7777]);
}

TEST(VisitedPoints, FindsTheOnlyLevelThatHasADoubleByScanning) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "a" integer_value_spec { max_value: 9999 }
      conditional_parameter_specs { parent_int_values { values: 7777 }
        parameter_spec { parameter_id: "x" double_value_spec { max_value: 1 } } } })"));
  VisitedPoints visited(flatten);
  for (int a = 0; a < 10000; ++a) {
    if (a != 7777) visited.Add({flatten.LevelCoordinate(0, a), 0.5});
  }
  Random random(1);
  for (int i = 0; i < 3; ++i) {
    const UnitPoint other = visited.DrawOther(random).value();
    EXPECT_EQ(flatten.LevelOf(0, other[0]), 7777);
    EXPECT_FALSE(visited.Contains(other));
    visited.Add(other);
  }
}

TEST(VisitedPoints, TakesDoublesWithinRoundingAsEqual) {
  const Flatten flatten(Space(R"(parameters { parameter_id: "x" double_value_spec { max_value: 1 } })"));
  VisitedPoints visited(flatten);
  visited.Add({0.3});
  EXPECT_TRUE(visited.Contains({0.1 * 3}));
  EXPECT_FALSE(visited.Contains({0.3 + 1e-8}));
  visited.Add({1.3});  // outside the bounds: not the point on the border
  EXPECT_FALSE(visited.Contains({1.0}));
}

TEST(PointKey, IsEqualForEqualPointsAndDiffersForOthers) {
  const Flatten flatten(Space(kConditional));
  const auto points = EnumeratePoints(flatten, 21);
  std::set<uint64_t> keys;
  for (const UnitPoint& unit : *points) keys.insert(PointKey(flatten, unit));
  EXPECT_EQ(keys.size(), 21);
  for (UnitPoint unit : *points) {
    for (double& u : unit) u += 1e-12;
    EXPECT_EQ(keys.count(PointKey(flatten, unit)), 1);
  }
}

TEST(EnumeratePoints, ListsEachPointOfAConditionalSpaceOnce) {
  const Flatten flatten(Space(kConditional));
  const auto points = EnumeratePoints(flatten, 21);
  ASSERT_TRUE(points.has_value());
  std::set<Point> distinct;
  for (const UnitPoint& unit : *points) distinct.insert(flatten.ToPoint(unit));
  EXPECT_EQ(distinct.size(), 21);
  EXPECT_EQ(points->size(), 21);
  EXPECT_FALSE(EnumeratePoints(flatten, 20).has_value());
}

}  // namespace
}  // namespace photinus
