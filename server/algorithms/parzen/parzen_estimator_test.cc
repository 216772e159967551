#include "server/algorithms/parzen/parzen_estimator.h"

#include <cmath>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "server/algorithms/sampling/visited_points.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

constexpr char kDouble[] = R"(parameters { parameter_id: "x" double_value_spec { max_value: 1 } })";
constexpr char kConditional[] = R"(
  parameters { parameter_id: "block" categorical_value_spec { values: "none" values: "conv" values: "pool" }
    conditional_parameter_specs { parent_categorical_values { values: "conv" values: "pool" }
      parameter_spec { parameter_id: "kernel" integer_value_spec { min_value: 1 max_value: 4 } } } })";

double NormalCdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2)); }

TEST(ParzenEstimator, IsUniformWithoutPoints) {
  const Flatten flatten(Space(kConditional));
  const ParzenEstimator estimator(flatten, {});
  EXPECT_EQ(estimator.LogDensity({0.5, 0.125}), 0);
  EXPECT_EQ(estimator.LogDensity({1.0 / 6, 0.5}), 0);
}

TEST(ParzenEstimator, MixesACutNormalWithTheUniformPrior) {
  const Flatten flatten(Space(kDouble));
  const ParzenEstimator estimator(flatten, {{0.9}});
  const double h = estimator.Bandwidth(0);
  EXPECT_DOUBLE_EQ(h, 1.06 * std::sqrt(1.0 / 24) * std::pow(2, -0.2));  // variance (0 + 1/12) / 2; n = 2, d = 1
  const double normal = std::exp(-0.5 * std::pow((0.7 - 0.9) / h, 2)) / (h * std::sqrt(2 * M_PI));
  const double inside = NormalCdf(0.1 / h) - NormalCdf(-0.9 / h);
  EXPECT_NEAR(estimator.LogDensity({0.7}), std::log(0.5 + 0.5 * normal / inside), 1e-12);
}

TEST(ParzenEstimator, IntegratesToOne) {
  const Flatten flatten(Space(kDouble));
  const ParzenEstimator estimator(flatten, {{0.02}, {0.3}, {0.31}, {1.0}});
  double sum = 0;
  for (int i = 0; i < 10000; ++i) sum += std::exp(estimator.LogDensity({(i + 0.5) / 10000}));
  EXPECT_NEAR(sum / 10000, 1, 1e-6);
}

TEST(ParzenEstimator, GivesCategoriesTheirProbabilityRelativeToTheUniformOne) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "c" categorical_value_spec { values: "a" values: "b" values: "c" values: "d" } })"));
  const ParzenEstimator estimator(flatten, {{0.125}});
  EXPECT_NEAR(estimator.LogDensity({0.125}), std::log((1 + 0.8 * 4) / 2), 1e-12);
  EXPECT_NEAR(estimator.LogDensity({0.625}), std::log((1 + 0.2 * 4 / 3) / 2), 1e-12);
}

TEST(ParzenEstimator, SaysNothingOfChildrenThatAPointDoesNotHave) {
  const Flatten flatten(Space(kConditional));
  const ParzenEstimator estimator(flatten, {*flatten.ToUnit({{"block", "none"}})});
  const double first = estimator.LogDensity(*flatten.ToUnit({{"block", "conv"}, {"kernel", 1.0}}));
  const double last = estimator.LogDensity(*flatten.ToUnit({{"block", "conv"}, {"kernel", 4.0}}));
  EXPECT_EQ(first, last);
  EXPECT_NEAR(first, std::log((1 + 0.2 * 3 / 2) / 2), 1e-12);
}

TEST(ParzenEstimator, IsNarrowWherePointsAgreeButNotWithoutLimit) {
  const Flatten flatten(Space(kDouble));
  EXPECT_EQ(ParzenEstimator(flatten, std::vector<UnitPoint>(10000, {0.4})).Bandwidth(0), 0.01);
  const Flatten integers(Space(R"(parameters { parameter_id: "k" integer_value_spec { min_value: 1 max_value: 5 } })"));
  EXPECT_EQ(ParzenEstimator(integers, std::vector<UnitPoint>(10000, {0.5})).Bandwidth(0), 0.1);
}

// Samples of every point of a finite space are as frequent as its density says.
TEST(ParzenEstimator, SamplesItsDensity) {
  const Flatten flatten(Space(kConditional));
  const ParzenEstimator estimator(
      flatten, {*flatten.ToUnit({{"block", "none"}}), *flatten.ToUnit({{"block", "conv"}, {"kernel", 2.0}}),
                *flatten.ToUnit({{"block", "conv"}, {"kernel", 3.0}})});
  constexpr int kDraws = 40000;
  std::map<UnitPoint, int> counts;
  Random random(1);
  for (int i = 0; i < kDraws; ++i) ++counts[estimator.Sample(random)];
  const auto points = EnumeratePoints(flatten, 9);
  for (const UnitPoint& unit : *points) {
    const bool has_child = flatten.Active(unit)[1];
    const double expected = std::exp(estimator.LogDensity(unit)) / (has_child ? 12 : 3);
    EXPECT_NEAR(counts[unit] / static_cast<double>(kDraws), expected, 0.02);  // cells are wide for the kernels here
  }
}

TEST(ParzenEstimator, SamplesNumbersAroundItsPoints) {
  const Flatten flatten(Space(kDouble));
  const ParzenEstimator estimator(flatten, std::vector<UnitPoint>(19, {0.2}));
  Random random(2);
  int near = 0;
  for (int i = 0; i < 2000; ++i)
    near += std::abs(estimator.Sample(random)[0] - 0.2) < 3 * estimator.Bandwidth(0) ? 1 : 0;
  EXPECT_GT(near, 1850);
  EXPECT_LT(near, 2000);  // the prior
}

}  // namespace
}  // namespace photinus
