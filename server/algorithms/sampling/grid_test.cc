#include "server/algorithms/sampling/grid.h"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/algorithms/sampling/visited_points.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

std::optional<uint64_t> Size(const std::string& text) {
  const Flatten flatten(Space(text));
  return Grid(flatten).size();
}

std::vector<Point> Points(const std::string& text) {
  const Flatten flatten(Space(text));
  const Grid grid(flatten);
  std::vector<Point> points;
  for (uint64_t i = 0; i < *grid.size(); ++i) {
    points.push_back(flatten.ToPoint(grid.At(i)));
    EXPECT_EQ(grid.IndexOf(*flatten.ToUnit(points.back())), i);
  }
  return points;
}

std::vector<std::string> Texts(const std::vector<Point>& points) {
  std::vector<std::string> texts;
  for (const Point& point : points) {
    texts.emplace_back();
    for (const auto& [id, value] : point) {
      const auto* number = std::get_if<double>(&value);
      absl::StrAppend(&texts.back(), number != nullptr ? absl::StrCat(*number) : std::get<std::string>(value));
    }
  }
  return texts;
}

TEST(Grid, CountsAsNestedLoopsWithTheFirstParameterOutermost) {
  EXPECT_THAT(Texts(Points(R"(
    parameters { parameter_id: "a" categorical_value_spec { values: "p" values: "q" } }
    parameters { parameter_id: "b" integer_value_spec { min_value: 3 max_value: 5 } })")),
              ElementsAre("p3", "p4", "p5", "q3", "q4", "q5"));
}

TEST(Grid, RunsChildrenInsideTheValuesThatActivateThem) {
  EXPECT_THAT(Texts(Points(R"(
    parameters { parameter_id: "a" integer_value_spec { min_value: 1 max_value: 5 }
      conditional_parameter_specs { parent_int_values { values: 2 values: 4 }
        parameter_spec { parameter_id: "b" categorical_value_spec { values: "x" values: "y" }
          conditional_parameter_specs { parent_categorical_values { values: "y" }
            parameter_spec { parameter_id: "c" discrete_value_spec { values: 7 values: 9 } } } } } }
    parameters { parameter_id: "d" categorical_value_spec { values: "-" values: "+" } })")),
              ElementsAre("1-", "1+", "2x-", "2x+", "2y7-", "2y7+", "2y9-", "2y9+", "3-", "3+", "4x-", "4x+", "4y7-",
                          "4y7+", "4y9-", "4y9+", "5-", "5+"));
}

TEST(Grid, HasTheBoundsAndEvenStepsOfADoubleOnItsScale) {
  const std::vector<Point> points = Points(R"(
    parameters { parameter_id: "lr" double_value_spec { min_value: 1e-6 max_value: 1e3 } scale_type: UNIT_LOG_SCALE })");
  ASSERT_EQ(points.size(), Grid::kPointsOfADouble);
  for (int i = 0; i < Grid::kPointsOfADouble; ++i) {
    const double expected = std::pow(10.0, i - 6);
    EXPECT_THAT(std::get<double>(points[i].at("lr")), DoubleNear(expected, 1e-9 * expected));
  }
}

TEST(Grid, EnumeratesAFiniteSpaceExactly) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "a" integer_value_spec { max_value: 4 }
      conditional_parameter_specs { parent_int_values { values: 0 values: 1 values: 4 }
        parameter_spec { parameter_id: "b" integer_value_spec { max_value: 4 } } }
      conditional_parameter_specs { parent_int_values { values: 1 values: 2 }
        parameter_spec { parameter_id: "c" double_value_spec { min_value: 2 max_value: 2 } } } }
    parameters { parameter_id: "only" categorical_value_spec { values: "one" } })"));
  const Grid grid(flatten);
  ASSERT_EQ(grid.size(), flatten.space().Cardinality());
  VisitedPoints seen(flatten);
  for (uint64_t i = 0; i < *grid.size(); ++i) {
    EXPECT_FALSE(seen.Contains(grid.At(i)));
    seen.Add(grid.At(i));
  }
  EXPECT_EQ(seen.size(), *grid.size());
}

TEST(Grid, HasOnePointWithoutParameters) { EXPECT_EQ(Points("").size(), 1); }

TEST(Grid, DecodesLargeNumbersWithoutAList) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "a" integer_value_spec { max_value: 99999999 }
      conditional_parameter_specs { parent_int_values { values: 5 }
        parameter_spec { parameter_id: "c" integer_value_spec { min_value: 1 max_value: 3 } } } }
    parameters { parameter_id: "b" integer_value_spec { max_value: 9999999 } })"));
  const Grid grid(flatten);
  ASSERT_EQ(grid.size(), 100000002ull * 10000000ull);
  const Point last = flatten.ToPoint(grid.At(*grid.size() - 1));
  EXPECT_EQ(last, (Point{{"a", 99999999.0}, {"b", 9999999.0}}));
  const Point child = flatten.ToPoint(grid.At(7 * 10000000ull + 12));
  EXPECT_EQ(child, (Point{{"a", 5.0}, {"b", 12.0}, {"c", 3.0}}));
}

TEST(Grid, HasNoSizeBeyondExactNumbers) {
  std::string text;
  for (int i = 0; i < 53; ++i) {
    absl::StrAppend(&text, "parameters { parameter_id: '", i, "' integer_value_spec { max_value: 1 } } ");
  }
  EXPECT_EQ(Size(text), Grid::kMaxPoints);
  absl::StrAppend(&text, "parameters { parameter_id: 'x' integer_value_spec { max_value: 1 } } ");
  EXPECT_EQ(Size(text), std::nullopt);
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&text, "parameters { parameter_id: 'l", i, "' integer_value_spec { max_value: 1000000 } } ");
  }
  EXPECT_EQ(Size(text), std::nullopt);
}

TEST(Grid, KnowsWhatIsNotOnIt) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "x" double_value_spec { max_value: 9 } }
    parameters { parameter_id: "k" integer_value_spec { max_value: 4 } })"));
  const Grid grid(flatten);
  const auto index = [&](double x, double k) { return grid.IndexOf(*flatten.ToUnit({{"x", x}, {"k", k}})); };
  EXPECT_EQ(index(2, 3), 13);
  EXPECT_EQ(index(2.1, 3), std::nullopt);
  EXPECT_EQ(index(2, 5), std::nullopt);
  EXPECT_EQ(index(-1, 3), std::nullopt);
}

}  // namespace
}  // namespace photinus
