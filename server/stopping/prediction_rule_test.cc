#include "server/stopping/prediction_rule.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "gmock/gmock.h"
#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

// Predicts that a trial ends with its last value, and gives it the chance that is its number of points' entry.
class FakeModel final : public FinalModel {
 public:
  explicit FakeModel(std::vector<double> chances, std::optional<double> gain = std::nullopt)
      : chances_(std::move(chances)), gain_(gain) {}
  FinalPrediction Predict(const LearningCurve& trial, size_t points, double reference) const override {
    last_reference = reference;
    return {.mean = trial.points[points - 1].value, .stddev = 0.5, .chance = chances_.at(points), .gain = gain_};
  }
  size_t bytes() const override { return 0; }

  mutable double last_reference = 0;

 private:
  const std::vector<double> chances_;
  const std::optional<double> gain_;
};

class PredictionRuleTest : public ::testing::Test {
 protected:
  PredictionRuleTest() {
    for (int id = 1; id <= 3; ++id) {
      finished_.push_back(Curve(id, Values(10, 0.5 * id)));
      finished_.back().goal = 0.5 * id;
    }
    options_.exempt = 0;
  }

  StoppingDecision Decide(const LearningCurve& trial, double horizon = 10, bool maximize_goal = true) {
    const PredictionRule rule("RULE", options_, nullptr);
    const auto finished = Shared(finished_);
    const StudyCurves study{.finished = finished, .horizon = horizon, .maximize_goal = maximize_goal};
    const auto decision = rule.Decide({.trial = trial, .study = study, .model = model_});
    EXPECT_TRUE(decision.ok());
    return *decision;
  }

  std::vector<LearningCurve> finished_;  // their goals are 0.5, 1, 1.5
  PredictionOptions options_;
  const FakeModel hopeless_{std::vector<double>(11, 0.0)};
  const FinalModel* model_ = &hopeless_;
  const LearningCurve six_ = Curve(9, {1, 1, 1, 1, 1, 1.25}, false);
};

TEST_F(PredictionRuleTest, StopsWhatIsHopelessAndSaysWhatWouldHaveBecomeOfIt) {
  const StoppingDecision decision = Decide(six_);
  EXPECT_TRUE(decision.stop);
  EXPECT_EQ(decision.predicted_final, 1.25);
  EXPECT_EQ(decision.predicted_stddev, 0.5);
  EXPECT_EQ(decision.reason, "RULE: chance 0 to be above 1.5 (predicted 1.25 +- 0.5)");
}

TEST_F(PredictionRuleTest, SaysWhatIsMinimisedInItsOwnUnits) {
  for (LearningCurve& curve : finished_) curve.goal = -2 / *curve.goal;
  const StoppingDecision decision = Decide(Curve(9, {-3, -3, -3, -3, -3, -2.5}, false), 10, /*maximize_goal=*/false);
  EXPECT_TRUE(decision.stop);
  EXPECT_THAT(decision.reason, HasSubstr(" to be below 1.33333 (predicted 2.5 +- 0.5)"));
  EXPECT_EQ(decision.predicted_final, -2.5) << "figures are goals";
}

TEST_F(PredictionRuleTest, SaysWhatATrialHasToExceed) {
  const StoppingDecision decision = Decide(Curve(9, {1, 1, 1, 1, 1, 7}, false));
  EXPECT_EQ(decision.predicted_final, 7);
  EXPECT_EQ(decision.reference, 1.5);
}

TEST_F(PredictionRuleTest, StopsATrialThatFellToChanceBeforeAnythingIsLearnt) {
  finished_ = Curves(std::vector<Values>(5, {0, 0.5, 0.9, 1, 1, 1, 1, 1, 1, 1}));
  model_ = nullptr;
  const LearningCurve fallen = Curve(9, {0, 0.5, 0.8, 0.1, 0, 0.05}, false);
  EXPECT_TRUE(Decide(fallen).stop);
  EXPECT_EQ(Decide(fallen).reason, "RULE: diverged: fallen to where curves begin");
  EXPECT_FALSE(Decide(fallen).predicted_final.has_value());
  options_.exempt = 1;
  EXPECT_FALSE(Decide(fallen).stop);
  EXPECT_TRUE(Decide(fallen).exempt);
}

TEST_F(PredictionRuleTest, LetsATrialGoOnWhoseChanceIsGreater) {
  options_.checks = 1;
  const FakeModel fair({0, 0, 0, 0, 0, 0, 0.01}), small({0, 0, 0, 0, 0, 0, 0.0099});
  model_ = &fair;
  EXPECT_FALSE(Decide(six_).stop);
  EXPECT_EQ(Decide(six_).predicted_final, 1.25);
  model_ = &small;
  EXPECT_TRUE(Decide(six_).stop);
}

TEST_F(PredictionRuleTest, WeighsWhatATrialMayGainAgainstTheStepsThatAreLeft) {
  options_.checks = 1;
  options_.delta = 0.01;
  const std::vector<double> unlikely(11, 0.04), likely(11, 0.06);
  const FakeModel enough(unlikely, 0.0041), too_little(unlikely, 0.0039), by_a_hair(likely, 0.0001);
  model_ = &enough;  // 4 of 10 steps are left
  EXPECT_FALSE(Decide(six_).stop);
  EXPECT_TRUE(Decide(six_, 20).stop) << "14 of 20 steps are left";
  model_ = &too_little;
  EXPECT_TRUE(Decide(six_).stop);
  EXPECT_EQ(Decide(six_).reason,
            "RULE: chance 0.04 and gain 0.00975 per full trial to be above 1.5 (predicted 1.25 +- 0.5)");
  model_ = &by_a_hair;
  EXPECT_FALSE(Decide(six_).stop) << "who may well be the best runs to the end";
}

TEST_F(PredictionRuleTest, WantsSeveralChecksInARow) {
  const FakeModel hopeless_since_two({0, 0, 0, 0, 0.5, 0, 0}), hopeless_since_three({0, 0, 0, 0.5, 0, 0, 0});
  model_ = &hopeless_since_two;
  EXPECT_FALSE(Decide(six_).stop);
  EXPECT_THAT(Decide(six_).reason, HasSubstr("it was 0.5 2 values before"));
  model_ = &hopeless_since_three;
  EXPECT_TRUE(Decide(six_).stop);
}

TEST_F(PredictionRuleTest, WaitsForValuesStepsAndWhatIsToBeLearnt) {
  EXPECT_THAT(Decide(Curve(9, {1, 1, 1, 1}, false)).reason, HasSubstr("4 of the first 5"));
  options_.min_steps = 2;
  EXPECT_THAT(Decide(Curve(9, {1}, false)).reason, HasSubstr("before step 2"));
  EXPECT_TRUE(Decide(Curve(9, {1, 1, 1}, false)).predicted_final.has_value()) << "who says where to begin means it";
  options_.min_steps = 0;
  EXPECT_THAT(Decide(six_, 41).reason, HasSubstr("step 4 is before step 4.1")) << "the first of three checks";
  EXPECT_TRUE(Decide(six_, 40).stop);
  options_.min_steps = 7;
  EXPECT_THAT(Decide(six_).reason, HasSubstr("before step 7"));
  options_.min_steps = 0;
  EXPECT_THAT(Decide(six_, 6).reason, HasSubstr("reached the horizon"));
  model_ = nullptr;
  EXPECT_THAT(Decide(six_).reason, HasSubstr("nothing has been learnt"));
}

TEST_F(PredictionRuleTest, WaitsForLessWithLessCare) {
  options_.checks = 1;
  options_.care = 0.5;
  EXPECT_THAT(Decide(Curve(9, {1, 1}, false)).reason, HasSubstr("2 of the first 3"));
  EXPECT_TRUE(Decide(Curve(9, {1, 1, 1}, false), 60).stop);
  EXPECT_THAT(Decide(Curve(9, {1, 1, 1}, false), 61).reason, HasSubstr("step 3 is before step 3.05"));
  options_.care = 0.2;
  EXPECT_TRUE(Decide(Curve(9, {1}, false)).stop) << "0.2 x 5 values are one";
  options_.min_steps = 2;
  EXPECT_THAT(Decide(Curve(9, {1}, false)).reason, HasSubstr("before step 2")) << "who says where to begin means it";
}

TEST_F(PredictionRuleTest, LearnsEarlierWithLessCare) {
  options_.care = 0.5;
  const PredictionRule rule("RULE", options_, nullptr);
  EXPECT_FALSE(rule.LearnsAnew(0, 14));
  EXPECT_TRUE(rule.LearnsAnew(0, 15));
}

TEST_F(PredictionRuleTest, NanIsNoValueButAtTheEnd) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(Decide(Curve(9, {1, nan, 1, 1, 1}, false)).stop);
  EXPECT_THAT(Decide(Curve(9, {1, nan}, false)).reason, HasSubstr("diverged"));
  EXPECT_TRUE(Decide(Curve(9, {1, nan}, false)).stop);
  EXPECT_TRUE(Decide(Curve(9, {-std::numeric_limits<double>::infinity()}, false)).stop);
}

TEST_F(PredictionRuleTest, ComparesWithTheSoManyThBestFullTrial) {
  EXPECT_THAT(Decide(six_).reason, HasSubstr("above 1.5"));
  options_.top = 2;
  EXPECT_THAT(Decide(six_).reason, HasSubstr("above 1 "));
  options_.top = 4;
  EXPECT_THAT(Decide(six_).reason, HasSubstr("fewer than 4 full trials to compare with satisfy the constraints"));
  options_.top = 1;
  finished_[2].stopped_early = true;
  EXPECT_THAT(Decide(six_).reason, HasSubstr("above 1 "));
}

TEST_F(PredictionRuleTest, TakesPenaltiesOffWhatTheCurveHasToReach) {
  LearningCurve trial = six_;
  trial.offset = -0.25;
  const StoppingDecision decision = Decide(trial);
  EXPECT_EQ(hopeless_.last_reference, 1.75);
  EXPECT_EQ(decision.predicted_final, 1.0);
}

TEST_F(PredictionRuleTest, PredictsGoalsByTheFactorOfTheirCurve) {
  const StoppingDecision plain = Decide(six_);
  LearningCurve trial = six_;
  trial.factor = 0.5;
  trial.offset = 0.25;
  const StoppingDecision decision = Decide(trial);
  EXPECT_EQ(hopeless_.last_reference, 2.5);
  EXPECT_EQ(decision.predicted_final, 0.25 + 0.5 * *plain.predicted_final);
  EXPECT_EQ(decision.predicted_stddev, 0.5 * *plain.predicted_stddev);
}

TEST_F(PredictionRuleTest, ComparesWithTrialsThatAreNoWorseInAllOtherGoals) {
  finished_[0].other_goals = {3};
  finished_[1].other_goals = {2};
  finished_[2].other_goals = {1};
  LearningCurve trial = six_;
  trial.other_goals = {2};
  EXPECT_THAT(Decide(trial).reason, HasSubstr("above 1 "));
  trial.other_goals = {4};
  EXPECT_THAT(Decide(trial).reason, HasSubstr("and are as good in the other objectives"));
  trial.other_goals = {std::numeric_limits<double>::quiet_NaN()};
  EXPECT_THAT(Decide(trial).reason, HasSubstr("another objective of the trial is not known yet"));
}

TEST_F(PredictionRuleTest, LetsExemptTrialsRunAndSaysSo) {
  options_.exempt = 1;
  const StoppingDecision decision = Decide(six_);
  EXPECT_FALSE(decision.stop);
  EXPECT_TRUE(decision.exempt);
  EXPECT_TRUE(decision.of_exempt_share);
  EXPECT_THAT(decision.reason, HasSubstr("exempt"));
  options_.exempt = 0;
  EXPECT_FALSE(Decide(six_).exempt);
}

TEST_F(PredictionRuleTest, LearnsAnewAfterTenAndATwentiethMore) {
  const PredictionRule rule("RULE", options_, nullptr);
  EXPECT_FALSE(rule.LearnsAnew(0, 19));
  EXPECT_TRUE(rule.LearnsAnew(0, 20));
  EXPECT_FALSE(rule.LearnsAnew(20, 29));
  EXPECT_TRUE(rule.LearnsAnew(20, 30));
  EXPECT_FALSE(rule.LearnsAnew(1000, 1049));
  EXPECT_TRUE(rule.LearnsAnew(1000, 1050));
}

}  // namespace
}  // namespace photinus
