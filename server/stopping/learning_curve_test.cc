#include "server/stopping/learning_curve.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(LearningCurve, HasItsLastStepWhereItsLastNumberIs) {
  EXPECT_EQ(LastStep(Curve(1, {5, 5, kNan})), 2);
  EXPECT_EQ(LastStep(Curve(1, {kNan})), 0);
}

TEST(LearningCurve, FindsTheFirstNumberFromAStepOn) {
  EXPECT_EQ(FirstValueFrom(Curve(1, {5, kNan, 7}), 2), 7);
  EXPECT_EQ(FirstValueFrom(Curve(1, {5, kNan, 7}), 4), std::nullopt);
}

TEST(Horizon, IsTheStudysElseTheMedianOnceFiveTrialsHaveFinished) {
  std::vector<LearningCurve> curves = Curves({{1}, {1, 1}, {1, 1, 1}, {1, 1, 1}, Values(30, 1.0), {}});
  EXPECT_EQ(HorizonOf({.finished = Shared(curves)}), 3) << "however long the longest is; one has no curve";
  EXPECT_EQ(HorizonOf({.finished = Shared(curves), .horizon = 7}), 7);
  curves[0].stopped_early = true;
  EXPECT_EQ(HorizonOf({.finished = Shared(curves)}), 0);
}

TEST(Horizon, IsNotTheEndOfATrialThatHasComeFurtherThanTheMedian) {
  const auto finished = Shared(Curves(std::vector<Values>(5, {1, 1, 1})));
  const auto end = [&](int steps, double horizon) {
    return EndOf(Curve(9, Values(static_cast<size_t>(steps), 1.0), false), {.finished = finished, .horizon = horizon});
  };
  EXPECT_EQ(end(2, 0), 3);
  EXPECT_EQ(end(3, 0), 3);
  EXPECT_EQ(end(4, 0), 0);
  EXPECT_EQ(end(4, 3), 3) << "the study says so";
}

TEST(Horizon, MakesThoseFullThatReachMostOfIt) {
  EXPECT_TRUE(IsFull(Curve(1, Values(9, 1.0)), 10));
  EXPECT_FALSE(IsFull(Curve(1, Values(8, 1.0)), 10));
  EXPECT_FALSE(IsFull(Curve(1, Values(10, 1.0), false), 10)) << "it has not finished";
}

TEST(ShareOfTrial, IsUniformAndDependsOnStudyAndTrial) {
  int below = 0;
  for (int id = 1; id <= 10000; ++id) below += ShareOfTrial(7, id) < 0.1 ? 1 : 0;
  EXPECT_NEAR(below, 1000, 100);
  EXPECT_EQ(ShareOfTrial(7, 1), ShareOfTrial(7, 1));
  EXPECT_NE(ShareOfTrial(7, 1), ShareOfTrial(8, 1));
}

}  // namespace
}  // namespace photinus
