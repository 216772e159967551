#include "server/scheduling/curve_maker.h"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "server/study/derived_metrics.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

// The study of a watch: accuracy less a penalty for energy, and latency besides.
AStudy Watch(const std::string& expression = "accuracy - 0.1*max(0, energy_mj - 2)") {
  return AStudy("watch")
      .WithFloat("x")
      .WithObjective("reward")
      .WithObjective("latency", false)
      .WithDocument(R"({"metrics": [{"name": "reward", "goal": "maximize", "expression": ")" + expression + R"("}],
          "outcome_constraints": ["memory <= 9"],
          "early_stopping": {"rule": "TSGP", "curve": "accuracy", "goal": "maximize"}})");
}

StudyProblem ProblemOf(const AStudy& study) {
  const auto problem = ParseStudyProblem(study.Study().study_spec());
  EXPECT_OK(problem);
  return *problem;
}

pb::Trial TrialOf(const StudyProblem& problem, pb::Trial::State state) {
  pb::Trial trial;
  PointToTrial({{"x", 0.25}}, trial);
  trial.set_state(state);
  *trial.add_measurements() = AMeasurement(0, {{"energy_mj", 5}, {"latency", 7}, {"memory", 8}});
  *trial.add_measurements() = AMeasurement(2, {{"accuracy", 0.8}});
  *trial.add_measurements() = AMeasurement(1, {{"accuracy", 0.5}});
  if (state == pb::Trial::SUCCEEDED) *trial.mutable_final_measurement() = AMeasurement(3, {{"accuracy", 0.8}});
  AddDerivedMetrics(problem, trial);
  return trial;
}

TEST(CurveMaker, TellsWhatTheStartOfATrialSays) {
  const StudyProblem problem = ProblemOf(Watch());
  const auto maker = CurveMaker::Of(problem);
  ASSERT_OK(maker);
  EXPECT_EQ(maker->metric().metric, "accuracy");
  EXPECT_EQ(maker->goal()->metric, "reward");
  const LearningCurve curve = maker->Make(TrialOf(problem, pb::Trial::ACTIVE), false);
  ASSERT_EQ(curve.points.size(), 2u);
  EXPECT_EQ(curve.points[0].step, 1);
  EXPECT_EQ(curve.points[1].value, 0.8);
  EXPECT_EQ(curve.features, std::vector<double>{0.25});
  EXPECT_NEAR(curve.offset, -0.3, 1e-12);
  EXPECT_EQ(curve.other_goals, std::vector<double>{-7});
  EXPECT_FALSE(curve.finished);
  EXPECT_FALSE(curve.goal.has_value());
}

TEST(CurveMaker, OnlyAFullFeasibleTrialHasAGoal) {
  const StudyProblem problem = ProblemOf(Watch());
  const CurveMaker maker = *CurveMaker::Of(problem);
  pb::Trial trial = TrialOf(problem, pb::Trial::SUCCEEDED);
  const LearningCurve full = maker.Make(trial, false);
  EXPECT_TRUE(full.finished);
  ASSERT_TRUE(full.goal.has_value());
  EXPECT_NEAR(*full.goal, 0.5, 1e-12);
  EXPECT_TRUE(std::isnan(full.other_goals.at(0))) << "the final measurement does not say";
  EXPECT_TRUE(CurveIsObjective({std::make_shared<const LearningCurve>(full)}, true));
  EXPECT_FALSE(maker.Make(trial, true).goal.has_value());
  trial.mutable_measurements(0)->mutable_metrics(2)->set_value(10);
  EXPECT_FALSE(maker.Make(trial, false).goal.has_value()) << "it takes too much memory";
}

// Of trials with an accuracy of 0.8 and 5 mJ.
LearningCurve CurveFor(const std::string& reward) {
  const StudyProblem problem = ProblemOf(Watch(reward));
  return CurveMaker::Of(problem)->Make(TrialOf(problem, pb::Trial::SUCCEEDED), false);
}

TEST(CurveMaker, AProductOfTheCurveHasAFactor) {
  const LearningCurve curve = CurveFor("accuracy * (energy_mj / 20)^(-0.5) - 0.1*energy_mj");
  EXPECT_NEAR(curve.offset, -0.5, 1e-12);
  EXPECT_NEAR(curve.factor, 2, 1e-12);
  EXPECT_NEAR(*curve.goal, 1.1, 1e-12);
  EXPECT_TRUE(CurveIsObjective({std::make_shared<const LearningCurve>(curve)}, true));
}

TEST(CurveMaker, TheOnlyUnknownMetricGrowsWithTheCurve) {
  const LearningCurve curve = CurveFor("3 * int8_accuracy - 0.1*energy_mj");
  EXPECT_NEAR(curve.offset, -0.5, 1e-12);
  EXPECT_NEAR(curve.factor, 3, 1e-12);
  EXPECT_EQ(CurveFor("3 * int8_accuracy * another").factor, 1) << "it is not the only one";
}

TEST(CurveMaker, ACurveMayOnlyTellOfTheGoal) {
  for (const char* bent : {"accuracy * accuracy - 0.1*energy_mj", "max(accuracy, 0.6) - 0.1*energy_mj",
                           "2 * min(accuracy, 90) - 0.1*energy_mj", "-accuracy - 0.1*energy_mj"}) {
    const LearningCurve curve = CurveFor(bent);
    EXPECT_EQ(curve.factor, 1) << bent;
    EXPECT_FALSE(CurveIsObjective({std::make_shared<const LearningCurve>(curve)}, true)) << bent;
  }
}

TEST(CurveMaker, WhetherACurveIsTheObjectiveDoesNotDependOnItsUnits) {
  for (const double unit : {1e-12, 1.0, 1e12}) {
    LearningCurve curve{.trial_id = 1, .points = {{1, 0.8 * unit}}, .finished = true, .offset = -0.3 * unit};
    for (const bool same : {true, false}) {
      curve.goal = (same ? 0.5 : 0.51) * unit;
      EXPECT_EQ(CurveIsObjective({std::make_shared<const LearningCurve>(curve)}, true), same) << unit;
    }
  }
}

TEST(CurveMaker, AMinimisedCurveIsItsNegatedGoal) {
  const StudyProblem problem = ProblemOf(
      AStudy("s").WithFloat("x").WithObjective("loss", false).WithDocument(R"({"early_stopping": {"rule": "TSGP"}})"));
  pb::Trial trial;
  PointToTrial({{"x", 0.5}}, trial);
  trial.set_state(pb::Trial::SUCCEEDED);
  *trial.add_measurements() = AMeasurement(1, {{"loss", 3}});
  *trial.mutable_final_measurement() = AMeasurement(1, {{"loss", 3}});
  const LearningCurve curve = CurveMaker::Of(problem)->Make(trial, false);
  EXPECT_EQ(curve.goal, -3.0);
  EXPECT_EQ(curve.offset, 0);
  EXPECT_TRUE(CurveIsObjective({std::make_shared<const LearningCurve>(curve)}, false));
}

TEST(CurveMaker, ElapsedTimeCountsWhereNoStepIsReported) {
  pb::Trial trial;
  for (const int seconds : {2, 1}) {
    auto& measurement = *trial.add_measurements();
    measurement = AMeasurement(0, {{"y", seconds * 0.1}});
    measurement.mutable_elapsed_duration()->set_seconds(seconds);
  }
  *trial.add_measurements() = AMeasurement(0, {{"other", 1}});
  const LearningCurve curve = MakeCurve({"y", true}, trial);
  ASSERT_EQ(curve.points.size(), 2u);
  EXPECT_EQ(curve.points[0].step, 1);
  EXPECT_EQ(curve.points[1].value, 0.2);
}

// As of a program that counts epochs from 0.
TEST(CurveMaker, TheFirstValueOfARunningTrialIsAtNoSecond) {
  pb::Trial trial;
  trial.set_state(pb::Trial::ACTIVE);
  for (const int seconds : {40, 80}) {
    auto& measurement = *trial.add_measurements();
    measurement = AMeasurement(0, {{"y", 0.1}});
    measurement.mutable_elapsed_duration()->set_seconds(seconds);
    const bool first = seconds == 40;
    EXPECT_EQ(MakeCurve({"y", true}, trial).points.back().step, first ? 0 : 80);
  }
  trial.mutable_measurements(1)->set_step_count(1);
  EXPECT_EQ(MakeCurve({"y", true}, trial).points.back().step, 1);
  trial.mutable_measurements()->DeleteSubrange(1, 1);
  trial.set_state(pb::Trial::SUCCEEDED);
  EXPECT_EQ(MakeCurve({"y", true}, trial).points.back().step, 40) << "there will be no other";
}

TEST(CurveMaker, OfEqualStepsTheLastCounts) {
  pb::Trial trial;
  const std::vector<std::pair<int, double>> reported = {{1, 0.1}, {3, 0.3}, {2, 0.2}, {3, 0.4}, {1, 0.5}};
  for (const auto& [step, value] : reported) {
    *trial.add_measurements() = AMeasurement(step, {{"y", value}});
  }
  const LearningCurve curve = MakeCurve({"y", true}, trial);
  ASSERT_EQ(curve.points.size(), 3u);
  for (const size_t i : {0u, 1u, 2u}) {
    EXPECT_EQ(curve.points[i].step, static_cast<double>(i + 1));
    EXPECT_EQ(curve.points[i].value, std::vector<double>({0.5, 0.2, 0.4})[i]);
  }
}

TEST(CurveMaker, KeepsAllValuesWhereNeitherStepsNorSecondsAreReported) {
  pb::Trial trial;
  for (const double value : {0.1, 0.2}) *trial.add_measurements() = AMeasurement(0, {{"y", value}});
  EXPECT_EQ(MakeCurve({"y", true}, trial).points.size(), 2u);
}

pb::Measurement AfterSeconds(int seconds, std::initializer_list<std::pair<std::string, double>> metrics) {
  pb::Measurement measurement = AMeasurement(0, metrics);
  measurement.mutable_elapsed_duration()->set_seconds(seconds);
  return measurement;
}

TEST(CurveMaker, WhereSecondsCountAMeasurementOfTheCurveTellsNoStart) {
  const StudyProblem problem = ProblemOf(Watch());
  const CurveMaker maker = *CurveMaker::Of(problem);
  pb::Trial trial;
  *trial.add_measurements() = AfterSeconds(1, {{"accuracy", 0.1}, {"latency", 7}, {"energy_mj", 5}});
  LearningCurve curve = maker.Make(trial, false);
  EXPECT_TRUE(std::isnan(curve.other_goals.at(0)));
  EXPECT_EQ(curve.offset, 0);
  *trial.add_measurements() = AfterSeconds(2, {{"latency", 8}, {"energy_mj", 4}});
  curve = maker.Make(trial, false);
  EXPECT_EQ(curve.other_goals, std::vector<double>{-8});
  EXPECT_NEAR(curve.offset, -0.2, 1e-12);
}

TEST(CurveMaker, WhatATrialReportsOtherwiseLaterIsNotKnownAtItsStart) {
  const StudyProblem problem = ProblemOf(Watch());
  const CurveMaker maker = *CurveMaker::Of(problem);
  pb::Trial trial = TrialOf(problem, pb::Trial::ACTIVE);
  *trial.add_measurements() = AMeasurement(3, {{"accuracy", 0.9}, {"latency", 7}, {"energy_mj", 5 + 1e-12}});
  EXPECT_EQ(maker.Make(trial, false).other_goals, std::vector<double>{-7}) << "the same again, but for rounding";
  EXPECT_NEAR(maker.Make(trial, false).offset, -0.3, 1e-9);
  *trial.add_measurements() = AMeasurement(4, {{"accuracy", 0.9}, {"latency", 6}, {"energy_mj", 4}});
  EXPECT_TRUE(std::isnan(maker.Make(trial, false).other_goals.at(0)));
  EXPECT_EQ(maker.Make(trial, false).offset, 0);
}

TEST(CurveMaker, WhatEndedOtherwiseInFinishedTrialsIsNotKnownAtTheStart) {
  const StudyProblem problem = ProblemOf(Watch());
  const CurveMaker maker = *CurveMaker::Of(problem);
  pb::Trial trial = TrialOf(problem, pb::Trial::SUCCEEDED);
  *trial.mutable_final_measurement() = AMeasurement(3, {{"accuracy", 0.8}, {"latency", 3}, {"energy_mj", 5}});
  const auto finished = std::make_shared<const LearningCurve>(maker.Make(trial, false));
  EXPECT_EQ(finished->revised, std::vector<std::string>{"latency"});
  const LearningCurve curve = maker.Make(TrialOf(problem, pb::Trial::ACTIVE), false, RevisedMetrics({finished}));
  EXPECT_TRUE(std::isnan(curve.other_goals.at(0)));
  EXPECT_NEAR(curve.offset, -0.3, 1e-12) << "energy stays as it was";
}

}  // namespace
}  // namespace photinus
