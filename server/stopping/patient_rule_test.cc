#include "server/stopping/patient_rule.h"

#include <gtest/gtest.h>

#include <limits>

#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

const double kNan = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

struct PatientCase {
  const char* situation;
  Values trial;
  bool stop;
};

void PrintTo(const PatientCase& c, std::ostream* out) { *out << c.situation; }

class PatientRuleTable : public ::testing::TestWithParam<PatientCase> {};

const EarlyStoppingSettings kPatienceOne{.rule = "PATIENT", .patience = 1, .min_delta = 0.5};

TEST_P(PatientRuleTable, StopsWherePatienceEnds) {
  const PatientCase& c = GetParam();
  const StoppingDecision decision = Decide(kPatienceOne, Curve(99, c.trial, false), {});
  EXPECT_EQ(decision.stop, c.stop) << decision.reason;
}

TEST_P(PatientRuleTable, DecidesTheSameOnNegatedCurvesToMinimise) {
  const PatientCase& c = GetParam();
  EXPECT_EQ(Decide(kPatienceOne, Curve(99, Negated({c.trial})[0], false), {}, false).stop, c.stop);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PatientRuleTable,
    ::testing::Values(
        PatientCase{"TooFewValues", {9, 1}, false}, PatientCase{"Worse", {9, 1, 1}, true},
        PatientCase{"OnlyTheLastTwoCount", {1, 9, 1, 1}, true}, PatientCase{"OneOfTheLastTwoIsGood", {9, 9, 1}, false},
        PatientCase{"Improving", {1, 2, 3, 4}, false}, PatientCase{"WorseByMinDelta", {3, 2.5, 2.5}, false},
        PatientCase{"WorseByMore", {3, 2.4, 2.4}, true}, PatientCase{"ATie", {3, 3, 3, 3}, false},
        PatientCase{"NanIsNoImprovement", {9, 9, kNan, 1}, true}, PatientCase{"NanCountsAsAValue", {9, kNan, 1}, true},
        PatientCase{"DivergedToNan", {1, 2, kNan, kNan}, true},
        PatientCase{"DivergedToWorse", {1, 2, -kInfinity, -kInfinity}, true},
        PatientCase{"DivergedToBetter", {1, 2, kInfinity, kInfinity}, true},
        PatientCase{"NeverFinite", {kNan, kNan, kNan}, true},
        PatientCase{"DivergedWithinPatience", {1, 2, kNan}, false}, PatientCase{"BackFromNan", {1, kNan, 2}, false}),
    [](const auto& info) { return info.param.situation; });

TEST(PatientRule, AsksTheInnerRuleWherePatienceEnds) {
  const EarlyStoppingSettings settings{.rule = "PATIENT", .min_steps = 2, .eta = 2, .inner = "ASHA", .patience = 0};
  const std::vector<LearningCurve> better = Curves({{9, 9}});
  const StoppingDecision stopped = Decide(settings, Curve(99, {2, 1}, false), better);
  EXPECT_TRUE(stopped.stop);
  EXPECT_THAT(stopped.reason, HasSubstr("no improvement in the last 1 values; ASHA: value 1 at the rung 2"));
  EXPECT_FALSE(Decide(settings, Curve(99, {2, 1}, false), {}).stop) << "ASHA lets it go on";
  EXPECT_FALSE(Decide(settings, Curve(99, {2, 3}, false), better).stop) << "ASHA is not asked";
}

TEST(PatientRule, AsksTheInnerRuleAtOnceWhereTheLastValueIsNotFinite) {
  EarlyStoppingSettings settings{.rule = "PATIENT", .inner = "ASHA", .patience = 5};
  for (const double value : {kNan, kInfinity, -kInfinity}) {
    EXPECT_TRUE(Decide(settings, Curve(99, {1, 2, value}, false), {}).stop) << value;
  }
  settings.inner = "NONE";
  const StoppingDecision decision = Decide(settings, Curve(99, {1, 2, kNan}, false), {});
  EXPECT_FALSE(decision.stop);
  EXPECT_THAT(decision.reason, HasSubstr("PATIENT: the last value is not finite; rule NONE"));
}

TEST(PatientRule, LeavesATrialAloneThatHasReachedItsHorizon) {
  EarlyStoppingSettings settings = kPatienceOne;
  settings.horizon = 4;
  EXPECT_TRUE(Decide(settings, Curve(99, {9, 1, 1}, false), {}).stop);
  const StoppingDecision decision = Decide(settings, Curve(99, {9, 1, 1, 1}, false), {});
  EXPECT_FALSE(decision.stop);
  EXPECT_EQ(decision.reason, "PATIENT: step 4 has reached the horizon 4");
}

TEST(PatientRule, RefusesWhatItCannotWrap) {
  const auto field_of = [](const EarlyStoppingSettings& settings) {
    return ErrorField(MakeStoppingRule(settings).status());
  };
  EXPECT_EQ(field_of({.rule = "PATIENT"}), "early_stopping.patience");
  EXPECT_EQ(field_of({.rule = "PATIENT", .inner = "PATIENT", .patience = 1}), "early_stopping.inner");
  EXPECT_EQ(field_of({.rule = "PATIENT", .inner = "MEDAIN", .patience = 1}), "early_stopping.inner");
  EXPECT_EQ(field_of({.rule = "PATIENT", .eta = 2, .inner = "MEDIAN", .patience = 1}), "early_stopping.eta");
  EXPECT_EQ(field_of({.rule = "PATIENT", .eta = 2, .patience = 1}), "early_stopping.eta");
}

}  // namespace
}  // namespace photinus
