#include "server/stopping/asha_rule.h"

#include <gtest/gtest.h>

#include <limits>

#include "gmock/gmock.h"
#include "server/stopping/rungs.h"
#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

const double kNan = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

TEST(Rungs, AreThePowersOfEta) {
  const Rungs rungs{.first = 2, .eta = 4};
  EXPECT_EQ(HighestRung(rungs, 1.9), std::nullopt);
  EXPECT_EQ(HighestRung(rungs, 2), 2);
  EXPECT_EQ(HighestRung(rungs, 7.9), 2);
  EXPECT_EQ(HighestRung(rungs, 8), 8);
  EXPECT_DOUBLE_EQ(*HighestRung({.first = 0.1, .eta = 3}, 2.7), 2.7) << "however powers are rounded";
}

TEST(Rungs, AreFoundWhateverTheFirstIs) {
  EXPECT_EQ(HighestRung({.first = 0, .eta = 3}, 30), std::nullopt);
  EXPECT_EQ(HighestRung({.first = 0, .eta = 3}, 0), std::nullopt);
  EXPECT_EQ(HighestRung({.first = 1, .eta = 3}, 0), std::nullopt);
  EXPECT_NEAR(*HighestRung({.first = 1e-300, .eta = 1.1}, 30), 30, 3);
  HighestRung({.first = std::numeric_limits<double>::denorm_min(), .eta = 1.1}, 30);  // which times 1.1 is itself
}

struct AshaCase {
  const char* situation;
  Values trial;
  std::vector<Values> others;
  bool stop;
  const char* reason = "";
  double horizon = 0;
};

void PrintTo(const AshaCase& c, std::ostream* out) { *out << c.situation; }

class AshaRuleTable : public ::testing::TestWithParam<AshaCase> {};

EarlyStoppingSettings EtaTwo(double horizon) { return {.rule = "ASHA", .horizon = horizon, .min_steps = 2, .eta = 2}; }

TEST_P(AshaRuleTable, DecidesWithItsReason) {
  const AshaCase& c = GetParam();
  const StoppingDecision decision = Decide(EtaTwo(c.horizon), Curve(99, c.trial, false), Curves(c.others));
  EXPECT_EQ(decision.stop, c.stop) << decision.reason;
  EXPECT_THAT(decision.reason, HasSubstr(c.reason));
}

TEST_P(AshaRuleTable, DecidesTheSameOnNegatedCurvesToMinimise) {
  const AshaCase& c = GetParam();
  const LearningCurve trial = Curve(99, Negated({c.trial})[0], false);
  EXPECT_EQ(Decide(EtaTwo(c.horizon), trial, Curves(Negated(c.others)), false).stop, c.stop);
}

// Rungs are at 2, 4, 8...
INSTANTIATE_TEST_SUITE_P(
    Table, AshaRuleTable,
    ::testing::Values(AshaCase{"BeforeTheFirstRung", {0}, {{9, 9}, {9, 9}}, false, "before the first rung"},
                      AshaCase{"TheFirstTrialGoesOn", {0, 0}, {}, false, "number 1 of 1"},
                      AshaCase{"OfTwoTheBestGoesOn", {0, 5}, {{9, 4}}, false, "number 1 of 2"},
                      AshaCase{"OfTwoTheOtherStops", {9, 4}, {{0, 5}}, true, "number 2 of 2; the best 1 go on"},
                      AshaCase{"OfThreeOnlyTheBestGoesOn", {0, 5}, {{0, 6}, {0, 1}}, true, "number 2 of 3; the best 1"},
                      AshaCase{"OfFourTwoGoOn", {0, 5}, {{0, 6}, {0, 1}, {0, 2}}, false, "number 2 of 4; the best 2"},
                      AshaCase{"ATieGoesOn", {0, 5}, {{0, 5}, {0, 5}}, false, "number 1 of 3"},
                      AshaCase{"TheHigherRungCounts", {0, 0, 0, 5}, {{9, 9, 9, 4}}, false, "at the rung 4"},
                      AshaCase{"BetweenRungsTheLowerOneCounts", {0, 1, 9}, {{0, 2, 0}}, true, "value 1 at the rung 2"},
                      AshaCase{"WhoStoppedBeforeTheRungIsNoRival", {0, 0, 0, 0}, {{9, 9, 9}}, false, "number 1 of 1"},
                      AshaCase{"NanAtTheEndStops", {0, 9, kNan}, {{0, 1}}, true, "is not finite"},
                      AshaCase{"InfinityAtTheEndStops", {0, 9, kInfinity}, {{0, 1}}, true, "is not finite"},
                      AshaCase{"AfterANanTheNextValueCounts", {0, kNan, 5}, {{0, kNan, 4}}, false, "number 1 of 2"},
                      AshaCase{"ARivalOfNanDoesNotCount", {0, 5}, {{kNan, kNan}}, false, "number 1 of 1"},
                      AshaCase{"AtTheHorizon", {0, 0, 0, 0}, {{9, 9, 9, 9}}, false, "reached the horizon", 4}),
    [](const auto& info) { return info.param.situation; });

TEST(AshaRule, ComparesTheFirstValueFromTheRungOnWhereStepsAreMissing) {
  const LearningCurve other{.trial_id = 1, .points = {{1, 0}, {3, 7}, {4, 0}}, .finished = true};
  const LearningCurve trial{.trial_id = 2, .points = {{1, 9}, {2.5, 6}}};
  EXPECT_THAT(Decide(EtaTwo(0), trial, {other}).reason, HasSubstr("value 6 at the rung 2 is number 2 of 2"));
}

TEST(AshaRule, HasItsFirstRungAtAHundredthOfTheHorizon) {
  const auto decide = [](double horizon, double step) {
    const LearningCurve other{.trial_id = 1, .points = {{1, 9}, {step, 9}}, .finished = true};
    const LearningCurve trial{.trial_id = 2, .points = {{step, 0}}};
    return Decide({.rule = "ASHA", .horizon = horizon}, trial, {other});
  };
  EXPECT_FALSE(decide(500, 4).stop);
  EXPECT_TRUE(decide(500, 5).stop);
  EXPECT_TRUE(decide(20, 1).stop) << "a rung is at least 1";
}

}  // namespace
}  // namespace photinus
