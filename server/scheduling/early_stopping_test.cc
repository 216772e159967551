#include "server/scheduling/early_stopping.h"

#include <gtest/gtest.h>

#include <cmath>
#include <future>
#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "common/study_document/stop_entry.h"
#include "common/study_document/trial_role.h"
#include "gmock/gmock.h"
#include "server/scheduling/problem_check.h"
#include "server/study/metadata.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

class EarlyStoppingTest : public StudyFixture {
 protected:
  // A trial whose accuracy climbs to `last` in ten steps.
  TrialName Run(double last) { return Climb(Start(), last); }
  // The same with a role.
  TrialName RunWithRole(const char* role, double last) { return Climb(StartWithRole(role), last); }

  TrialName StartWithRole(const char* role) {
    pb::Trial trial = ATrial({{"x", 0.5}});
    SetRole(role, "1", trial);
    TrialName name{name_, 0};
    EXPECT_OK(store_.EditActive(name_, [&](StudyEdit& edit) -> absl::Status {
      ASSIGN_OR_RETURN(const TrialRow row, CreateTrial(edit, trial));
      name.id = row.id;
      return ClaimExisting(edit, {{"d", ""}, 100}).status();
    }));
    return name;
  }
  TrialName Climb(const TrialName& trial, double last) {
    for (int step = 1; step <= 10; ++step) {
      EXPECT_OK(AddMeasurement(store_, trial, AMeasurement(step, {{"accuracy", last * step / 10}}), {}));
    }
    return trial;
  }
  void FinishFive(const char* role = nullptr) {
    for (int i = 0; i < 5; ++i) {
      const TrialName trial = role == nullptr ? Run(0.9) : RunWithRole(role, 0.9);
      ASSERT_OK(CompleteTrial(store_, trial, Completion(), {}));
    }
  }

  ThreadPool learning_{1, 10};
  EarlyStopping early_stopping_{store_, learning_};
};

// Under TSGP. Trials are told apart by x: the better ones have the larger.
class LearningRuleTest : public EarlyStoppingTest {
 protected:
  static constexpr int kHorizon = 20;

  ~LearningRuleTest() override {
    early_stopping_.Stop();
    learning_.Stop();
  }

  void CreateWith(const std::string& settings, const std::string& metrics = "") {
    Create(AStudy("kws").WithFloat("x").WithObjective("reward").WithDocument(
        R"({"seed": 3, "metrics": [{"name": "reward", "goal": "maximize", "expression": "accuracy - penalty"}], )"
        R"("early_stopping": {"rule": "TSGP", "curve": "accuracy", "goal": "maximize", "horizon": 20)" +
        settings + "}" + metrics + "}"));
  }
  void Measure(const TrialName& trial, double final, int from, int to) {
    for (int step = from; step <= to; ++step) {
      const double value = final - 0.5 * std::exp(-step / 4.0) + 0.002 * std::sin(7.0 * step + 100 * final);
      ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(step, {{"accuracy", value}}), {}));
    }
  }
  static void AddMetric(const std::string& name, double value, pb::Measurement& measurement) {
    pb::Measurement::Metric& metric = *measurement.add_metrics();
    metric.set_metric_id(name);
    metric.set_value(value);
  }
  TrialName Begin(double penalty = 0) {
    const TrialName trial = Start();
    EXPECT_OK(AddMeasurement(store_, trial, AMeasurement(0, {{"penalty", penalty}}), {}));
    return trial;
  }
  // Full trials that end between 0.5 and 0.8.
  void FinishTrials(int count) {
    for (int i = 0; i < count; ++i) {
      const TrialName trial = Begin();
      Measure(trial, 0.5 + 0.3 * (i * 7 % count) / (count - 1), 1, kHorizon);
      ASSERT_OK(CompleteTrial(store_, trial, Completion(), {}));
    }
  }
  void Settle() {
    std::promise<void> done;
    ASSERT_TRUE(learning_.Submit([&done] { done.set_value(); }));
    done.get_future().wait();
  }
  bool Stops(const TrialName& trial) {
    const auto decision = early_stopping_.Check(trial, {});
    EXPECT_OK(decision);
    return decision.ok() && decision->stop;
  }
  std::optional<v1::StopDecision> Kept(const TrialName& trial) { return StopDecisionOf(Get(trial)); }
};

TEST_F(LearningRuleTest, LearnsWithoutHoldingUpARequestAndStopsTheHopeless) {
  CreateWith(R"(, "exempt": 0)");
  FinishTrials(24);
  const TrialName bad = Begin();
  Measure(bad, 0.3, 1, 10);
  std::promise<void> busy, open;
  ASSERT_TRUE(learning_.Submit([&] {
    busy.set_value();
    open.get_future().wait();
  }));
  busy.get_future().wait();
  EXPECT_FALSE(Stops(bad)) << "nothing is learnt, and nothing waits for it";
  open.set_value();
  Settle();
  ASSERT_TRUE(Stops(bad)) << "also without a new measurement";
  EXPECT_EQ(Get(bad).state(), pb::Trial::STOPPING);
  const auto kept = Kept(bad);
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->outcome(), v1::StopDecision::STOPPED);
  EXPECT_EQ(kept->step(), 10);
  EXPECT_EQ(kept->horizon(), kHorizon);
  EXPECT_EQ(kept->metric(), "reward");
  EXPECT_THAT(kept->reason(), testing::HasSubstr("TSGP: chance"));
  EXPECT_NEAR(kept->predicted_final(), 0.3, 0.1);
  EXPECT_GT(kept->predicted_stddev(), 0);
  EXPECT_NEAR(kept->reference(), 0.8, 0.02);
  const TrialName good = Begin();
  Measure(good, 0.85, 1, 10);
  EXPECT_FALSE(Stops(good));
}

TEST_F(LearningRuleTest, APenaltyThatIsKnownAtTheStartCounts) {
  CreateWith(R"(, "exempt": 0)");
  FinishTrials(24);
  const TrialName light = Begin(), heavy = Begin(0.4);
  for (const TrialName& trial : {light, heavy}) Measure(trial, 0.8, 1, 10);
  Stops(light);
  Settle();
  EXPECT_FALSE(Stops(light));
  ASSERT_TRUE(Stops(heavy));
  EXPECT_NEAR(Kept(heavy)->predicted_final(), 0.4, 0.1);
}

TEST_F(LearningRuleTest, KeepsWhatWouldHaveBeenDecidedAndWhatWasExpected) {
  CreateWith(R"(, "exempt": 1)");
  FinishTrials(24);
  const TrialName bad = Begin(), good = Begin();
  for (const TrialName& trial : {bad, good}) Measure(trial, trial == bad ? 0.3 : 0.85, 1, 9);
  Stops(bad);
  Settle();
  EXPECT_FALSE(Stops(bad));
  EXPECT_EQ(Kept(bad)->outcome(), v1::StopDecision::EXEMPT);
  EXPECT_EQ(Kept(bad)->step(), 9);
  EXPECT_FALSE(Stops(good));
  EXPECT_FALSE(Kept(good).has_value()) << "not before half of the horizon";
  for (const TrialName& trial : {bad, good}) {
    Measure(trial, trial == bad ? 0.3 : 0.85, 10, 14);
    EXPECT_FALSE(Stops(trial));
  }
  EXPECT_EQ(Kept(bad)->step(), 9) << "the first time";
  EXPECT_EQ(Kept(good)->outcome(), v1::StopDecision::WENT_ON);
  EXPECT_TRUE(Kept(good)->exempt());
  const int64_t before = Version();
  Measure(good, 0.85, 15, 15);
  EXPECT_FALSE(Stops(good));
  EXPECT_EQ(Version(), before + 1) << "the measurement alone";
  ASSERT_OK(CompleteTrial(store_, bad, Completion(), {}));
  EXPECT_EQ(Kept(bad)->outcome(), v1::StopDecision::EXEMPT);
}

TEST_F(LearningRuleTest, AReasonNamesAMinimisedObjectiveInItsOwnUnits) {
  Create(AStudy("kws")
             .WithFloat("x")
             .WithObjective("cost", false)
             .WithDocument(
                 R"({"seed": 3, "metrics": [{"name": "cost", "goal": "minimize", "expression": "2 - accuracy"}],
          "early_stopping": {"rule": "TSGP", "curve": "accuracy", "goal": "maximize", "horizon": 20, "exempt": 0}})"));
  FinishTrials(24);
  const TrialName bad = Begin();
  Measure(bad, 0.3, 1, 10);
  Stops(bad);
  Settle();
  ASSERT_TRUE(Stops(bad));
  EXPECT_THAT(Kept(bad)->reason(), testing::ContainsRegex("to be below 1\\.[12].* \\(predicted 1\\.[67]"));
}

// Whether the trials' first evaluation, at step 0, or each one, where seconds count, has both objectives.
TEST_F(LearningRuleTest, AnObjectiveThatIsYetToComeIsNotTakenForItsFirstValue) {
  for (const bool seconds : {false, true}) {
    Create(AStudy(seconds ? "seconds" : "steps")
               .WithFloat("x")
               .WithObjective("accuracy")
               .WithObjective("loss", false)
               .WithDocument(R"({"early_stopping": {"rule": "TSGP", "horizon": 20, "exempt": 0}})"));
    const auto evaluate = [&](const TrialName& trial, double final, double loss, int steps) {
      for (int step = 0; step <= steps; ++step) {
        const double left = std::exp(-step / 4.0);
        pb::Measurement measurement = AMeasurement(seconds ? 0 : step, {{"accuracy", final - (final - 0.1) * left}});
        if (seconds || step == 0) AddMetric("loss", loss + (2.3 - loss) * left, measurement);
        measurement.mutable_elapsed_duration()->set_seconds(step);
        ASSERT_OK(AddMeasurement(store_, trial, measurement, {}));
      }
    };
    for (int i = 0; i < 24; ++i) {
      const TrialName trial = Start();
      const double final = 0.5 + 0.3 * (i * 7 % 24) / 23;
      evaluate(trial, final, final, 20);
      Completion completion;
      completion.final_measurement = AMeasurement(seconds ? 0 : 20, {{"accuracy", final}, {"loss", final}});
      ASSERT_OK(CompleteTrial(store_, trial, completion, {}));
    }
    const TrialName best_loss = Start();
    evaluate(best_loss, 0.3, 0.2, 10);
    Stops(best_loss);
    Settle();
    EXPECT_FALSE(Stops(best_loss)) << "seconds: " << seconds;
  }
}

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
  EXPECT_EQ(StopDecisionOf(Get(bad))->metric(), "reward") << "also of a rule that predicts nothing";
  ASSERT_OK(AddMeasurement(store_, bad, AMeasurement(11, {{"accuracy", 0.99}}), {}));
  EXPECT_TRUE(early_stopping_.Check(bad, {})->stop);
  ASSERT_OK(CompleteTrial(store_, bad, Completion(), {}));
  EXPECT_THAT(early_stopping_.Check(bad, {}), Fails(absl::StatusCode::kFailedPrecondition, "WRONG_TRIAL_STATE"));
}

TEST_F(EarlyStoppingTest, ATrialWithARoleIsNeitherStoppedNorComparedWith) {
  for (const char* role : {kRetestRole, kBaselineRole}) {
    Create(AStudy(role)
               .WithFloat("x")
               .WithObjective("accuracy")
               .WithDocument(R"({"early_stopping": {"rule": "MEDIAN", "horizon": 20}})"));
    FinishFive(role);
    EXPECT_FALSE(early_stopping_.Check(Run(0.1), {})->stop) << "as if there were no other trial";
    FinishFive();
    EXPECT_TRUE(early_stopping_.Check(Run(0.1), {})->stop);
    const auto decision = early_stopping_.Check(RunWithRole(role, 0.1), {});
    ASSERT_OK(decision);
    EXPECT_FALSE(decision->stop);
    EXPECT_THAT(decision->reason, testing::HasSubstr(role));
  }
}

TEST_F(LearningRuleTest, LearnsNothingFromTrialsWithARole) {
  CreateWith(R"(, "exempt": 0)");
  for (int i = 0; i < 24; ++i) {
    const TrialName retest = StartWithRole(kRetestRole);
    Measure(retest, 0.5 + 0.3 * i / 23, 1, kHorizon);
    ASSERT_OK(CompleteTrial(store_, retest, Completion(), {}));
  }
  const TrialName bad = Begin(), hopeless = StartWithRole(kRetestRole);
  for (const TrialName& trial : {bad, hopeless}) Measure(trial, 0.3, 1, 10);
  Stops(bad);
  Settle();
  EXPECT_FALSE(Stops(bad)) << "24 retests teach nothing";
  FinishTrials(24);
  Stops(bad);
  Settle();
  EXPECT_TRUE(Stops(bad));
  EXPECT_FALSE(Stops(hopeless));
}

// Half of all trials take longer than the median, which says nothing of when they would have ended.
TEST_F(EarlyStoppingTest, ATrialBeyondTheMedianIsStoppedInTime) {
  Create(
      AStudy("kws").WithFloat("x").WithObjective("accuracy").WithDocument(R"({"early_stopping": {"rule": "MEDIAN"}})"));
  FinishFive();
  const TrialName bad = Run(0.1), longer = Run(0.1);
  ASSERT_OK(AddMeasurement(store_, longer, AMeasurement(11, {{"accuracy", 0.1}}), {}));
  for (const TrialName& trial : {bad, longer}) {
    EXPECT_TRUE(early_stopping_.Check(trial, {})->stop);
    ASSERT_OK(CompleteTrial(store_, trial, Completion(), {}));
  }
  EXPECT_EQ(StopDecisionOf(Get(bad))->outcome(), v1::StopDecision::TOO_LATE) << "it has come as far as the others";
  EXPECT_EQ(StopDecisionOf(Get(longer))->outcome(), v1::StopDecision::STOPPED);
  EXPECT_EQ(StopDecisionOf(Get(longer))->horizon(), 0);
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

}  // namespace
}  // namespace photinus
