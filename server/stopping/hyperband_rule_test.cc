#include "server/stopping/hyperband_rule.h"

#include <gtest/gtest.h>

#include "gmock/gmock.h"
#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

// The smallest id from `first` on of a trial that belongs to the bracket.
int64_t IdInBracket(int bracket, int brackets, int64_t first) {
  while (BracketOf(ShareOfTrial(0, first), brackets, 3) != bracket) ++first;
  return first;
}

TEST(Hyperband, HasABracketForEachPowerOfEta) {
  EXPECT_EQ(BracketCount(1, {}), 1);
  EXPECT_EQ(BracketCount(2.9, {}), 1);
  EXPECT_EQ(BracketCount(3, {}), 2);
  EXPECT_EQ(BracketCount(81, {}), 5);
  EXPECT_EQ(BracketCount(243, {}), 6) << "however logarithms are rounded";
  EXPECT_EQ(BracketCount(81, {.eta = 3, .first_rung = 100}), 1);
  EXPECT_EQ(BracketCount(1e300, {.eta = 10, .first_rung = 1e-20}), 321);
}

// Of 3 brackets with eta 3: ceil(3 * 9 / 3), ceil(3 * 3 / 2), ceil(3 * 1 / 1) = 9, 5, 3 of 17.
TEST(Hyperband, GivesBracketsTheirShares) {
  EXPECT_EQ(BracketOf(0, 3, 3), 0);
  EXPECT_EQ(BracketOf(8.99 / 17, 3, 3), 0);
  EXPECT_EQ(BracketOf(9.01 / 17, 3, 3), 1);
  EXPECT_EQ(BracketOf(13.99 / 17, 3, 3), 1);
  EXPECT_EQ(BracketOf(14.01 / 17, 3, 3), 2);
  EXPECT_EQ(BracketOf(0.9999999, 3, 3), 2);
}

TEST(HyperbandRule, StopsNothingWithoutAHorizon) {
  EXPECT_THAT(Decide({.rule = "HYPERBAND"}, Curve(1, {0, 0}, false), Curves({{9, 9}})).reason,
              HasSubstr("horizon is not known"));
}

TEST(HyperbandRule, TakesAFirstRungOf0ForNone) {
  const LearningCurve trial = Curve(IdInBracket(0, 4, 1), {0, 0, 0}, false);
  EXPECT_EQ(Decide({.rule = "HYPERBAND", .horizon = 30, .min_steps = 0}, trial, Curves({{9, 9, 9}})).reason,
            Decide({.rule = "HYPERBAND", .horizon = 30}, trial, Curves({{9, 9, 9}})).reason);
}

class HyperbandRuleTest : public ::testing::Test {
 protected:
  // A trial of `bracket` with 0 up to `step`, beside one of `others_bracket` with 9; of a study of 9 steps, which has 3
  // brackets with their first rungs at 1, 3 and 9.
  static StoppingDecision Between(int bracket, int others_bracket, int step) {
    const LearningCurve other = Curve(IdInBracket(others_bracket, 3, 1), Values(9, 9.0));
    const LearningCurve trial = Curve(IdInBracket(bracket, 3, 100), Values(step, 0.0), false);
    return Decide({.rule = "HYPERBAND", .horizon = 9}, trial, {other});
  }
};

TEST_F(HyperbandRuleTest, ComparesWithinABracket) {
  EXPECT_TRUE(Between(0, 0, 1).stop);
  EXPECT_FALSE(Between(0, 1, 1).stop);
  EXPECT_FALSE(Between(1, 0, 3).stop);
}

TEST_F(HyperbandRuleTest, LaterBracketsBeginLater) {
  EXPECT_FALSE(Between(1, 1, 2).stop);
  EXPECT_TRUE(Between(1, 1, 3).stop);
  EXPECT_FALSE(Between(2, 2, 8).stop);
}

TEST_F(HyperbandRuleTest, NamesTheBracket) { EXPECT_THAT(Between(1, 1, 3).reason, HasSubstr("bracket 1")); }

TEST(HyperbandRule, TakesTheMedianTrialsForTheHorizon) {
  std::vector<LearningCurve> others;
  for (int64_t id = 1; others.size() < 5; id = others.back().trial_id + 1) {
    others.push_back(Curve(IdInBracket(0, 3, id), Values(9, 9.0)));
  }
  const LearningCurve trial = Curve(IdInBracket(0, 3, 100), {0}, false);
  EXPECT_TRUE(Decide({.rule = "HYPERBAND"}, trial, others).stop);
}

}  // namespace
}  // namespace photinus
