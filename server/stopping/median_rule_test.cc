#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInf = std::numeric_limits<double>::infinity();

StoppingDecision DecideByMedian(const LearningCurve& trial, const std::vector<LearningCurve>& others,
                                bool maximize = true, double horizon = 0) {
  return Decide({.rule = "MEDIAN", .horizon = horizon}, trial, others, maximize);
}

struct MedianCase {
  const char* situation;
  std::vector<double> trial;
  std::vector<std::vector<double>> others;
  bool stop;
  const char* reason = "";
  double horizon = 0;
};

void PrintTo(const MedianCase& c, std::ostream* out) { *out << c.situation; }

class MedianRuleTable : public ::testing::TestWithParam<MedianCase> {};

TEST_P(MedianRuleTable, DecidesWithItsReason) {
  const MedianCase& c = GetParam();
  const StoppingDecision decision = DecideByMedian(Curve(99, c.trial, false), Curves(c.others), true, c.horizon);
  EXPECT_EQ(decision.stop, c.stop) << decision.reason;
  EXPECT_THAT(decision.reason, HasSubstr(c.reason));
}

TEST_P(MedianRuleTable, DecidesTheSameOnNegatedCurvesToMinimise) {
  const MedianCase& c = GetParam();
  const LearningCurve trial = Curve(99, Negated({c.trial})[0], false);
  EXPECT_EQ(DecideByMedian(trial, Curves(Negated(c.others)), false, c.horizon).stop, c.stop);
}

// Averages up to step 3: 1, 2, 3, 4, 5; up to step 2: 1, 1.5, 2, 2.5, 3.
const std::vector<std::vector<double>> kFive = {{1, 1, 1}, {1, 2, 3}, {1, 3, 5}, {1, 4, 7}, {1, 5, 9}};

INSTANTIATE_TEST_SUITE_P(
    Table, MedianRuleTable,
    ::testing::Values(
        MedianCase{"Worse", {1, 2, 2.9}, kFive, true, "2.9 up to step 3 is worse than 3"},
        MedianCase{"ATieGoesOn", {1, 2, 3}, kFive, false, "not worse"},
        MedianCase{"Better", {1, 2, 3.1}, kFive, false, "not worse"},
        MedianCase{"TheBestValueCountsNotTheLast", {1, 3.5, 0}, kFive, false},
        MedianCase{"FourFinishedAreTooFew", {0, 0, 0}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}}, false, "4 of the first 5"},
        MedianCase{"NoneFinished", {0, 0, 0}, {}, false, "0 of the first 5"},
        MedianCase{"TwoValuesAreTooFew", {0, 0}, kFive, false, "2 of the first 3"},
        MedianCase{"NoValue", {}, kFive, false},
        MedianCase{"NanIsNoValue", {0, kNan, 0}, kFive, false, "2 of the first 3"},
        MedianCase{"ALastValueOfNanStops", {9, 9, kNan}, kFive, true, "step 3 is not finite"},
        MedianCase{"NanIsPassedOver", {0, kNan, 0, 0}, kFive, true},
        MedianCase{"InfinityIsPassedOver", {0, kInf, -kInf, 0, 0}, kFive, true, "up to step 5"},
        MedianCase{"NanInAFinishedCurveIsPassedOver",  // the middle average stays 3
                   {2, 2, 2.9},
                   {{1, 1, 1}, {1, 2, 3}, {kNan, kNan, 3}, {1, 4, 7}, {1, 5, 9}},
                   true},
        MedianCase{"AFinishedCurveOfNanDoesNotCount",
                   {0, 0, 0},
                   {{1, 1, 1}, {1, 2, 3}, {kNan, kNan}, {1, 4, 7}, {1, 5, 9}},
                   false,
                   "4 of the first 5"},
        MedianCase{"LaterStepsOfFinishedCurvesDoNotCount",
                   {1, 2, 3},
                   {{1, 1, 1, 99}, {1, 2, 3, 99}, {1, 3, 5, 99}, {1, 4, 7, 99}, {1, 5, 9, 99}},
                   false},
        MedianCase{"AnEvenNumberTakesTheMiddleOfTwo",  // averages 1 2 3 4 5 6: median 3.5
                   {0, 0, 3.4},
                   {{1}, {2}, {3}, {4}, {5}, {6}},
                   true,
                   "worse than 3.5"},
        MedianCase{"BeforeATenthOfTheHorizon", {0, 0, 0}, kFive, false, "before a tenth", 31},
        MedianCase{"FromATenthOfTheHorizon", {0, 0, 0}, kFive, true, "", 30},
        MedianCase{"AtTheHorizon", {0, 0, 0}, kFive, false, "reached the horizon", 3},
        MedianCase{"HugeValuesDoNotOverflow",
                   {-1.7e308, -1.7e308, -1.7e308},
                   {{1.7e308, 1.7e308}, {1.7e308, 1.7e308}, {1.7e308, 1.7e308}, {-1.7e308}, {-1.7e308}, {1.7e308}},
                   true}),
    [](const auto& info) { return info.param.situation; });

TEST(MedianRule, AveragesWhatStandsUpToTheStepWhereStepsAreMissing) {
  LearningCurve sparse{.trial_id = 7, .points = {{2, 10}, {5, 1000}}, .finished = true};
  std::vector<LearningCurve> others(5, sparse);
  for (int i = 0; i < 5; ++i) others[i].trial_id = i + 1;
  const LearningCurve trial{.trial_id = 9, .points = {{1, 0}, {2, 0}, {4, 9.5}}};
  EXPECT_THAT(DecideByMedian(trial, others).reason, HasSubstr("worse than 10"));
  const LearningCurve early{.trial_id = 9, .points = {{0, 0}, {0.5, 0}, {1, 0}}};  // no finished value up to step 1
  EXPECT_FALSE(DecideByMedian(early, others).stop);
}

TEST(MedianRule, CountsNeitherTheTrialItselfNorRunningOnes) {
  std::vector<LearningCurve> others = Curves(kFive);
  others[0].finished = false;
  EXPECT_FALSE(DecideByMedian(Curve(99, {0, 0, 0}, false), others).stop);
  others[0].finished = true;
  EXPECT_FALSE(DecideByMedian(Curve(1, {0, 0, 0}, false), others).stop);
}

TEST(MedianRule, LeavesOutTrialsThatWereStoppedEarly) {
  std::vector<LearningCurve> others = Curves(kFive);
  const LearningCurve bad = Curve(99, {1, 2, 2.9}, false);
  EXPECT_TRUE(DecideByMedian(bad, others).stop);
  others[0].stopped_early = true;
  EXPECT_THAT(DecideByMedian(bad, others).reason, HasSubstr("4 of the first 5"));
  others.push_back(Curve(6, {1, 1, 1}));  // the averages of the others are 2 to 5
  EXPECT_TRUE(DecideByMedian(bad, others).stop);
}

}  // namespace
}  // namespace photinus
