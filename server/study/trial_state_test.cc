#include "server/study/trial_state.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/study_document/study_document.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

using State = pb::Trial::State;

const TrialName kName{{"ada", "kws"}, 3};
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TrialRow Row(State state, int64_t epoch = 0) {
  TrialRow row;
  row.study_uid = 7;
  row.id = 3;
  row.state = state;
  row.client_id = state == pb::Trial::REQUESTED ? "" : "w.0";
  row.lease_epoch = epoch;
  row.incarnation = epoch > 0 ? "first" : "";
  return row;
}

LeaseToken Token(int64_t epoch) { return {7, 3, epoch}; }

Completion Result(double value) {
  Completion completion;
  completion.final_measurement = AMeasurement(1, {{"y", value}});
  return completion;
}

Completion Infeasible(const std::string& reason) {
  Completion completion;
  completion.infeasible = true;
  completion.infeasible_reason = reason;
  return completion;
}

// One step of the state machine: what it is applied to, and what must come of it.
struct Step {
  std::string name;
  State before;
  std::function<absl::Status(TrialRow&)> apply;
  absl::StatusCode code;
  State after;
};

absl::Status CompleteWith(const Completion& completion, TrialRow& row) {
  return Complete(kName, completion, std::nullopt, std::nullopt, kNow, row).status();
}
absl::Status Finish(TrialRow& row) { return CompleteWith(Result(0.5), row); }
absl::Status FinishWithNothing(TrialRow& row) { return CompleteWith(Completion(), row); }
absl::Status GiveUp(TrialRow& row) { return CompleteWith(Infeasible("too large"), row); }
absl::Status Stop(TrialRow& row) { return RequestStop(kName, "hopeless", row).status(); }
absl::Status Measure(TrialRow& row) { return AcceptsMeasurement(kName, row, std::nullopt).status(); }

class TrialStateTest : public ::testing::TestWithParam<Step> {};

TEST_P(TrialStateTest, DoesWhatTheContractSays) {
  TrialRow row = Row(GetParam().before);
  EXPECT_EQ(GetParam().apply(row).code(), GetParam().code);
  EXPECT_EQ(pb::Trial::State_Name(row.state), pb::Trial::State_Name(GetParam().after));
}

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
INSTANTIATE_TEST_SUITE_P(
    Table, TrialStateTest,
    ::testing::Values(Step{"CompleteActive", pb::Trial::ACTIVE, &Finish, kOk, pb::Trial::SUCCEEDED},
                      Step{"CompleteStopping", pb::Trial::STOPPING, &Finish, kOk, pb::Trial::SUCCEEDED},
                      Step{"CompleteRequested", pb::Trial::REQUESTED, &Finish, kRefused, pb::Trial::REQUESTED},
                      Step{"CompleteSucceeded", pb::Trial::SUCCEEDED, &Finish, kRefused, pb::Trial::SUCCEEDED},
                      Step{"CompleteInfeasible", pb::Trial::INFEASIBLE, &Finish, kRefused, pb::Trial::INFEASIBLE},
                      Step{"CompleteWithNothing", pb::Trial::ACTIVE, &FinishWithNothing, kRefused, pb::Trial::ACTIVE},
                      Step{"InfeasibleNeedsNoMeasurement", pb::Trial::ACTIVE, &GiveUp, kOk, pb::Trial::INFEASIBLE},
                      Step{"InfeasibleRequested", pb::Trial::REQUESTED, &GiveUp, kRefused, pb::Trial::REQUESTED},
                      Step{"StopActive", pb::Trial::ACTIVE, &Stop, kOk, pb::Trial::STOPPING},
                      Step{"StopStopping", pb::Trial::STOPPING, &Stop, kOk, pb::Trial::STOPPING},
                      Step{"StopSucceeded", pb::Trial::SUCCEEDED, &Stop, kOk, pb::Trial::SUCCEEDED},
                      Step{"StopInfeasible", pb::Trial::INFEASIBLE, &Stop, kOk, pb::Trial::INFEASIBLE},
                      Step{"StopRequested", pb::Trial::REQUESTED, &Stop, kRefused, pb::Trial::REQUESTED},
                      Step{"MeasureActive", pb::Trial::ACTIVE, &Measure, kOk, pb::Trial::ACTIVE},
                      Step{"MeasureStopping", pb::Trial::STOPPING, &Measure, kOk, pb::Trial::STOPPING},
                      Step{"MeasureInfeasible", pb::Trial::INFEASIBLE, &Measure, kOk, pb::Trial::INFEASIBLE},
                      Step{"MeasureSucceeded", pb::Trial::SUCCEEDED, &Measure, kRefused, pb::Trial::SUCCEEDED},
                      Step{"MeasureRequested", pb::Trial::REQUESTED, &Measure, kRefused, pb::Trial::REQUESTED}),
    [](const auto& info) { return info.param.name; });

TEST(Complete, ARepeatedCompletionIsAReplayAndADifferentOneIsRefused) {
  TrialRow row = Row(pb::Trial::ACTIVE);
  EXPECT_TRUE(*Complete(kName, Result(0.5), {}, {}, kNow, row));
  EXPECT_FALSE(*Complete(kName, Result(0.5), {}, {}, kNow + absl::Hours(1), row));
  EXPECT_THAT(Complete(kName, Result(0.6), {}, {}, kNow, row), Fails(kRefused, "WRONG_TRIAL_STATE"));
  EXPECT_THAT(Complete(kName, Infeasible("no"), {}, {}, kNow, row), Fails(kRefused, "WRONG_TRIAL_STATE"));
  EXPECT_EQ(row.body.final_measurement().metrics(0).value(), 0.5);
  EXPECT_EQ(row.body.end_time().seconds(), absl::ToUnixSeconds(kNow));
}

TEST(Complete, TakesTheLastMeasurementWhereNoneIsSent) {
  TrialRow row = Row(pb::Trial::ACTIVE);
  EXPECT_TRUE(*Complete(kName, Completion(), {}, AMeasurement(9, {{"y", 0.9}}), kNow, row));
  EXPECT_EQ(row.body.final_measurement().step_count(), 9);
}

TEST(Complete, AnInfeasibleTrialKeepsItsReasonAndItsMeasurement) {
  TrialRow row = Row(pb::Trial::ACTIVE);
  Completion completion = Infeasible("diverged");
  completion.final_measurement = AMeasurement(2, {{"memory_kb", 40}});
  EXPECT_TRUE(*Complete(kName, completion, {}, {}, kNow, row));
  EXPECT_EQ(row.body.infeasible_reason(), "diverged");
  EXPECT_EQ(row.body.final_measurement().step_count(), 2);
}

TEST(CompletionHash, DoesNotDependOnTheOrderOfTheMetrics) {
  Completion one, other;
  one.final_measurement = AMeasurement(1, {{"a", 1}, {"b", 2}});
  other.final_measurement = AMeasurement(1, {{"b", 2}, {"a", 1}});
  EXPECT_EQ(one.Hash(), other.Hash());
  other.final_measurement = AMeasurement(1, {{"b", 1}, {"a", 2}});
  EXPECT_NE(one.Hash(), other.Hash());
}

TEST(Lease, AnOlderTokenNeverFits) {
  TrialRow row = Row(pb::Trial::ACTIVE, 2);
  EXPECT_OK(CheckLease(kName, row, Token(2)));
  EXPECT_OK(CheckLease(kName, row, std::nullopt));  // plain Vizier clients have none
  EXPECT_THAT(CheckLease(kName, row, Token(1)), Fails(kRefused, "LEASE_LOST"));
  EXPECT_THAT(CheckLease(kName, row, LeaseToken{8, 3, 2}), Fails(kRefused, "LEASE_LOST"));
  EXPECT_THAT(Complete(kName, Result(1), Token(1), {}, kNow, row), Fails(kRefused, "LEASE_LOST"));
  EXPECT_THAT(AcceptsMeasurement(kName, row, Token(1)), Fails(kRefused, "LEASE_LOST"));
}

TEST(Lease, TheSameProcessKeepsItsEpochAndAnotherRaisesItAndBeginsAnAttempt) {
  TrialRow row = Row(pb::Trial::REQUESTED);
  Assign({"w.0", "first"}, kNow, row);
  EXPECT_EQ(row.lease_epoch, 1);
  EXPECT_FALSE(IsRestarted({"w.0", "first"}, row));
  EXPECT_FALSE(IsRestarted({"w.0", ""}, row));  // a plain client neither takes nor ends a lease
  ASSERT_TRUE(IsRestarted({"w.0", "second"}, row));
  const auto ended = TakeOver({"w.0", "second"}, kNow, kDefaultMaxAttempts, row);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->outcome, "restarted");
  EXPECT_EQ(ended->attempt, 1);
  EXPECT_EQ(ended->lease_epoch, 1);
  EXPECT_EQ(row.attempt, 2);
  EXPECT_EQ(row.lease_epoch, 2);
  EXPECT_EQ(row.lost_count, 1);
}

TEST(Lease, ATrialOfAPlainClientMerelyGetsALease) {
  TrialRow row = Row(pb::Trial::ACTIVE);
  ASSERT_TRUE(IsRestarted({"w.0", "first"}, row));
  EXPECT_FALSE(TakeOver({"w.0", "first"}, kNow, kDefaultMaxAttempts, row).has_value());
  EXPECT_EQ(row.attempt, 1);
  EXPECT_EQ(row.lease_epoch, 1);
}

TEST(Lease, ATrialThatTookThreeProcessesDownIsGivenUp) {
  TrialRow row = Row(pb::Trial::REQUESTED);
  Assign({"w.0", "first"}, kNow, row);
  for (const char* incarnation : {"second", "third"}) {
    TakeOver({"w.0", incarnation}, kNow, kDefaultMaxAttempts, row);
    EXPECT_EQ(row.state, pb::Trial::ACTIVE);
  }
  const auto ended = TakeOver({"w.0", "fourth"}, kNow, kDefaultMaxAttempts, row);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->attempt, 3);
  EXPECT_EQ(row.state, pb::Trial::INFEASIBLE);
  EXPECT_TRUE(row.lost);
  EXPECT_EQ(row.body.infeasible_reason(), "lost");
}

TEST(Lease, AStaleTokenStaysStaleWhenAPlainClientTakesTheTrial) {
  TrialRow row = Row(pb::Trial::REQUESTED);
  Assign({"w.0", "first"}, kNow, row);
  Requeue(kAttemptLost, kNow, kDefaultMaxAttempts, row);
  Assign({"python", ""}, kNow, row);
  EXPECT_THAT(CheckLease(kName, row, Token(1)), Fails(kRefused, "LEASE_LOST"));
  EXPECT_THAT(Complete(kName, Result(1), Token(1), {}, kNow, row), Fails(kRefused, "LEASE_LOST"));
  EXPECT_OK(Complete(kName, Result(1), {}, {}, kNow, row));
}

TEST(Requeue, KeepsTheIdAndBeginsTheNextAttempt) {
  TrialRow row = Row(pb::Trial::STOPPING, 1);
  row.stop_requested = true;
  const AttemptRow attempt = Requeue(kAttemptLost, kNow, kDefaultMaxAttempts, row);
  EXPECT_EQ(attempt.attempt, 1);
  EXPECT_EQ(attempt.client_id, "w.0");
  EXPECT_EQ(attempt.lease_epoch, 1);
  EXPECT_EQ(row.state, pb::Trial::REQUESTED);
  EXPECT_EQ(row.attempt, 2);
  EXPECT_EQ(row.client_id, "");
  EXPECT_TRUE(row.stop_requested) << "for Reclaim; the next holder hears nothing of it";
  Assign({"w.1", "other"}, kNow, row);
  EXPECT_FALSE(row.stop_requested);
}

TEST(Requeue, ATrialLostOrCrashedThreeTimesIsInfeasibleAndFlagged) {
  TrialRow row = Row(pb::Trial::REQUESTED);
  for (const char* const outcome : {kAttemptCrashed, kAttemptLost, kAttemptCrashed}) {
    EXPECT_FALSE(row.lost);
    Assign({"w.0", "first"}, kNow, row);
    Requeue(outcome, kNow, kDefaultMaxAttempts, row);
  }
  EXPECT_EQ(row.state, pb::Trial::INFEASIBLE);
  EXPECT_TRUE(row.lost);
  EXPECT_EQ(row.body.infeasible_reason(), "lost");
  EXPECT_EQ(row.attempt, kDefaultMaxAttempts);
  EXPECT_THAT(Complete(kName, Result(1), Token(row.lease_epoch), {}, kNow, row), Fails(kRefused, "LEASE_LOST"));
  EXPECT_THAT(Complete(kName, Result(1), {}, {}, kNow, row), Fails(kRefused, "WRONG_TRIAL_STATE"));
}

TEST(Requeue, ATrialThatAPersonStoppedIsNotTriedAgain) {
  TrialRow row = Row(pb::Trial::ACTIVE, 1);
  ASSERT_OK(RequestStop(kName, kStoppedByPerson, row));
  EXPECT_EQ(Requeue(kAttemptReleased, kNow, kDefaultMaxAttempts, row).outcome, "released");
  EXPECT_EQ(row.state, pb::Trial::INFEASIBLE);
  EXPECT_TRUE(row.lost) << "it has shown nothing that models could learn";
  EXPECT_TRUE(row.stop_requested);
  EXPECT_EQ(row.body.infeasible_reason(), "stopped by request, then released");
}

TEST(Requeue, WhatWasDecidedAboutAnAttemptIsNotKnownOfTheNextOne) {
  for (const bool stopped : {false, true}) {
    TrialRow row = Row(pb::Trial::ACTIVE, 1);
    row.incarnation = "first";
    row.stop.set_outcome(v1::StopDecision::EXEMPT);
    if (stopped) {
      ASSERT_OK(RequestStop(kName, "hopeless", row));
    }
    TrialRow restarted = row;
    EXPECT_TRUE(TakeOver({"w.0", "second"}, kNow, kDefaultMaxAttempts, restarted).has_value());
    EXPECT_EQ(restarted.stop.outcome(), stopped ? v1::StopDecision::STOPPED : v1::StopDecision::OUTCOME_UNSPECIFIED)
        << "a trial that stops goes on doing so";
    Requeue(kAttemptLost, kNow, kDefaultMaxAttempts, row);
    Assign({"w.1", "third"}, kNow, row);
    EXPECT_EQ(row.stop.outcome(), v1::StopDecision::OUTCOME_UNSPECIFIED);
    EXPECT_FALSE(row.stop_requested);
    EXPECT_EQ(row.stop_reason, "");
  }
}

TEST(Requeue, ReleasedAttemptsAreNotHeldAgainstTheTrial) {
  TrialRow row = Row(pb::Trial::REQUESTED);
  for (int attempt = 0; attempt < 10; ++attempt) {
    Assign({"w.0", "first"}, kNow, row);
    Requeue(kAttemptReleased, kNow, kDefaultMaxAttempts, row);
  }
  EXPECT_EQ(row.state, pb::Trial::REQUESTED);
}

TEST(Reclaim, TheLastHolderMayCompleteWhileNobodyElseHasTheTrial) {
  TrialRow row = Row(pb::Trial::ACTIVE, 1);
  row.measurement_bytes = 100;
  const AttemptRow attempt = Requeue(kAttemptLost, kNow, kDefaultMaxAttempts, row);
  EXPECT_EQ(row.measurement_bytes, 0) << "the next attempt has none";
  EXPECT_TRUE(WaitsForItsLastHolder(row, Token(1)));
  EXPECT_FALSE(WaitsForItsLastHolder(row, std::nullopt));
  Reclaim(attempt, row);
  EXPECT_EQ(row.attempt, 1);
  EXPECT_EQ(row.measurement_bytes, 100);
  EXPECT_TRUE(*Complete(kName, Result(1), Token(1), {}, kNow, row));

  TrialRow taken = Row(pb::Trial::ACTIVE, 1);
  Requeue(kAttemptLost, kNow, kDefaultMaxAttempts, taken);
  Assign({"v.0", "other"}, kNow, taken);
  EXPECT_FALSE(WaitsForItsLastHolder(taken, Token(1)));
}

TEST(Reclaim, WhatWasDecidedAboutTheAttemptHoldsAgain) {
  TrialRow row = Row(pb::Trial::ACTIVE, 1);
  ASSERT_OK(RequestStop(kName, "hopeless", row));
  const AttemptRow attempt = Requeue(kAttemptLost, kNow, kDefaultMaxAttempts, row);
  EXPECT_EQ(row.state, pb::Trial::REQUESTED);
  Reclaim(attempt, row);
  EXPECT_EQ(row.state, pb::Trial::STOPPING);
  EXPECT_TRUE(*Complete(kName, Result(1), Token(1), {}, kNow, row));
  EXPECT_TRUE(row.stop_requested) << "it counts as stopped early";
  EXPECT_EQ(row.stop_reason, "hopeless");
  EXPECT_EQ(row.stop.outcome(), v1::StopDecision::STOPPED);
}

// A trial that was stopped at step 8 of 20, and how far it came.
struct StoppedCase {
  const char* name;
  int64_t final_step;
  double final_seconds;
  std::optional<int64_t> last_step;
  bool too_late;
  std::optional<int64_t> last_seconds = {};
};

class StoppedTrialTest : public ::testing::TestWithParam<StoppedCase> {};

TEST_P(StoppedTrialTest, IsFullIfItReachedItsHorizon) {
  const StoppedCase& c = GetParam();
  TrialRow row = Row(pb::Trial::ACTIVE, 1);
  v1::StopDecision decision;
  decision.set_reason("hopeless");
  decision.set_step(8);
  decision.set_horizon(20);
  ASSERT_TRUE(*RequestStop(kName, decision, row));
  Completion completion = Result(1);
  completion.final_measurement->set_step_count(c.final_step);
  completion.final_measurement->mutable_elapsed_duration()->set_seconds(static_cast<int64_t>(c.final_seconds));
  std::optional<pb::Measurement> last;
  if (c.last_step.has_value()) last.emplace().set_step_count(*c.last_step);
  if (c.last_seconds.has_value()) last.emplace().mutable_elapsed_duration()->set_seconds(*c.last_seconds);
  ASSERT_TRUE(*Complete(kName, completion, {}, last, kNow, row));
  EXPECT_EQ(row.state, pb::Trial::SUCCEEDED);
  EXPECT_EQ(row.stop_requested, !c.too_late);
  EXPECT_EQ(row.stop.outcome(), c.too_late ? v1::StopDecision::TOO_LATE : v1::StopDecision::STOPPED);
  EXPECT_EQ(row.stop.step(), 8);
}

INSTANTIATE_TEST_SUITE_P(Table, StoppedTrialTest,
                         ::testing::Values(StoppedCase{"AtOnce", 8, 100, 8, false},
                                           StoppedCase{"OneStepBefore", 19, 100, 19, false},
                                           StoppedCase{"TheFinalOneSaysSo", 20, 0, std::nullopt, true},
                                           StoppedCase{"TheLastOneSaysSo", 0, 100, 20, true},
                                           StoppedCase{"InSeconds", 0, 21, std::nullopt, true},
                                           StoppedCase{"AtTheLastSecond", 0, 25, std::nullopt, true, 20},
                                           StoppedCase{"BeforeItWasQuantized", 0, 25, std::nullopt, false, 12},
                                           StoppedCase{"NobodySays", 0, 0, std::nullopt, false}),
                         [](const auto& info) { return info.param.name; });

TEST(LeaseTokenText, ComesBackAsItWasAndNothingElseParses) {
  const LeaseToken token{12, 34, 5};
  EXPECT_EQ(token.ToString(), "12-34-5") << "workers read the study's uid at the begin";
  EXPECT_EQ(*LeaseToken::Parse(token.ToString()), token);
  for (const char* text : {"", "1", "1-2", "1-2-3-4", "a-b-c", "1-2-"}) {
    EXPECT_THAT(LeaseToken::Parse(text), Fails(absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT")) << text;
  }
}

}  // namespace
}  // namespace photinus
