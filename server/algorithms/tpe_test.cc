#include "server/algorithms/tpe.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

constexpr char kSquare[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: -1 max_value: 1 } }
  parameters { parameter_id: "y" double_value_spec { min_value: -1 max_value: 1 } })";

class TpeTest : public ::testing::Test {
 protected:
  std::vector<Suggestion> Suggest(int count = 1) const {
    const auto result = Tpe().Suggest(study_.Request(count));
    EXPECT_TRUE(result.ok()) << result.status();
    return result->suggestions;
  }

  SearchedStudy study_ = {.space = Space(kSquare), .objectives = {{.metric = "loss", .maximize = false}}, .seed = 3};
};

TEST_F(TpeTest, LearnsAfterTenTrials) {
  for (int i = 0; i < 10; ++i) {
    const Suggestion suggestion = Suggest()[0];
    EXPECT_THAT(suggestion.explanation.text, HasSubstr("initial design"));
    study_.Complete(suggestion.point, {static_cast<double>(i)});
  }
  EXPECT_THAT(Suggest()[0].explanation.text,
              HasSubstr("TPE on 10 trials: log density of the best 2 over that of the others"));
}

TEST_F(TpeTest, PrefersTheGoodRegion) {
  for (int i = 0; i < 100; ++i) {
    const Point point = {{"x", std::sin(1.1 * i)}, {"y", std::sin(2.3 * i)}};
    study_.Complete(point, {std::hypot(Number(point, "x") - 0.6, Number(point, "y") + 0.4)});
  }
  int near = 0;
  for (const Suggestion& suggestion : Suggest(40)) {
    near += std::hypot(Number(suggestion.point, "x") - 0.6, Number(suggestion.point, "y") + 0.4) < 0.5 ? 1 : 0;
  }
  EXPECT_GE(near, 24);  // a fifth of the square is
}

TEST_F(TpeTest, FindsTheBottomOfABowl) {
  double best = INFINITY;
  for (int i = 0; i < 100; ++i) {
    const Point point = Suggest()[0].point;
    const double x = Number(point, "x") - 0.3, y = Number(point, "y") + 0.6;
    study_.Complete(point, {x * x + 10 * y * y});
    best = std::min(best, study_.completed.back().objectives[0]);
  }
  EXPECT_LT(best, 3e-3);
}

TEST_F(TpeTest, KeepsAwayFromPendingTrials) {
  for (int i = 0; i < 100; ++i) {
    const Point point = {{"x", std::sin(1.1 * i)}, {"y", std::sin(2.3 * i)}};
    study_.Complete(point, {std::hypot(Number(point, "x"), Number(point, "y"))});
  }
  const auto in_the_right_half = [&] {
    int count = 0;
    for (const Suggestion& suggestion : Suggest(30)) count += Number(suggestion.point, "x") > 0 ? 1 : 0;
    return count;
  };
  const int before = in_the_right_half();
  for (int i = 0; i < 60; ++i) {
    study_.pending.push_back({i + 1, {{"x", 0.2 + 0.19 * std::sin(1.7 * i)}, {"y", 0.4 * std::sin(2.9 * i)}}});
  }
  EXPECT_LT(in_the_right_half(), before - 5);
}

TEST_F(TpeTest, KeepsAwayFromFailedTrials) {
  for (int i = 0; i < 200; ++i) {
    const Point point = {{"x", std::sin(1.1 * i)}, {"y", std::sin(2.3 * i)}};
    study_.Complete(point, {std::hypot(Number(point, "x"), Number(point, "y"))}, Number(point, "x") > 0);
  }
  int failing = 0;
  for (const Suggestion& suggestion : Suggest(40)) failing += Number(suggestion.point, "x") > 0 ? 1 : 0;
  EXPECT_LT(failing, 10);
}

TEST_F(TpeTest, LearnsTheBranchOfAConditionalSpaceAndItsChildren) {
  study_.space = Space(R"(
    parameters { parameter_id: "block" categorical_value_spec { values: "none" values: "conv" values: "pool" }
      conditional_parameter_specs { parent_categorical_values { values: "conv" }
        parameter_spec { parameter_id: "width" double_value_spec { max_value: 1 } } }
      conditional_parameter_specs { parent_categorical_values { values: "pool" }
        parameter_spec { parameter_id: "size" double_value_spec { max_value: 1 } } } })");
  int best_branch = 0;
  double best = INFINITY;
  for (int i = 0; i < 80; ++i) {
    const Point point = Suggest()[0].point;
    const bool conv = point.count("width") > 0;
    const double loss = conv ? std::abs(Number(point, "width") - 0.8) : 1;
    study_.Complete(point, {loss});
    best = std::min(best, loss);
    if (i >= 40) best_branch += conv ? 1 : 0;
  }
  EXPECT_GE(best_branch, 28);
  EXPECT_LT(best, 0.01);
}

TEST_F(TpeTest, SearchesBothEndsOfAFront) {
  study_.objectives = {{.metric = "a", .maximize = false}, {.metric = "b", .maximize = false}};
  double least_a = INFINITY, least_b = INFINITY;
  for (int i = 0; i < 120; ++i) {
    const Point point = Suggest()[0].point;
    const double x = Number(point, "x"), y = Number(point, "y");
    study_.Complete(point, {std::pow(x - 0.7, 2) + y * y, std::pow(x + 0.7, 2) + y * y});
    least_a = std::min(least_a, study_.completed.back().objectives[0]);
    least_b = std::min(least_b, study_.completed.back().objectives[1]);
  }
  EXPECT_LT(least_a, 0.05);
  EXPECT_LT(least_b, 0.05);
}

TEST_F(TpeTest, ServesHugeHistories) {
  for (int i = 0; i < 20000; ++i) {
    const double x = std::sin(1.1 * i), y = std::cos(1.7 * i);
    study_.Complete({{"x", x}, {"y", y}}, {x * x + y, y}, i % 3 == 0);
  }
  for (int i = 0; i < 1000; ++i) {
    study_.pending.push_back({i + 1, {{"x", std::sin(2.3 * i)}, {"y", std::cos(2.9 * i)}}});
  }
  study_.objectives.push_back({.metric = "other", .maximize = true});
  std::set<Point> distinct;
  for (const Suggestion& suggestion : Suggest(5)) distinct.insert(suggestion.point);
  EXPECT_EQ(distinct.size(), 5);
}

}  // namespace
}  // namespace photinus
