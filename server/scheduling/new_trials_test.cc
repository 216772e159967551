#include "server/scheduling/new_trials.h"

#include <gtest/gtest.h>

#include <string>

namespace photinus {
namespace {

SuggestedPoints Points(Explanation explanation, size_t count) {
  SuggestedPoints points;
  for (size_t i = 0; i < count; ++i) {
    points.suggestions.push_back({{{"x", 0.1 * static_cast<double>(i)}}, explanation});
  }
  points.spent = absl::Milliseconds(6);
  return points;
}

TEST(NewTrials, HaveTheirSharesOfTheTime) {
  const auto trials = NewTrials(Points({"random", "random point"}, 3), 1, 5);
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_EQ(std::get<double>(trials[0].point.at("x")), 0.1);
  EXPECT_EQ(trials[0].explanation.milliseconds(), 2);
  EXPECT_EQ(trials[0].explanation.text(), "random point");
  EXPECT_FALSE(trials[0].explanation.has_acquisition());
  EXPECT_FALSE(trials[0].explanation.ahead());
  EXPECT_EQ(NewTrials(Points({"random"}, 3), 0, 2).size(), 2u);
}

TEST(NewTrials, SayWhatWasPredicted) {
  SuggestedPoints points = Points(
      {.arm = "log_ei", .acquisition = -0.0, .predictions = {std::nullopt, MetricPrediction{2, 1, INFINITY}}}, 1);
  points.ahead = true;
  const v1::Explanation explanation = NewTrials(points, 0, 1)[0].explanation;
  EXPECT_TRUE(explanation.has_acquisition());
  EXPECT_TRUE(explanation.ahead());
  ASSERT_EQ(explanation.predictions_size(), 2);
  EXPECT_FALSE(explanation.predictions(0).has_median());
  EXPECT_EQ(explanation.predictions(1).median(), 2);
  EXPECT_EQ(explanation.predictions(1).upper(), INFINITY);
}

TEST(NewTrials, TakeLittleRoom) {
  const Explanation long_one{
      .arm = "a_rather_long_arm",
      .text = std::string(1000, 'x'),
      .acquisition = 1.0 / 3,
      .predictions = std::vector<std::optional<MetricPrediction>>(20, MetricPrediction{1.0 / 3, 1.0 / 7, 1.0 / 9})};
  EXPECT_LE(NewTrials(Points(long_one, 1), 0, 1)[0].explanation.ByteSizeLong(), 310u);
}

}  // namespace
}  // namespace photinus
