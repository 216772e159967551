#include "server/algorithms/initial_design.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

History NoHistory(const Flatten& flatten) {
  return {.evaluations = {}, .pending = {}, .excluded = VisitedPoints(flatten)};
}

TEST(InitialDesign, BeginsWithTheDefaultsAndTheCentreWhereThereAreNone) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "x" double_value_spec { min_value: -1 max_value: 3 } }
    parameters { parameter_id: "block" categorical_value_spec { values: "a" values: "b" default_value { value: "b" } }
      conditional_parameter_specs { parent_categorical_values { values: "b" } parameter_spec { parameter_id: "width"
        integer_value_spec { min_value: 1 max_value: 64 default_value { value: 48 } } } } })"));
  InitialDesign design(flatten, 1);
  const Point point = flatten.ToPoint(*design.Next(NoHistory(flatten), 1));
  EXPECT_EQ(point, (Point{{"x", 1.0}, {"block", "b"}, {"width", 48.0}}));
}

TEST(InitialDesign, GoesOnWithNewPointsUntilThereAreNone) {
  const Flatten flatten(Space(R"(parameters { parameter_id: "k" integer_value_spec { min_value: 1 max_value: 20 } })"));
  History history = NoHistory(flatten);
  InitialDesign design(flatten, 1);
  for (int trial_id = 1; trial_id <= 20; ++trial_id) {
    const auto unit = design.Next(history, trial_id);
    ASSERT_TRUE(unit.has_value());
    ASSERT_FALSE(history.excluded.Contains(*unit));
    history.AddPending(*unit);
  }
  EXPECT_EQ(design.Next(history, 21), std::nullopt);
}

TEST(InitialDesign, DependsOnTheSeedAndTheTrialOnly) {
  const Flatten flatten(Space(R"(parameters { parameter_id: "x" double_value_spec { max_value: 1 } })"));
  History history = NoHistory(flatten);
  history.AddPending({0.5});
  const auto point = [&](uint64_t seed, int64_t trial_id) {
    return InitialDesign(flatten, seed).Next(history, trial_id);
  };
  EXPECT_EQ(point(1, 2), point(1, 2));
  EXPECT_NE(point(1, 2), point(1, 3));
  EXPECT_NE(point(1, 2), point(2, 2));
}

}  // namespace
}  // namespace photinus
