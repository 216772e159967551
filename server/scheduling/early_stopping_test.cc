#include "server/scheduling/early_stopping.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "server/scheduling/problem_check.h"
#include "server/study/metadata.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

class EarlyStoppingTest : public StudyFixture {
 protected:
  // A trial whose accuracy climbs to `last` in ten steps.
  TrialName Run(double last) {
    const TrialName trial = Start();
    for (int step = 1; step <= 10; ++step) {
      EXPECT_OK(AddMeasurement(store_, trial, AMeasurement(step, {{"accuracy", last * step / 10}}), {}));
    }
    return trial;
  }
  void FinishFive() {
    for (int i = 0; i < 5; ++i) ASSERT_OK(CompleteTrial(store_, Run(0.9), Completion(), {}));
  }

  EarlyStopping early_stopping_{store_};
};

TEST_F(EarlyStoppingTest, WithoutARuleNothingIsStopped) {
  Create(AStudy("kws").WithFloat("x").WithObjective("accuracy"));
  FinishFive();
  const TrialName bad = Run(0.1);
  EXPECT_FALSE(early_stopping_.Check(bad, {})->stop);
  EXPECT_EQ(Get(bad).state(), pb::Trial::ACTIVE);
}

TEST_F(EarlyStoppingTest, AYesIsForGoodAndMovesTheTrialToStopping) {
  Create(AStudy("kws").WithFloat("x").WithObjective("reward").WithDocument(
      R"({"metrics": [{"name": "reward", "goal": "maximize", "expression": "accuracy"}],
          "early_stopping": {"rule": "MEDIAN", "curve": "accuracy", "goal": "maximize", "horizon": 20}})"));
  FinishFive();
  const TrialName good = Run(0.95);
  const TrialName bad = Run(0.1);
  EXPECT_FALSE(early_stopping_.Check(good, {})->stop);
  const auto decision = early_stopping_.Check(bad, {});
  ASSERT_OK(decision);
  EXPECT_TRUE(decision->stop);
  EXPECT_FALSE(decision->reason.empty());
  EXPECT_EQ(Get(bad).state(), pb::Trial::STOPPING);
  ASSERT_OK(AddMeasurement(store_, bad, AMeasurement(11, {{"accuracy", 0.99}}), {}));
  EXPECT_TRUE(early_stopping_.Check(bad, {})->stop);
  ASSERT_OK(CompleteTrial(store_, bad, Completion(), {}));
  EXPECT_THAT(early_stopping_.Check(bad, {}), Fails(absl::StatusCode::kFailedPrecondition, "WRONG_TRIAL_STATE"));
}

TEST_F(EarlyStoppingTest, ANoIsGivenAgainForAMinute) {
  Create(AStudy("kws")
             .WithFloat("x")
             .WithObjective("accuracy")
             .WithDocument(R"({"early_stopping": {"rule": "MEDIAN", "horizon": 20}})"));
  ASSERT_OK(CompleteTrial(store_, Run(0.95), Completion(), {}));
  const TrialName bad = Run(0.1);
  const TrialName measured = Run(0.1);
  EXPECT_FALSE(early_stopping_.Check(bad, {})->stop) << "there is nothing to compare with yet";
  EXPECT_FALSE(early_stopping_.Check(measured, {})->stop);
  FinishFive();
  EXPECT_FALSE(early_stopping_.Check(bad, {})->stop) << "no new incumbent";
  ASSERT_OK(AddMeasurement(store_, measured, AMeasurement(11, {{"accuracy", 0.1}}), {}));
  EXPECT_TRUE(early_stopping_.Check(measured, {})->stop);
  clock_.Advance(kDecisionLifetime);
  EXPECT_FALSE(early_stopping_.Check(bad, {})->stop);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(early_stopping_.Check(bad, {})->stop);
}

TEST_F(EarlyStoppingTest, ANewIncumbentOrDocumentMakesANewDecision) {
  for (const bool incumbent : {false, true}) {
    Create(AStudy(incumbent ? "incumbent" : "document")
               .WithFloat("x")
               .WithObjective("accuracy")
               .WithDocument(R"({"early_stopping": {"rule": "MEDIAN", "horizon": 20}})"));
    ASSERT_OK(CompleteTrial(store_, Run(0.95), Completion(), {}));
    const TrialName bad = Run(0.1);
    EXPECT_FALSE(early_stopping_.Check(bad, {})->stop);
    FinishFive();
    EXPECT_FALSE(early_stopping_.Check(bad, {})->stop);
    if (incumbent) {
      ASSERT_OK(CompleteTrial(store_, Run(0.99), Completion(), {}));
    } else {
      pb::KeyValue document;
      document.set_ns("photinus");
      document.set_key("study");
      document.set_value(R"({"early_stopping": {"rule": "MEDIAN", "horizon": 21}})");
      ASSERT_OK(UpdateMetadata(store_, name_, {{std::nullopt, document}}));
    }
    EXPECT_TRUE(early_stopping_.Check(bad, {})->stop);
  }
}

TEST_F(EarlyStoppingTest, ACurveThatIsNoObjectiveHasAGoalOfItsOwn) {
  Create(AStudy("kws")
             .WithFloat("x")
             .WithObjective("energy", false)
             .WithDocument(
                 R"({"early_stopping": {"rule": "MEDIAN", "curve": "accuracy", "goal": "maximize", "horizon": 20}})"));
  FinishFive();
  EXPECT_FALSE(early_stopping_.Check(Run(0.95), {})->stop);
  EXPECT_TRUE(early_stopping_.Check(Run(0.1), {})->stop);
}

struct GoalCase {
  const char* situation;
  const char* document;
  const char* field;  // at fault; empty: none
};

class CurveGoalTest : public ::testing::TestWithParam<GoalCase> {};

TEST_P(CurveGoalTest, IsNeverGuessed) {
  const auto problem = ParseStudyProblem(
      AStudy("s").WithFloat("x").WithObjective("energy", false).WithDocument(GetParam().document).Study().study_spec());
  ASSERT_OK(problem);
  EXPECT_EQ(ErrorField(CheckAlgorithmAndRule(*problem)), GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CurveGoalTest,
    ::testing::Values(
        GoalCase{"OfTheFirstObjective", R"({"early_stopping": {"rule": "MEDIAN"}})", ""},
        GoalCase{"OfTheObjectiveThatTheCurveIs", R"({"early_stopping": {"rule": "MEDIAN", "curve": "energy"}})", ""},
        GoalCase{"SaidTwice", R"({"early_stopping": {"rule": "MEDIAN", "curve": "energy", "goal": "minimize"}})", ""},
        GoalCase{"Contradicted", R"({"early_stopping": {"rule": "MEDIAN", "goal": "maximize"}})",
                 "early_stopping.goal"},
        GoalCase{"Missing", R"({"early_stopping": {"rule": "MEDIAN", "curve": "accuracy"}})", "early_stopping.goal"},
        GoalCase{"Said", R"({"early_stopping": {"rule": "MEDIAN", "curve": "accuracy", "goal": "maximize"}})", ""}),
    [](const auto& info) { return info.param.situation; });

TEST_F(EarlyStoppingTest, ADerivedCurveIsJudgedToo) {
  Create(AStudy("kws")
             .WithFloat("x")
             .WithObjective("error", false)
             .WithDocument(
                 R"({"metrics": [{"name": "error", "goal": "minimize", "expression": "1 - accuracy"}],
          "early_stopping": {"rule": "MEDIAN", "horizon": 20}})"));
  FinishFive();
  EXPECT_FALSE(early_stopping_.Check(Run(0.95), {})->stop);
  EXPECT_TRUE(early_stopping_.Check(Run(0.1), {})->stop);
}

TEST_F(EarlyStoppingTest, AStaleTokenIsToldThatTheLeaseIsLost) {
  Create(AStudy("kws").WithFloat("x").WithObjective("accuracy"));
  const TrialName trial = Start({"w.0", "first"});
  EXPECT_OK(early_stopping_.Check(trial, LeaseToken{1, 1, 1}));
  EXPECT_THAT(early_stopping_.Check(trial, LeaseToken{1, 1, 7}),
              Fails(absl::StatusCode::kFailedPrecondition, "LEASE_LOST"));
}

TEST(LearningCurves, ElapsedTimeCountsWhereNoStepIsReported) {
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

}  // namespace
}  // namespace photinus
