#include "server/stopping/falls.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

// Rise from 0 to 1.
const std::vector<Values> kUsual(5, {0, 0.5, 0.9, 1});

TEST(Divergence, IsAFallToWhereCurvesBegin) {
  const auto fallen = [&](const Values& values, bool maximize = true) {
    const auto finished = Shared(Curves(maximize ? kUsual : Negated(kUsual)));
    return HasFallenToChance(Curve(9, maximize ? values : Negated({values})[0], false),
                             {.finished = finished, .maximize = maximize});
  };
  for (const bool maximize : {true, false}) {
    EXPECT_TRUE(fallen({0, 0.6, 0.1, 0, 0.19}, maximize));
    EXPECT_FALSE(fallen({0, 0.6, 0.1, 0, 0.3}, maximize)) << "one of the last three is above";
    EXPECT_TRUE(fallen({0, 0.4, 0.1, 0, 0}, maximize));
    EXPECT_FALSE(fallen({0, 0.4, 0.14, 0, 0.14}, maximize)) << "more than a third is left";
    EXPECT_FALSE(fallen({0, 0.24, 0, 0, 0}, maximize)) << "it had not come a quarter of the way";
    EXPECT_FALSE(fallen({0, 0.1, 0, 0.1, 0}, maximize)) << "it never rose";
    EXPECT_FALSE(fallen({0.6, 0.1, 0}, maximize)) << "too few values";
  }
  const auto few = Shared(Curves({kUsual.begin(), kUsual.begin() + 4}));
  EXPECT_FALSE(HasFallenToChance(Curve(9, {0, 0.6, 0, 0, 0}, false), {.finished = few}));
}

TEST(Divergence, BeganWithTheFirstOfTheLowValues) {
  const auto usual = UsualRiseOf({.finished = Shared(Curves(kUsual))});
  ASSERT_TRUE(usual.has_value());
  EXPECT_EQ(usual->begin, 0);
  EXPECT_EQ(usual->gain, 1);
  const LearningCurve fallen = Curve(9, {0, 0.6, 0.9, 0.1, 0, 0, 0.1}, false);
  EXPECT_EQ(usual->StepOfFall(fallen, 7), 4);
  EXPECT_EQ(usual->StepOfFall(fallen, 6), 4);
  EXPECT_EQ(usual->StepOfFall(fallen, 5), std::nullopt) << "only two are low";
  EXPECT_FALSE(UsualRiseOf({.finished = Shared(Curves(Negated(kUsual)))}).has_value()) << "curves do not rise";
}

// As of networks that are fine-tuned: 0.80 to 0.82, with noise of half the gain.
TEST(Divergence, IsNoneWhereCurvesHardlyRise) {
  const LearningCurve back = Curve(9, {0.80, 0.83, 0.80, 0.79, 0.80}, false);
  const auto noisy = Shared(
      Curves({{0.79, 0.81, 0.82}, {0.80, 0.83, 0.82}, {0.80, 0.81, 0.83}, {0.81, 0.80, 0.82}, {0.80, 0.83, 0.82}}));
  EXPECT_FALSE(HasFallenToChance(back, {.finished = noisy}));
  const auto clear = Shared(Curves(std::vector<Values>(5, {0.80, 0.818, 0.82})));
  EXPECT_TRUE(HasFallenToChance(back, {.finished = clear}));
}

// Four full trials, one that fell at step 6 of 10 and one that was stopped at step 3.
std::vector<LearningCurve> SomeFallen(bool maximize) {
  const Values rising = {0, 0.5, 0.8, 0.9, 1, 1, 1, 1, 1, 1};
  std::vector<Values> values(4, rising);
  values.push_back({0, 0.5, 0.8, 0.9, 1, 0.1, 0.1, 0.1, 0, 0.05});
  values.push_back({0, 0.5, 0.8});
  std::vector<LearningCurve> curves = Curves(maximize ? values : Negated(values));
  curves.back().stopped_early = true;
  return curves;
}

TEST(Falls, AreCountedPerHorizonThatTrialsRan) {
  for (const bool maximize : {true, false}) {
    const auto finished = Shared(SomeFallen(maximize));
    const StudyCurves study{.finished = finished, .maximize = maximize, .horizon = 10};
    const auto usual = UsualRiseOf(study);
    ASSERT_TRUE(usual.has_value());
    const Falls falls = FallsOf(study, *usual, 10);
    EXPECT_DOUBLE_EQ(falls.rate, 10.0 / (4 + 0.6 + 0.3 + 60));
    EXPECT_DOUBLE_EQ(falls.end, 0.05) << "larger is better";
    EXPECT_EQ(falls.end_stddev, usual->begin_stddev) << "one says nothing of how they differ";
    EXPECT_DOUBLE_EQ(falls.ChanceAfter(0.4), 1 - std::exp(-0.6 * falls.rate));
    EXPECT_EQ(falls.ChanceAfter(1), 0);
    EXPECT_EQ(falls.ChanceAfter(1.1), 0) << "as far as the model knows";
  }
}

TEST(Falls, EndAboutTheMeanOfThoseThatFell) {
  std::vector<LearningCurve> curves = SomeFallen(true);
  curves.push_back(Curve(7, {0, 0.5, 0.8, 0.9, 1, 0.1, 0.1, 0.15}));
  curves.back().stopped_early = true;  // as it had fallen
  const auto finished = Shared(curves);
  const StudyCurves study{.finished = finished, .horizon = 10};
  const Falls falls = FallsOf(study, *UsualRiseOf(study), 10);
  EXPECT_DOUBLE_EQ(falls.rate, 11.0 / (4 + 0.6 + 0.3 + 0.6 + 60));
  EXPECT_DOUBLE_EQ(falls.end, 0.1);
  EXPECT_DOUBLE_EQ(falls.end_stddev, std::sqrt(2 * 0.05 * 0.05));
}

TEST(Falls, EndWithTheNoiseOfAValueAtLeast) {
  std::vector<Values> values(6, {0, 0.5, 0.9, 1, 1.01});
  for (int i = 0; i < 2; ++i) values.push_back({0, 0.5, 0, 0, 0});
  const auto finished = Shared(Curves(values));
  const StudyCurves study{.finished = finished, .horizon = 5};
  const auto usual = UsualRiseOf(study);
  EXPECT_NEAR(usual->noise, 0.0105, 0.0001);
  EXPECT_DOUBLE_EQ(FallsOf(study, *usual, 5).end_stddev, usual->noise) << "both ended alike";
}

TEST(Falls, CountWhatWasStoppedAtItsFirstLowValue) {
  std::vector<LearningCurve> curves = SomeFallen(true);
  const auto rate_with = [&](const Values& values) {
    std::vector<LearningCurve> more = curves;
    more.push_back(Curve(7, values));
    more.back().stopped_early = true;
    const auto finished = Shared(more);
    const StudyCurves study{.finished = finished, .horizon = 10};
    return FallsOf(study, *UsualRiseOf(study), 10).rate;
  };
  EXPECT_DOUBLE_EQ(rate_with({0, 0.5, 0.8, 0.5}), 11.0 / (4 + 0.6 + 0.3 + 0.4 + 60));
  EXPECT_DOUBLE_EQ(rate_with({0, 0.5, 0.8, 0.6}), 10.0 / (4 + 0.6 + 0.3 + 0.4 + 60)) << "a step back";
  EXPECT_DOUBLE_EQ(rate_with({0, 0.2, 0.2, 0}), 10.0 / (4 + 0.6 + 0.3 + 0.4 + 60)) << "it never rose";
}

TEST(Falls, AreUnlikelyBeforeOneIsSeen) {
  const auto finished = Shared(Curves(kUsual));
  const StudyCurves study{.finished = finished, .horizon = 4};
  const Falls falls = FallsOf(study, *UsualRiseOf(study), 4);
  const double none_yet = std::pow(60.0 / 65, 9);
  EXPECT_DOUBLE_EQ(falls.rate, 9.0 / 65 * none_yet / (none_yet + 1));
  EXPECT_EQ(falls.end, 0) << "where curves begin";
}

}  // namespace
}  // namespace photinus
