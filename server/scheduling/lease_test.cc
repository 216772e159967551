// Leases and pulls, with time in the test's hands.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "server/study/attempts.h"
#include "tests/support/captured_log.h"
#include "tests/support/scheduling_fixture.h"

namespace photinus {
namespace {

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

class LeaseTest : public SchedulingFixture {
 protected:
  void SetUp() override {
    Create(Pullable("kws"));
    pulled_ = Pull("w.0");
    ASSERT_TRUE(pulled_.lease.has_value());
    trial_ = {name_, 1};
  }
  LeaseVerdict Beat(const LeaseToken& token) { return (*leases_.Renew({{trial_, token}}))[0]; }
  LeaseVerdict Beat() { return Beat(pulled_.lease->token); }
  void Pass(absl::Duration duration) {
    clock_.Advance(duration);
    ASSERT_OK(leases_.TakeBackExpired());
  }

  Pulled pulled_;
  TrialName trial_;
};

TEST_F(LeaseTest, APullGivesTrialSpecTokenAndAttempt) {
  EXPECT_EQ(NameOf(pulled_), "owners/ada/studies/kws/trials/1");
  EXPECT_EQ(pulled_.lease->attempt, 1);
  EXPECT_EQ(pulled_.lease->spec.metadata(0).key(), "study");
  EXPECT_EQ(pulled_.lease->token.ToString(), "1-1-1");
}

TEST_F(LeaseTest, ExpiresWhenTheWorkerStopsBeating) {
  Pass(1.4 * kTtl);
  EXPECT_EQ(Get(trial_).state(), pb::Trial::ACTIVE);
  EXPECT_EQ(Beat(), LeaseVerdict::kOk);
  Pass(1.4 * kTtl);
  EXPECT_EQ(Get(trial_).state(), pb::Trial::ACTIVE);
  Pass(0.2 * kTtl);
  EXPECT_EQ(Get(trial_).state(), pb::Trial::REQUESTED);
  EXPECT_EQ(Beat(), LeaseVerdict::kLost);
}

TEST_F(LeaseTest, AJumpOfTheTimeOfDayTakesNothingAway) {
  clock_.Jump(absl::Hours(24));
  ASSERT_OK(leases_.TakeBackExpired());
  EXPECT_EQ(Get(trial_).state(), pb::Trial::ACTIVE);
}

TEST_F(LeaseTest, EveryLeaseHasAFreshTimeToLiveAfterARestart) {
  Pass(1.4 * kTtl);
  LeaseTable restarted(store_, kTtl);
  ASSERT_OK(restarted.TakeBackExpired());
  clock_.Advance(1.4 * kTtl);
  ASSERT_OK(restarted.TakeBackExpired());
  EXPECT_EQ(Get(trial_).state(), pb::Trial::ACTIVE);
  EXPECT_EQ((*restarted.TrialsByWorker())["w"].size(), 1u);
  clock_.Advance(0.2 * kTtl);
  ASSERT_OK(restarted.TakeBackExpired());
  EXPECT_EQ(Get(trial_).state(), pb::Trial::REQUESTED);
}

TEST_F(LeaseTest, PlainClientsHaveNoLeaseAndLoseNothing) {
  const TrialName plain = Start({"python", ""});
  Pass(100 * kTtl);
  EXPECT_EQ(Get(plain).state(), pb::Trial::ACTIVE);
}

TEST_F(LeaseTest, TheNextWorkerGetsTheSameTrialWithTheNextAttemptAndTheOldTokenIsStale) {
  Pass(2 * kTtl);
  const Pulled next = Pull("v.0", "j");
  EXPECT_EQ(NameOf(next), NameOf(pulled_));
  EXPECT_EQ(next.lease->attempt, 2);
  EXPECT_EQ(next.lease->trial.parameters(0).value().number_value(),
            pulled_.lease->trial.parameters(0).value().number_value());
  EXPECT_EQ(Beat(), LeaseVerdict::kLost);
  EXPECT_THAT(CompleteTrial(store_, trial_, Result(1), pulled_.lease->token), Fails(kRefused, "LEASE_LOST"));
  EXPECT_OK(CompleteTrial(store_, trial_, Result(1), next.lease->token));
}

TEST_F(LeaseTest, ATrialThatIsLostThreeTimesEndsInfeasibleAndModelsIgnoreIt) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Pull("w.0").lease->attempt, i + 1);
    Pass(2 * kTtl);
  }
  EXPECT_EQ(Get(trial_).state(), pb::Trial::INFEASIBLE);
  EXPECT_EQ(Get(trial_).infeasible_reason(), "lost");
  EXPECT_EQ(Attempts(trial_)->size(), 3u);
  ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
    const auto history = store_.cache().History(snapshot, *store_.Find(snapshot, name_));
    EXPECT_TRUE((*(*history)->begin()).apart());
    return absl::OkStatus();
  }));
  EXPECT_EQ(NameOf(Pull("w.0")), "owners/ada/studies/kws/trials/2");
}

TEST_F(LeaseTest, TheStudySaysAfterHowManyLossesATrialIsGivenUp) {
  Create(AStudy("fragile").WithFloat("x").WithObjective("y").WithDocument(
      R"({"priority": 1, "trial": {"executor": "command", "argv": ["true"], "max_attempts": 1}})"));
  const Pulled pulled = Pull("v.0");
  EXPECT_EQ(NameOf(pulled), "owners/ada/studies/fragile/trials/1");
  Pass(2 * kTtl);
  EXPECT_EQ(Get({name_, 1}).state(), pb::Trial::INFEASIBLE);
  EXPECT_EQ(Get({name_, 1}).infeasible_reason(), "lost");
  EXPECT_EQ(Get(trial_).state(), pb::Trial::REQUESTED);
}

TEST_F(LeaseTest, TheSameProcessKeepsItsTokenAndARestartedOneBeginsAnew) {
  ASSERT_OK(AddMeasurement(store_, trial_, AMeasurement(1, {{"y", 0.1}}), pulled_.lease->token));
  EXPECT_EQ(Pull("w.0", "i").lease->token, pulled_.lease->token);
  const Pulled restarted = Pull("w.0", "j");
  EXPECT_EQ(NameOf(restarted), NameOf(pulled_));
  EXPECT_EQ(restarted.lease->token.epoch, 2);
  EXPECT_EQ(restarted.lease->attempt, 2);
  EXPECT_EQ(restarted.lease->trial.measurements_size(), 0);
  EXPECT_EQ((*Attempts(trial_))[0].measurements.size(), 1u);
  EXPECT_EQ(Beat(), LeaseVerdict::kLost);
  EXPECT_EQ(Beat(restarted.lease->token), LeaseVerdict::kOk);
}

TEST_F(LeaseTest, ARestartedWorkerMayFirstHandOverWhatItsOldProcessFinished) {
  ASSERT_OK(CompleteTrial(store_, trial_, Result(1), pulled_.lease->token));
  EXPECT_EQ(NameOf(Pull("w.0", "j")), "owners/ada/studies/kws/trials/2");
}

TEST_F(LeaseTest, TheBeatTellsWhatBecameOfTheTrial) {
  ASSERT_OK(StopTrial(store_, trial_, "enough"));
  EXPECT_EQ(Beat(), LeaseVerdict::kStop);
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::INACTIVE));
  EXPECT_EQ(Beat(), LeaseVerdict::kStudyClosed);
  Pass(2 * kTtl);
  EXPECT_EQ(Get(trial_).state(), pb::Trial::STOPPING) << "an immutable study keeps its trials as they are";
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::ACTIVE));
  ASSERT_OK(DeleteTrial(store_, trial_));
  EXPECT_EQ(Beat(), LeaseVerdict::kLost);
  ASSERT_OK(store_.Delete(name_));
  EXPECT_EQ(Beat(), LeaseVerdict::kLost);
}

TEST_F(LeaseTest, AStudyThatTakesNoResultsKeepsNoLeasesUntilItDoesAgain) {
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::COMPLETED));
  EXPECT_TRUE(leases_.TrialsByWorker()->empty());
  Pass(2 * kTtl);
  Pass(2 * kTtl);
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::ACTIVE));
  Pass(absl::ZeroDuration());
  EXPECT_EQ((*leases_.TrialsByWorker())["w"].size(), 1u);
  Pass(1.4 * kTtl);
  EXPECT_EQ(Get(trial_).state(), pb::Trial::ACTIVE) << "it has a fresh time to live";
  Pass(0.2 * kTtl);
  EXPECT_EQ(Get(trial_).state(), pb::Trial::REQUESTED);
}

TEST_F(LeaseTest, ARestartedServerLeavesTheLeasesOfClosedStudiesAlone) {
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::INACTIVE));
  LeaseTable restarted(store_, kTtl);
  ASSERT_OK(restarted.TakeBackExpired());
  clock_.Advance(2 * kTtl);
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::ACTIVE));
  ASSERT_OK(restarted.TakeBackExpired());
  EXPECT_EQ(Get(trial_).state(), pb::Trial::ACTIVE) << "it has a fresh time to live";
  clock_.Advance(2 * kTtl);
  ASSERT_OK(restarted.TakeBackExpired());
  EXPECT_EQ(Get(trial_).state(), pb::Trial::REQUESTED);
}

TEST_F(LeaseTest, ATrialThatTakesItsDaemonDownEachTimeIsGivenUpForAnother) {
  EXPECT_EQ(Pull("w.0", "j").lease->attempt, 2);
  EXPECT_EQ(Pull("w.0", "k").lease->attempt, 3);
  EXPECT_EQ(NameOf(Pull("w.0", "l")), "owners/ada/studies/kws/trials/2");
  EXPECT_EQ(Get(trial_).state(), pb::Trial::INFEASIBLE);
  EXPECT_EQ(Get(trial_).infeasible_reason(), "lost");
}

class PullTest : public SchedulingFixture {
 protected:
  // Puts a study on disk that no check has seen.
  void CreateUnchecked(const AStudy& study) {
    ASSERT_OK(storage_->Transact([&](Transaction& transaction) -> absl::Status {
      StudyRow row;
      row.owner = "ada";
      row.display_name = study.Study().display_name();
      row.version = 1;
      row.spec = study.Study().study_spec();
      row.spec.clear_metadata();
      RETURN_IF_ERROR(transaction.EnsureOwner(row.owner));
      ASSIGN_OR_RETURN(row.uid, transaction.InsertStudy(row));
      for (const auto& entry : study.Study().study_spec().metadata()) {
        RETURN_IF_ERROR(transaction.PutMetadata(row.uid, 0, entry));
      }
      return absl::OkStatus();
    }));
    ASSERT_OK(active_.Load());
  }
};

TEST_F(PullTest, AnUnreadableStudyIsLoggedAndPassedOver) {
  const CapturedLog log;
  CreateUnchecked(Pullable("broken").WithObjective(""));
  Create(Pullable("kws"));
  EXPECT_EQ(NameOf(Pull("w.0")), "owners/ada/studies/kws/trials/1");
  EXPECT_EQ(NameOf(Pull("w.1")), "owners/ada/studies/kws/trials/2");
  EXPECT_EQ(log.Count("broken"), 1);
}

TEST_F(PullTest, AStudyThatCannotSuggestIsLoggedOnceAndKeepsTheWorker) {
  const CapturedLog log;
  CreateUnchecked(Pullable("failing").WithAlgorithm("NO_SUCH"));
  EXPECT_FALSE(Pull("w.0").all_idle) << "it may yet have work, once it is mended";
  EXPECT_FALSE(Pull("w.0").all_idle);
  EXPECT_EQ(log.Count("owners/ada/studies/failing"), 1);
  Create(Pullable("kws"));
  EXPECT_EQ(NameOf(Pull("w.0")), "owners/ada/studies/kws/trials/1");
}

TEST_F(PullTest, APullThatCouldNotTryEveryStudyIsNotAnsweredWithNothing) {
  CreateUnchecked(Pullable("failing").WithAlgorithm("NO_SUCH"));
  FullPool full(pool_);
  EXPECT_THAT(StartPull("w.0").get(), FailsWith(absl::StatusCode::kUnavailable, "try again"));
  full.Open();
}

TEST_F(PullTest, TheStudyWithTheFewestRunningTrialsComesFirst) {
  Create(Pullable("a"));
  Create(Pullable("b"));
  Create(AStudy("no-executor").WithFloat("x").WithObjective("y"));
  EXPECT_EQ(NameOf(Pull("w.0")), "owners/ada/studies/a/trials/1");
  EXPECT_EQ(NameOf(Pull("w.1")), "owners/ada/studies/b/trials/1");
  EXPECT_EQ(NameOf(Pull("w.2")), "owners/ada/studies/a/trials/2");
  ASSERT_OK(CompleteTrial(store_, {{"ada", "b"}, 1}, Result(1), {}));
  EXPECT_EQ(NameOf(Pull("w.3")), "owners/ada/studies/b/trials/2");
}

TEST_F(PullTest, OnlyStudiesWithASupportedExecutorArePulled) {
  Create(Pullable("kws"));
  const Pulled pulled = *StartPull("w.0", absl::ZeroDuration(), "i", "network").get();
  EXPECT_EQ(NameOf(pulled), "");
  EXPECT_TRUE(pulled.all_idle);
}

TEST_F(PullTest, AWorkerIsIdleOnlyWhenNothingIsToBeExpected) {
  EXPECT_TRUE(Pull("w.0").all_idle);
  Create(Pullable("one", R"(, "budget": {"trials": 1})"));
  EXPECT_NE(NameOf(Pull("w.0")), "");
  EXPECT_FALSE(Pull("w.1").all_idle) << "the running trial may yet be lost";
  ASSERT_OK(CompleteTrial(store_, {name_, 1}, Result(1), {}));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
  EXPECT_TRUE(Pull("w.0").all_idle);
}

TEST_F(PullTest, ALongPollEndsWithTheFirstWork) {
  auto waiting = StartPull("w.0", absl::Seconds(30));
  Create(Pullable("kws"));
  const auto pulled = waiting.get();
  ASSERT_OK(pulled);
  EXPECT_EQ(NameOf(*pulled), "owners/ada/studies/kws/trials/1");
}

TEST_F(PullTest, ALongPollEndsWhenASlotOfTheBudgetIsFree) {
  Create(Pullable("kws", R"(, "budget": {"parallel": 1})"));
  EXPECT_NE(NameOf(Pull("w.0")), "");
  auto waiting = StartPull("w.1", absl::Seconds(30));
  ASSERT_OK(CompleteTrial(store_, {name_, 1}, Result(1), {}));
  EXPECT_EQ(NameOf(*waiting.get()), "owners/ada/studies/kws/trials/2");
}

TEST_F(PullTest, ALongPollEndsWithNothingWhenItsTimeIsUp) {
  auto waiting = StartPull("w.0", absl::Seconds(30));
  clock_.Advance(absl::Seconds(30));
  timer_.CallDue();
  EXPECT_EQ(NameOf(*waiting.get()), "");
}

TEST_F(PullTest, StoppingAnswersAllThatWait) {
  auto waiting = StartPull("w.0", absl::Seconds(30));
  puller_.Stop();
  EXPECT_OK(waiting.get());
  EXPECT_OK(StartPull("w.0", absl::Seconds(30)).get());
}

}  // namespace
}  // namespace photinus
