// C10-C15: leases of workers.
#include <future>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tests/conformance/contract/contract_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
const absl::Duration kRequeueTime = 1.5 * kLeaseTtl;

class LeaseContract : public ContractTest {
 protected:
  pb::Measurement Y(double y) { return AMeasurement(1, {{"y", y}}); }
  // Another replica, where there may be one.
  ServiceClient& Other() { return IsShared() ? AddReplica() : client(); }
  static auto Superseded() { return Fails(kPrecondition, "WORKER_SUPERSEDED"); }
  // The process that counts as the worker's; "": none was heard of.
  std::string Incarnation(const std::string& worker) {
    std::string incarnation;
    EXPECT_OK(storage().Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row, snapshot.FindWorker(worker));
      if (row.has_value()) incarnation = row->incarnation;
      return absl::OkStatus();
    }));
    return incarnation;
  }
  // Loses the trial by silence.
  void Lose(const v1::PullTrialResponse& pulled) {
    Pass(kRequeueTime + absl::Seconds(1));
    ASSERT_TRUE(Eventually([&] { return Get(pulled.trial().name()).client_id().empty(); }));
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, LeaseContract, testing::ValuesIn(ContractBackends()), BackendName);

TEST_P(LeaseContract, C10_APullGivesATrialItsSpecAndALease) {
  Create(PullableKws());
  const auto pulled = Pull();
  EXPECT_EQ(pulled.trial().name(), TrialOf(1));
  EXPECT_EQ(pulled.trial().client_id(), "w.0");
  EXPECT_EQ(pulled.study_spec().parameters(0).parameter_id(), "x");
  EXPECT_FALSE(pulled.lease_token().empty());
  EXPECT_EQ(pulled.lease_ttl().seconds(), 60);
  EXPECT_EQ(pulled.attempt(), 1);
  v1::PullTrialRequest other = APull("v.0");
  other.clear_executors();
  other.add_executors("network");
  const auto nothing = client().Pull(other);
  ASSERT_OK(nothing);
  EXPECT_FALSE(nothing->has_trial()) << "no study for that executor";
}

TEST_P(LeaseContract, C10_APullFindsWhatAnotherReplicaAcknowledged) {
  ServiceClient& other = Other();
  EXPECT_TRUE(other.Pull(APull())->all_idle());
  Create(PullableKws());
  const auto pulled = other.Pull(APull());
  ASSERT_OK(pulled);
  EXPECT_EQ(pulled->trial().name(), TrialOf(1));
  EXPECT_FALSE(pulled->all_idle());
  EXPECT_EQ(Pull().trial().name(), TrialOf(1)) << "the same slot";
}

TEST_P(LeaseContract, C10_ASlotIsGivenItsOwnTrialOfAStudyThatIsNewToTheReplica) {
  Create(PullableKws());
  ServiceClient& other = Other();
  const auto first = client().CreateStudy(
      "owners/ada", AStudy("second")
                        .WithFloat("x")
                        .WithObjective("y")
                        .WithDocument(R"({"priority": 1, "trial": {"executor": "command", "argv": ["true"]}})")
                        .Study());
  ASSERT_OK(first);
  const auto pulled = Pull();
  EXPECT_EQ(pulled.trial().name(), first->name() + "/trials/1");
  const auto again = other.Pull(APull());
  ASSERT_OK(again);
  EXPECT_EQ(again->trial().name(), pulled.trial().name());
}

TEST_P(LeaseContract, C10_TrialsOfPlainClientsNeverExpire) {
  Create(PullableKws());
  const std::string plain = Start("c");
  const auto leased = Pull();
  Lose(leased);
  EXPECT_EQ(Get(plain).state(), pb::Trial::ACTIVE);
  EXPECT_OK(client().Complete(plain, Y(1)));
}

TEST_P(LeaseContract, C11_AskingAgainKeepsTheTrialAndItsToken) {
  Create(PullableKws());
  const auto first = Pull();
  const auto again = Pull();
  EXPECT_EQ(again.trial().name(), first.trial().name());
  EXPECT_EQ(again.lease_token(), first.lease_token());
  EXPECT_OK(client().Complete(first.trial().name(), Y(1), WithToken(first.lease_token())));
}

TEST_P(LeaseContract, C11_AnotherProcessOfTheClientFencesTheFirst) {
  Create(PullableKws());
  const auto first = Pull("w.0", "i");
  const auto second = Pull("w.0", "j");
  EXPECT_EQ(second.trial().name(), first.trial().name());
  EXPECT_NE(second.lease_token(), first.lease_token());
  EXPECT_EQ(second.attempt(), 2);
  EXPECT_THAT(client().Complete(first.trial().name(), Y(1), WithToken(first.lease_token())),
              Fails(kPrecondition, "LEASE_LOST"));
  EXPECT_OK(client().Complete(first.trial().name(), Y(2), WithToken(second.lease_token())));
}

TEST_P(LeaseContract, C11_AProcessThatAnotherReplicaHeardOfSupersedesThisOne) {
  Create(PullableKws());
  ServiceClient& other = Other();
  const auto first = Pull("w.0", "i");
  const auto second = other.Pull(APull("w.0", "j"));
  ASSERT_OK(second);
  EXPECT_EQ(second->trial().name(), first.trial().name());
  EXPECT_THAT(client().Pull(APull("w.0", "i")), Superseded());
  EXPECT_THAT(other.Pull(APull("w.1", "i")), Superseded()) << "another slot of the same process";
  v1::HeartbeatRequest beat;
  beat.set_worker("w");
  beat.set_incarnation("i");
  EXPECT_THAT(client().Heartbeat(beat), Superseded());
  EXPECT_EQ(Pull("w.0", "j").lease_token(), second->lease_token());
  EXPECT_EQ(client().ListAttempts(first.trial().name())->attempts_size(), 1) << "no attempt was burnt";
}

TEST_P(LeaseContract, C11_APullThatWaitsWhileItsProcessIsSupersededGetsNoTrial) {
  ServiceClient& other = Other();
  v1::PullTrialRequest request = APull("w.0", "i");
  request.set_wait_seconds(30);
  auto waiting = std::async(std::launch::async, [&] { return client().Pull(request); });
  ASSERT_TRUE(Eventually([&] { return Incarnation("w") == "i"; }));
  EXPECT_FALSE(other.Pull(APull("w.0", "j"))->has_trial());
  Create(PullableKws());
  EXPECT_THAT(waiting.get(), Superseded());
  const auto pulled = other.Pull(APull("w.0", "j"));
  ASSERT_OK(pulled);
  EXPECT_EQ(pulled->attempt(), 1);
}

TEST_P(LeaseContract, C11_ALateCallOfAnOldProcessIsKnownAfterARestart) {
  Create(PullableKws());
  Pull("w.0", "i");
  const auto held = Pull("w.0", "j");
  Restart();
  EXPECT_THAT(client().Pull(APull("w.0", "i")), Superseded());
  EXPECT_EQ(Pull("w.0", "j").lease_token(), held.lease_token());
}

TEST_P(LeaseContract, C11_ARequeueFencesTheHolderOnceAnotherHasTheTrial) {
  Create(PullableKws());
  const auto first = Pull("w.0");
  ASSERT_OK(client().Release(first.trial().name(), first.lease_token()));
  const auto second = Pull("v.0");
  EXPECT_EQ(second.trial().name(), first.trial().name());
  EXPECT_NE(second.lease_token(), first.lease_token());
  EXPECT_EQ(Beat(first), v1::HeartbeatResponse::LOST);
  EXPECT_EQ(Beat(second), v1::HeartbeatResponse::OK);
}

TEST_P(LeaseContract, C12_BeatsKeepALeaseAndSilenceLosesItAfterOneAndAHalfOfItsTime) {
  Create(PullableKws());
  const auto beaten = Pull("w.0");
  const auto silent = Pull("v.0");
  for (absl::Duration passed = absl::ZeroDuration(); passed < kRequeueTime - absl::Seconds(15);
       passed += kLeaseTtl / 4) {
    Pass(kLeaseTtl / 4);
    EXPECT_EQ(Beat(beaten), v1::HeartbeatResponse::OK);
  }
  Pass(absl::Seconds(14));
  EXPECT_EQ(Get(silent.trial().name()).state(), pb::Trial::ACTIVE) << "not before its time";
  ASSERT_TRUE(Eventually([&] {
    EXPECT_EQ(Beat(beaten), v1::HeartbeatResponse::OK);
    return Get(silent.trial().name()).state() == pb::Trial::REQUESTED;
  }));
  EXPECT_EQ(Get(beaten.trial().name()).state(), pb::Trial::ACTIVE);
}

TEST_P(LeaseContract, C12_ABeatTellsWhatBecameOfTheTrial) {
  Create(PullableKws());
  const auto pulled = Pull("w.0");
  EXPECT_EQ(Beat(pulled), v1::HeartbeatResponse::OK);
  ASSERT_OK(client().StopTrial(pulled.trial().name()));
  EXPECT_EQ(Beat(pulled), v1::HeartbeatResponse::STOP);
  ASSERT_OK(client().SetStudyState(study_, pb::Study::INACTIVE));
  EXPECT_EQ(Beat(pulled), v1::HeartbeatResponse::STUDY_CLOSED);
  ASSERT_OK(client().DeleteStudy(study_));
  EXPECT_EQ(Beat(pulled), v1::HeartbeatResponse::LOST);
}

TEST_P(LeaseContract, C12_EveryReplicaKnowsWhichWorkersLive) {
  Create(PullableKws());
  const auto pulled = Pull("w.0", "i");
  v1::HeartbeatRequest beat;
  beat.set_worker("w");
  beat.set_incarnation("i");
  beat.set_slots(3);
  ASSERT_OK(client().Heartbeat(beat));
  ServiceClient& other = Other();
  const auto only = [&](ServiceClient& replica) {
    const auto list = replica.ListWorkers();
    EXPECT_OK(list);
    EXPECT_EQ(list->workers_size(), 1);
    return list->workers_size() == 1 ? list->workers(0) : v1::ListWorkersResponse::Worker();
  };
  ASSERT_TRUE(Eventually([&] { return only(other).slots() == 3; }));
  for (ServiceClient* const replica : {&client(), &other}) {
    EXPECT_TRUE(only(*replica).alive());
    EXPECT_EQ(only(*replica).trials_size(), 1);
  }
  Pass(kLeaseTtl + absl::Seconds(1));
  EXPECT_FALSE(only(client()).alive());
  EXPECT_FALSE(only(other).alive());
}

TEST_P(LeaseContract, C13_ALostTrialWaitsUnderItsIdForItsNextAttempt) {
  Create(PullableKws());
  const auto first = Pull("w.0");
  const std::string trial = first.trial().name();
  ASSERT_OK(client().AddMeasurement(trial, Y(0.5), WithToken(first.lease_token())));
  Lose(first);
  const pb::Trial waiting = Get(trial);
  EXPECT_EQ(waiting.state(), pb::Trial::REQUESTED);
  EXPECT_EQ(waiting.client_id(), "");
  EXPECT_EQ(waiting.measurements_size(), 0) << "of the attempt that ended";
  EXPECT_EQ(waiting.parameters(0).DebugString(), first.trial().parameters(0).DebugString());
  const auto attempts = client().ListAttempts(trial);
  ASSERT_OK(attempts);
  ASSERT_EQ(attempts->attempts_size(), 1);
  EXPECT_EQ(attempts->attempts(0).outcome(), "lost");
  EXPECT_EQ(attempts->attempts(0).measurements_size(), 1);
  const auto second = Pull("v.0");
  EXPECT_EQ(second.trial().name(), trial);
  EXPECT_EQ(second.attempt(), 2);
}

TEST_P(LeaseContract, C13_AReleaseThatIsRepeatedIsAnsweredAndChangesNothing) {
  Create(PullableKws());
  const auto first = Pull("w.0");
  const std::string trial = first.trial().name();
  const auto release = [&] { return client().Release(trial, first.lease_token()); };
  ASSERT_OK(release());
  const std::string waiting = State();
  EXPECT_OK(release());
  EXPECT_EQ(State(), waiting);
  const auto second = Pull("v.0");
  EXPECT_OK(release()) << "late: another has the trial";
  EXPECT_EQ(Beat(second), v1::HeartbeatResponse::OK);
  ASSERT_OK(client().SetStudyState(study_, pb::Study::COMPLETED));
  EXPECT_OK(release()) << "later still";
  EXPECT_THAT(client().Release(trial, second.lease_token()), Fails(kPrecondition, "STUDY_NOT_ACTIVE"));
}

TEST_P(LeaseContract, C13_AReleaseOfWhatWasLostIsRefused) {
  Create(PullableKws());
  const auto pulled = Pull("w.0");
  Lose(pulled);
  EXPECT_THAT(client().Release(pulled.trial().name(), pulled.lease_token()), Fails(kPrecondition, "LEASE_LOST"));
}

// The same call that comes late takes a trial for its slot, which the slot is then given instead of another.
TEST_P(LeaseContract, C10_APullThatIsRepeatedLateCostsNothing) {
  Create(PullableKws());
  const auto first = Pull("w.0");
  ASSERT_OK(client().Complete(first.trial().name(), Y(1), WithToken(first.lease_token())));
  const auto repeated = Pull("w.0");
  const auto next = Pull("w.0");
  EXPECT_EQ(next.trial().name(), repeated.trial().name());
  EXPECT_EQ(next.lease_token(), repeated.lease_token());
  EXPECT_EQ(next.attempt(), 1);
}

TEST_P(LeaseContract, C13_AfterThreeLossesATrialIsGivenUpForWantOfAWorker) {
  Create(PullableKws());
  std::string trial;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto pulled = Pull(absl::StrCat("w", attempt, ".0"));
    trial = pulled.trial().name();
    EXPECT_EQ(trial, TrialOf(1));
    EXPECT_EQ(pulled.attempt(), attempt);
    Pass(kRequeueTime + absl::Seconds(1));
    const auto wanted = attempt < 3 ? pb::Trial::REQUESTED : pb::Trial::INFEASIBLE;
    ASSERT_TRUE(Eventually([&] { return Get(trial).state() == wanted; }));
  }
  EXPECT_EQ(Get(trial).infeasible_reason(), "lost");
  EXPECT_TRUE(Get(trial).has_end_time());
  const int64_t uid = Row().uid;
  bool lost = false;  // by which algorithms know to ignore it
  EXPECT_OK(storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const auto row, snapshot.GetTrial(uid, 1));
    lost = row.has_value() && row->lost;
    return absl::OkStatus();
  }));
  EXPECT_TRUE(lost);
}

TEST_P(LeaseContract, C14_AStaleTokenIsFencedAndItsResultKept) {
  Create(PullableKws());
  const auto first = Pull("w.0");
  const std::string trial = first.trial().name();
  ASSERT_OK(client().Release(trial, first.lease_token()));
  const auto second = Pull("v.0");
  const Call stale = WithToken(first.lease_token());
  EXPECT_THAT(client().AddMeasurement(trial, Y(0.5), stale), Fails(kPrecondition, "LEASE_LOST"));
  EXPECT_THAT(client().ShouldStop(trial, stale), Fails(kPrecondition, "LEASE_LOST"));
  EXPECT_THAT(client().Complete(trial, Y(0.25), stale), Fails(kPrecondition, "LEASE_LOST"));
  EXPECT_EQ(Get(trial).state(), pb::Trial::ACTIVE);
  EXPECT_EQ(Get(trial).measurements_size(), 0);
  const auto attempts = client().ListAttempts(trial);
  ASSERT_OK(attempts);
  ASSERT_EQ(attempts->attempts_size(), 1);
  EXPECT_EQ(attempts->attempts(0).late_result().metrics(0).value(), 0.25);
  ASSERT_OK(client().Complete(trial, Y(1), WithToken(second.lease_token())));
  EXPECT_THAT(client().Complete(trial, Y(0.25), stale), Fails(kPrecondition, "LEASE_LOST")) << "finished meanwhile";
  EXPECT_EQ(Get(trial).final_measurement().metrics(0).value(), 1);
}

TEST_P(LeaseContract, C14_AStaleTokenIsRefusedThoughItsResultIsTheOneThatStands) {
  Create(PullableKws());
  const auto first = Pull("w.0");
  const std::string trial = first.trial().name();
  ASSERT_OK(client().Release(trial, first.lease_token()));
  const Call newest = WithToken(Pull("v.0").lease_token());
  ASSERT_OK(client().Complete(trial, Y(1), newest));
  EXPECT_THAT(client().Complete(trial, Y(1), WithToken(first.lease_token())), Fails(kPrecondition, "LEASE_LOST"));
  EXPECT_OK(client().Complete(trial, Y(1), newest)) << "a replay";
  EXPECT_OK(client().Complete(trial, Y(1))) << "a replay without a token";
  EXPECT_EQ(client().ListAttempts(trial)->attempts(0).late_result().metrics(0).value(), 1);
}

TEST_P(LeaseContract, C14_TheLatestTokenStillCompletesATrialThatNobodyElseHas) {
  Create(PullableKws());
  const auto pulled = Pull("w.0");
  const std::string trial = pulled.trial().name();
  ASSERT_OK(client().AddMeasurement(trial, Y(0.5), WithToken(pulled.lease_token())));
  Lose(pulled);
  ASSERT_OK(client().AddMeasurement(trial, Y(0.75), WithToken(pulled.lease_token())));
  EXPECT_EQ(Get(trial).state(), pb::Trial::REQUESTED) << "a measurement takes it from nobody";
  const auto completed = client().Complete(trial, Y(1), WithToken(pulled.lease_token()));
  ASSERT_OK(completed);
  EXPECT_EQ(completed->state(), pb::Trial::SUCCEEDED);
  EXPECT_EQ(completed->client_id(), "w.0");
  EXPECT_EQ(Get(trial).measurements_size(), 2) << "its attempt goes on";
}

TEST_P(LeaseContract, C15_ATimeWithoutServersLosesNothing) {
  Create(PullableKws());
  const auto pulled = Pull("w.0");
  Restart(/*downtime=*/absl::Hours(1));
  Pass(kLeaseTtl / 2);
  EXPECT_EQ(Get(pulled.trial().name()).state(), pb::Trial::ACTIVE);
  EXPECT_EQ(Beat(pulled), v1::HeartbeatResponse::OK);
  Pass(kLeaseTtl);
  EXPECT_EQ(Get(pulled.trial().name()).state(), pb::Trial::ACTIVE);
  Lose(pulled);
}

TEST_P(LeaseContract, C15_ATimeOfDayThatJumpsLosesNothing) {
  Create(PullableKws());
  const auto pulled = Pull("w.0");
  clock_.Jump(absl::Hours(24));
  Pass(kLeaseTtl);
  clock_.Jump(-absl::Hours(48));
  Pass(absl::Seconds(1));
  EXPECT_EQ(Beat(pulled), v1::HeartbeatResponse::OK);
  EXPECT_EQ(Get(pulled.trial().name()).state(), pb::Trial::ACTIVE);
  Lose(pulled);
  EXPECT_EQ(Get(pulled.trial().name()).state(), pb::Trial::REQUESTED);
}

}  // namespace
}  // namespace photinus
