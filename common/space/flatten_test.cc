#include "common/space/flatten.h"

#include <cmath>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/space/scale.h"
#include "gmock/gmock.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

constexpr char kMixed[] = R"(
  parameters { parameter_id: "linear" double_value_spec { min_value: -3 max_value: 5 } }
  parameters { parameter_id: "log" double_value_spec { min_value: 1e-6 max_value: 10 } scale_type: UNIT_LOG_SCALE }
  parameters { parameter_id: "reverse" double_value_spec { min_value: 0.5 max_value: 0.999 }
               scale_type: UNIT_REVERSE_LOG_SCALE }
  parameters { parameter_id: "huge" double_value_spec { min_value: -1.7e308 max_value: 1.7e308 } }
  parameters { parameter_id: "fixed" double_value_spec { min_value: 0.1 max_value: 0.1 } scale_type: UNIT_LOG_SCALE }
  parameters { parameter_id: "integer" integer_value_spec { min_value: -2 max_value: 7 } }
  parameters { parameter_id: "log integer" integer_value_spec { min_value: 1 max_value: 1024 }
               scale_type: UNIT_LOG_SCALE }
  parameters { parameter_id: "reverse integer" integer_value_spec { min_value: 1 max_value: 100 }
               scale_type: UNIT_REVERSE_LOG_SCALE }
  parameters { parameter_id: "discrete" discrete_value_spec { values: 1 values: 10 values: 100 values: 1000 } }
  parameters {
    parameter_id: "block" categorical_value_spec { values: "conv" values: "pool" values: "none" }
    conditional_parameter_specs {
      parent_categorical_values { values: "conv" values: "pool" }
      parameter_spec { parameter_id: "kernel" integer_value_spec { min_value: 2 max_value: 5 }
        conditional_parameter_specs {
          parent_int_values { values: 3 values: 5 }
          parameter_spec { parameter_id: "norm" categorical_value_spec { values: "yes" values: "no" } } } } }
    conditional_parameter_specs {
      parent_categorical_values { values: "pool" values: "conv" }
      parameter_spec { parameter_id: "stride" integer_value_spec { min_value: 1 max_value: 2 } } } })";

UnitPoint RandomUnit(const Flatten& flatten, Random& random) {
  UnitPoint unit(flatten.dimension());
  for (double& u : unit) u = random.Uniform();
  return unit;
}

TEST(Flatten, TurnsEveryUnitPointIntoAValidPoint) {
  const Flatten flatten(Space(kMixed));
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    UnitPoint unit = RandomUnit(flatten, random);
    if (i % 3 == 0) unit[i % unit.size()] = i % 2;  // the corners, too
    const absl::Status status = flatten.space().Validate(flatten.ToPoint(unit));
    ASSERT_TRUE(status.ok()) << status;
  }
}

TEST(Flatten, FindsEveryPointAgain) {
  const Flatten flatten(Space(kMixed));
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    const Point point = flatten.ToPoint(RandomUnit(flatten, random));
    const auto unit = flatten.ToUnit(point);
    ASSERT_TRUE(unit.has_value());
    const Point again = flatten.ToPoint(*unit);
    ASSERT_EQ(again.size(), point.size());
    for (const auto& [id, value] : point) {
      const auto* number = std::get_if<double>(&value);
      if (number == nullptr || flatten.Levels(flatten.space().Find(id)) > 0) {
        ASSERT_EQ(again.at(id), value) << id;
      } else {
        ASSERT_NEAR(std::get<double>(again.at(id)), *number, 1e-12 * std::max(1.0, std::abs(*number))) << id;
      }
    }
  }
}

TEST(Flatten, GivesBoundsAndDefaultsAsTheyWereWritten) {
  for (const char* scale : {"UNIT_LINEAR_SCALE", "UNIT_LOG_SCALE", "UNIT_REVERSE_LOG_SCALE"}) {
    for (const auto& [low, high, middle] : {std::tuple(1e-3, 1.0, 0.01), std::tuple(1e-5, 0.1, 3e-4),
                                            std::tuple(0.1, 0.7, 0.3), std::tuple(1e-12, 1e3, 7.0)}) {
      const Flatten flatten(Space(absl::StrCat("parameters { parameter_id: 'x' scale_type: ", scale,
                                               " double_value_spec { min_value: ", low, " max_value: ", high,
                                               " default_value { value: ", middle, " } } }")));
      EXPECT_EQ(flatten.ToPoint({0}), (Point{{"x", low}})) << scale;
      EXPECT_EQ(flatten.ToPoint({1}), (Point{{"x", high}})) << scale;
      EXPECT_EQ(flatten.ToPoint(*flatten.ToUnit({{"x", middle}})), (Point{{"x", middle}})) << scale;
    }
  }
}

TEST(Flatten, SnapsToTheCoordinatesOfTheRoundedPoint) {
  const Flatten flatten(Space(kMixed));
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    UnitPoint unit = RandomUnit(flatten, random);
    const UnitPoint expected = *flatten.ToUnit(flatten.ToPoint(unit));
    flatten.Snap(unit);
    for (int k = 0; k < flatten.dimension(); ++k) ASSERT_NEAR(unit[k], expected[k], 1e-9) << k;
    UnitPoint twice = unit;
    flatten.Snap(twice);
    ASSERT_EQ(twice, unit);
  }
}

TEST(Flatten, NamesEveryLevel) {
  const Flatten flatten(Space(kMixed));
  for (int p = 0; p < flatten.dimension(); ++p) {
    for (int64_t level = 0; level < flatten.Levels(p); ++level) {
      EXPECT_EQ(flatten.LevelOf(p, flatten.LevelCoordinate(p, level)), level) << flatten.space().parameters()[p].id;
    }
  }
  EXPECT_EQ(flatten.Levels(flatten.space().Find("linear")), 0);
  EXPECT_EQ(flatten.Levels(flatten.space().Find("fixed")), 1);
  EXPECT_EQ(flatten.Levels(flatten.space().Find("integer")), 10);
}

TEST(Flatten, DrawsUniformlyFromCells) {
  const Flatten flatten(Space(kMixed));
  for (const char* id : {"integer", "discrete", "block"}) {
    const int p = flatten.space().Find(id);
    std::vector<int> hits(flatten.Levels(p));
    const int draws = 2520;  // divisible by 10, 4 and 3
    for (int i = 0; i < draws; ++i) ++hits[flatten.LevelOf(p, (i + 0.5) / draws)];
    for (const int h : hits) EXPECT_EQ(h, draws / static_cast<int>(hits.size())) << id;
  }
}

TEST(Flatten, GivesLogScalesEqualShareToEveryDecade) {
  const Flatten flatten(Space(kMixed));
  UnitPoint unit(flatten.dimension(), 0.5);
  unit[flatten.space().Find("log")] = 3.0 / 7.0;  // 1e-6 .. 1e1: seven decades
  EXPECT_NEAR(std::get<double>(flatten.ToPoint(unit).at("log")), 1e-3, 1e-12);
}

TEST(Flatten, PlacesHistoryOutsideTheBoundsOutsideTheCube) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "x" double_value_spec { max_value: 10 } }
    parameters { parameter_id: "l" double_value_spec { min_value: 1 max_value: 10 } scale_type: UNIT_LOG_SCALE }
    parameters { parameter_id: "c" categorical_value_spec { values: "a" values: "b" } })"));
  EXPECT_NEAR((*flatten.ToUnit({{"x", 12.0}, {"l", 1.0}, {"c", "a"}}))[0], 1.2, 1e-12);
  EXPECT_NEAR((*flatten.ToUnit({{"x", -1e300}, {"l", 1.0}, {"c", "a"}}))[0], -0.5, 1e-12);
  EXPECT_FALSE(flatten.ToUnit({{"x", 1.0}, {"l", 0.0}, {"c", "a"}}).has_value());
  EXPECT_FALSE(flatten.ToUnit({{"x", 1.0}, {"l", 1.0}, {"c", "z"}}).has_value());
  EXPECT_FALSE(flatten.ToUnit({{"x", 1.0}, {"l", 1.0}}).has_value());
  EXPECT_FALSE(flatten.ToUnit({{"x", std::nan("")}, {"l", 1.0}, {"c", "a"}}).has_value());
}

TEST(Flatten, PlacesANumberAtTheNearestDiscreteValue) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "x" discrete_value_spec { values: 1 values: 10 values: 100 } })"));
  const auto level = [&](double x) { return flatten.LevelOf(0, (*flatten.ToUnit({{"x", x}, {"unknown", 1.0}}))[0]); };
  EXPECT_EQ(level(-1e300), 0);
  EXPECT_EQ(level(5.4), 0);
  EXPECT_EQ(level(5.6), 1);
  EXPECT_EQ(level(55), 1) << "of two that are as near the lower one";
  EXPECT_EQ(level(56), 2);
  EXPECT_EQ(level(1e300), 2);
}

double SquaredDistance(const Flatten& flatten, const Point& a, const Point& b) {
  std::vector<double> fa(flatten.feature_dimension()), fb(flatten.feature_dimension());
  flatten.ToFeatures(*flatten.ToUnit(a), fa.data());
  flatten.ToFeatures(*flatten.ToUnit(b), fb.data());
  double sum = 0;
  for (size_t i = 0; i < fa.size(); ++i) sum += (fa[i] - fb[i]) * (fa[i] - fb[i]);
  return sum;
}

TEST(FlattenFeatures, PutTwoCategoriesAtDistanceOne) {
  std::string spec =
      R"(parameters { parameter_id: "few" categorical_value_spec { values: "a" values: "b" values: "c" } }
                        parameters { parameter_id: "many" categorical_value_spec { )";
  for (int i = 0; i < 200; ++i) spec += "values: \"" + std::to_string(i) + "\" ";
  const Flatten flatten(Space(spec + "} }"));
  EXPECT_EQ(flatten.feature_dimension(), 3 + 32);
  EXPECT_NEAR(SquaredDistance(flatten, {{"few", "a"}, {"many", "0"}}, {{"few", "b"}, {"many", "0"}}), 1, 1e-12);
  EXPECT_NEAR(SquaredDistance(flatten, {{"few", "a"}, {"many", "0"}}, {{"few", "c"}, {"many", "0"}}), 1, 1e-12);
  for (int i = 1; i < 200; ++i) {  // random codes: near 1, never the same
    const double d =
        SquaredDistance(flatten, {{"few", "a"}, {"many", "0"}}, {{"few", "a"}, {"many", std::to_string(i)}});
    EXPECT_GT(d, 0.2) << i;
    EXPECT_LT(d, 1.8) << i;
  }
}

TEST(FlattenFeatures, TellActiveFromInactiveChildrenByOneColumnPerCondition) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "block" integer_value_spec { max_value: 3 }
      conditional_parameter_specs { parent_int_values { values: 0 values: 1 }
        parameter_spec { parameter_id: "a" double_value_spec { max_value: 1 } } }
      conditional_parameter_specs { parent_int_values { values: 1 values: 0 }
        parameter_spec { parameter_id: "b" double_value_spec { max_value: 1 } } } })"));
  int activity = 0;
  for (const auto& group : flatten.groups()) activity += group.activity ? 1 : 0;
  EXPECT_EQ(activity, 1);
  EXPECT_EQ(flatten.feature_dimension(), 3 + 1);
  // Two points without children differ in their block only.
  EXPECT_NEAR(SquaredDistance(flatten, {{"block", 2.0}}, {{"block", 3.0}}), 1.0 / 16, 1e-12);
  // The activity column adds 1, each child its distance to the middle.
  EXPECT_NEAR(SquaredDistance(flatten, {{"block", 2.0}}, {{"block", 1.0}, {"a", 0.5}, {"b", 1.0}}), 1.0 / 16 + 1 + 0.25,
              1e-12);
}

TEST(FlattenFeatures, KeepTheSpacingOfDiscreteValuesOnALogScale) {
  const Flatten flatten(Space(R"(parameters { parameter_id: "d" scale_type: UNIT_LOG_SCALE
    discrete_value_spec { values: 1 values: 10 values: 10000 } })"));
  EXPECT_NEAR(SquaredDistance(flatten, {{"d", 1.0}}, {{"d", 10.0}}), 1.0 / 16, 1e-12);
  EXPECT_NEAR(SquaredDistance(flatten, {{"d", 1.0}}, {{"d", 10000.0}}), 1, 1e-12);
}

struct ScaleCase {
  const char* situation;
  Parameter::Scale scale;
  double low, high, value, unit;
};

class ScaleTest : public ::testing::TestWithParam<ScaleCase> {};

TEST_P(ScaleTest, MapsThereAndBack) {
  const ScaleCase& c = GetParam();
  EXPECT_NEAR(*ToUnitInterval(c.scale, c.low, c.high, c.value), c.unit, 1e-12);
  EXPECT_NEAR(FromUnitInterval(c.scale, c.low, c.high, c.unit), c.value, 1e-12 * std::abs(c.value));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ScaleTest,
    ::testing::Values(ScaleCase{"Linear", Parameter::Scale::kLinear, -1, 3, 0, 0.25},
                      ScaleCase{"LinearHuge", Parameter::Scale::kLinear, -1e308, 1e308, 5e307, 0.75},
                      ScaleCase{"LinearSmallest", Parameter::Scale::kLinear, 0, 5e-324, 5e-324, 1},
                      ScaleCase{"LogNarrowest", Parameter::Scale::kLog, 1e300, std::nextafter(1e300, 1e301), 1e300, 0},
                      ScaleCase{"Log", Parameter::Scale::kLog, 1e-4, 1, 1e-3, 0.25},
                      ScaleCase{"LogLow", Parameter::Scale::kLog, 1e-300, 1e300, 1e-300, 0},
                      ScaleCase{"ReverseLog", Parameter::Scale::kReverseLog, 1, 10000, 9991, 0.75},
                      ScaleCase{"ReverseLogHigh", Parameter::Scale::kReverseLog, 1, 100, 100, 1}),
    [](const auto& info) { return info.param.situation; });

}  // namespace
}  // namespace photinus
