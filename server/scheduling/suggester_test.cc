#include "server/scheduling/suggester.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "photinus/v1/firefly_state.pb.h"
#include "server/algorithms/registry.h"
#include "server/scheduling/operations.h"
#include "server/study/trial_lists.h"
#include "server/study/trial_size.h"
#include "tests/support/governed_storage.h"
#include "tests/support/scheduling_fixture.h"
#include "vizier/vizier_service.pb.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SuggesterTest : public SchedulingFixture {
 protected:
  void SetUp() override { Create(AStudy("kws").WithFloat("x").WithObjective("y")); }

  std::vector<pb::Trial> Trials() { return ListTrials(store_, tokens_, name_, 0, "")->trials; }
};

TEST_F(SuggesterTest, GivesOwnTrialsThenWaitingOnesByAgeThenNewOnes) {
  EXPECT_THAT(SuggestIds("c"), ElementsAre(1));
  for (int i = 0; i < 2; ++i) ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));
  EXPECT_THAT(SuggestIds("c", 1), ElementsAre(1));
  EXPECT_THAT(SuggestIds("c", 2), ElementsAre(1, 2));
  EXPECT_THAT(SuggestIds("c", 5), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(SuggestIds("d", 1), ElementsAre(6));
}

TEST_F(SuggesterTest, TrialsThatShouldStopAreNotGivenAgain) {
  EXPECT_THAT(SuggestIds("c"), ElementsAre(1));
  ASSERT_OK(StopTrial(store_, {name_, 1}, "enough"));
  EXPECT_THAT(SuggestIds("c"), ElementsAre(2));
}

TEST_F(SuggesterTest, AnActiveTrialHasItsClientItsStartAndItsParameters) {
  const auto suggested = Suggest("c");
  ASSERT_OK(suggested);
  const pb::Trial& trial = suggested->trials[0];
  EXPECT_EQ(trial.name(), "owners/ada/studies/kws/trials/1");
  EXPECT_EQ(trial.state(), pb::Trial::ACTIVE);
  EXPECT_EQ(trial.client_id(), "c");
  EXPECT_TRUE(trial.has_start_time());
  EXPECT_EQ(trial.parameters(0).parameter_id(), "x");
  EXPECT_EQ(trial.SerializeAsString(), Get({name_, 1}).SerializeAsString());
}

TEST_F(SuggesterTest, ATrialIsKeptWithItsExplanation) {
  EXPECT_THAT(SuggestIds("c", 2), ElementsAre(1, 2));
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));
  EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
    const auto explanations = snapshot.ListExplanations(store_.Find(snapshot, name_)->uid, 1, 9);
    EXPECT_EQ(explanations->size(), 2u) << "none of a trial made by hand";
    EXPECT_EQ((*explanations)[1].trial_id, 2);
    EXPECT_EQ((*explanations)[1].body.arm(), "random");
    EXPECT_GE((*explanations)[1].body.milliseconds(), 0);
    EXPECT_FALSE((*explanations)[1].body.ahead());
    return explanations.status();
  }));
}

TEST_F(SuggesterTest, OneClientThatAsksManyTimesAtOnceGetsTheSameTrials) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this] { EXPECT_THAT(SuggestIds("c", 3), ElementsAre(1, 2, 3)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Trials().size(), 3u);
}

TEST_F(SuggesterTest, ManyClientsAndCreatorsNeverShareAnIdNorLeaveAGap) {
  constexpr int kClients = 8;
  constexpr int kRounds = 20;
  std::vector<std::vector<int64_t>> got(kClients);
  std::vector<std::thread> threads;
  for (int client = 0; client < kClients; ++client) {
    threads.emplace_back([this, client, &got] {
      for (int i = 0; i < kRounds; ++i) {
        for (const int64_t id : SuggestIds(absl::StrCat("c", client))) {
          got[client].push_back(id);
          EXPECT_OK(CompleteTrial(store_, {name_, id}, Result(0.5), {}));
        }
        if (i % 4 == 0) {
          EXPECT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.1}}, {{"y", 0}})));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<int64_t> ids;
  for (const auto& of_client : got) {
    EXPECT_EQ(of_client.size(), static_cast<size_t>(kRounds));
    for (const int64_t id : of_client) EXPECT_TRUE(ids.insert(id).second) << id;
  }
  const auto trials = Trials();
  EXPECT_EQ(trials.size(), static_cast<size_t>(kClients * kRounds * 5 / 4));
  EXPECT_EQ(trials.back().id(), std::to_string(trials.size()));
}

TEST_F(SuggesterTest, TheSameSeedGivesTheSameTrialsWhateverTheBatches) {
  Create(AStudy("one").WithFloat("x").WithObjective("y").WithDocument(R"({"seed": 11})"));
  const auto together = Suggest("c", 4);
  Create(AStudy("two").WithFloat("x").WithObjective("y").WithDocument(R"({"seed": 11})"));
  for (int i = 0; i < 4; ++i) {
    const auto single = Suggest(absl::StrCat("c", i), 1);
    EXPECT_EQ(single->trials[0].parameters(0).value().number_value(),
              together->trials[i].parameters(0).value().number_value());
  }
}

TEST_F(SuggesterTest, TheBudgetLimitsWhatIsCreatedAndWhatRuns) {
  Create(AStudy("small").WithFloat("x").WithObjective("y").WithDocument(R"({"budget": {"trials": 3, "parallel": 2}})"));
  EXPECT_THAT(SuggestIds("c", 5), ElementsAre(1, 2));
  EXPECT_THAT(SuggestIds("d", 5), IsEmpty());
  EXPECT_THAT(SuggestIds("c", 1), ElementsAre(1));  // what one has is never withheld
  ASSERT_OK(CompleteTrial(store_, {name_, 1}, Result(1), {}));
  EXPECT_THAT(SuggestIds("d", 5), ElementsAre(3));
  ASSERT_OK(CompleteTrial(store_, {name_, 2}, Result(1), {}));
  EXPECT_THAT(SuggestIds("e", 5), IsEmpty());
  ASSERT_OK(CompleteTrial(store_, {name_, 3}, Result(1), {}));
  EXPECT_THAT(Suggest("e"), Fails(absl::StatusCode::kFailedPrecondition, "STUDY_NOT_ACTIVE"));
}

TEST_F(SuggesterTest, APausedStudyGivesNothingNewUntilItIsResumed) {
  EXPECT_THAT(SuggestIds("c"), ElementsAre(1));
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kPause));
  EXPECT_THAT(SuggestIds("c", 5), ElementsAre(1));
  EXPECT_THAT(SuggestIds("d"), IsEmpty());
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kResume));
  EXPECT_THAT(SuggestIds("d"), ElementsAre(2));
}

// As if so much had been measured.
void SetMeasurementBytes(StudyStore& store, const TrialName& name, int64_t bytes) {
  ASSERT_OK(store.EditActive(name.study, [&](StudyEdit& edit) -> absl::Status {
    auto row = edit.GetTrial(name.id);
    if (!row.ok()) return row.status();
    row->measurement_bytes = bytes;
    return edit.PutTrial(*row);
  }));
}

TEST_F(SuggesterTest, GivesNoMoreTrialsThanFitIntoAReply) {
  ASSERT_THAT(SuggestIds("a", 4), ElementsAre(1, 2, 3, 4));
  for (const int64_t id : {2, 3}) SetMeasurementBytes(store_, {name_, id}, kMaxReplyBytes / 2);
  EXPECT_THAT(SuggestIds("a", 5), ElementsAre(1, 2)) << "and no new one in the place of those left out";
  ASSERT_OK(CompleteTrial(store_, {name_, 2}, Result(1), {}));
  EXPECT_THAT(SuggestIds("a", 5), ElementsAre(1, 3, 4, 5, 6));
}

TEST_F(SuggesterTest, WaitingTrialsThatFitIntoNoReplyGoOnWaiting) {
  for (int64_t id = 1; id <= 2; ++id) {
    ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));
    SetMeasurementBytes(store_, {name_, id}, 2 * kMaxReplyBytes);
  }
  EXPECT_THAT(SuggestIds("a", 3), ElementsAre(1));
  EXPECT_EQ(Get({name_, 2}).state(), pb::Trial::REQUESTED);
  EXPECT_THAT(SuggestIds("b", 3), ElementsAre(2));
}

TEST_F(SuggesterTest, NewTrialsAreOnlyMadeWhileTheyFitIntoTheReply) {
  pb::Study study = AStudy("large").WithObjective("y").Study();
  study.mutable_study_spec()->set_observation_noise(pb::StudySpec::HIGH);  // so that the one point comes again
  auto& parameter = *study.mutable_study_spec()->add_parameters();
  parameter.set_parameter_id("c");
  parameter.mutable_categorical_value_spec()->add_values(std::string(5 << 20, 'c'));
  ASSERT_OK(CreateStudy(store_, {"ada"}, study));
  name_.study = "large";
  const auto suggested = Suggest("a", 20);
  ASSERT_OK(suggested);
  EXPECT_EQ(suggested->trials.size(), 12u);
  EXPECT_EQ(Suggest("b")->rows[0].id, 13) << "without a gap";
}

TEST_F(SuggesterTest, ARepeatedRequestGivesNoMoreThanFitsIntoAReply) {
  const auto first = Suggest("a", 3);
  ASSERT_OK(first);
  for (int64_t id = 1; id <= 3; ++id) SetMeasurementBytes(store_, {name_, id}, kMaxReplyBytes / 2 - 10'000);
  const auto operation = GetOperation(store_, suggester_, {name_, "a", first->operation->number});
  ASSERT_OK(operation);
  vizier::SuggestTrialsResponse response;
  ASSERT_TRUE(operation->response().UnpackTo(&response));
  EXPECT_EQ(response.trials_size(), 2);
}

TEST_F(SuggesterTest, OperationsAreNumberedPerClientAndStay) {
  for (int i = 0; i < 2; ++i) ASSERT_OK(Suggest("c"));
  ASSERT_OK(Suggest("d"));
  const auto second = GetOperation(store_, suggester_, {name_, "c", 2});
  ASSERT_OK(second);
  EXPECT_TRUE(second->done());
  EXPECT_EQ(second->name(), "owners/ada/operations/suggestion/kws/c/2");
  EXPECT_EQ(second->response().type_url(), "type.googleapis.com/vizier.SuggestTrialsResponse");
  EXPECT_THAT(GetOperation(store_, suggester_, {name_, "c", 3}),
              Fails(absl::StatusCode::kNotFound, "OPERATION_NOT_FOUND"));
  EXPECT_OK(GetOperation(store_, suggester_, {name_, "d", 1}));
}

// Another server's suggester on the same storage, whose commits the test holds back.
class RivalSuggesterTest : public SchedulingFixture {
 protected:
  ~RivalSuggesterTest() override {
    rival_.Stop();
    rival_compute_.Stop();
  }

  // Does not wait where the rival is busy with the study, or its algorithm looks at the history.
  std::future<absl::StatusOr<Suggested>> AskRival(const std::string& client, const RequestId& id = {}) {
    Suggester::Request request;
    request.study = name_;
    request.claim = {{client, ""}, 1};
    request.request_id = id;
    return AskRival(std::move(request));
  }
  std::future<absl::StatusOr<Suggested>> AskRival(Suggester::Request request) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<Suggested>>>();
    rival_.Suggest(std::move(request),
                   [promise](absl::StatusOr<Suggested> result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }
  std::future<absl::StatusOr<Suggested>> AskRivalAside(const std::string& client) {
    return std::async(std::launch::async, [this, client] { return AskRival(client).get(); });
  }
  static double XOf(const absl::StatusOr<Suggested>& suggested) {
    EXPECT_OK(suggested);
    return suggested.ok() ? suggested->trials[0].parameters(0).value().number_value() : -1;
  }

  GovernedStorage governed_{*storage_};
  StudyStore rival_store_{governed_, clock_, &CheckAlgorithmAndRule};
  ThreadPool rival_compute_{kPoolThreads, 100};
  Suggester rival_{rival_store_, rival_compute_, {ahead_, ahead_}, timer_};
};

TEST_F(RivalSuggesterTest, PointsThatNeedNoHistoryFitTheIdThatTheyGetHoweverOftenOthersComeFirst) {
  for (const char* algorithm : {"QUASI_RANDOM_SEARCH", "RANDOM_SEARCH"}) {
    Create(AStudy(absl::StrCat("alone ", algorithm))
               .WithFloat("x")
               .WithObjective("y")
               .WithAlgorithm(algorithm)
               .WithDocument(R"({"seed": 11})"));
    const auto alone = Suggest("c", 6);
    ASSERT_OK(alone);
    Create(AStudy(absl::StrCat("shared ", algorithm))
               .WithFloat("x")
               .WithObjective("y")
               .WithAlgorithm(algorithm)
               .WithDocument(R"({"seed": 11})"));
    const int64_t before = governed_.transactions();
    governed_.HoldAfter(0);
    auto held = AskRivalAside("rival");
    governed_.AwaitHeld();
    for (int i = 0; i < 5; ++i) ASSERT_OK(Suggest(absl::StrCat("c", i)));
    governed_.LetPass();
    const auto suggested = held.get();
    ASSERT_OK(suggested);
    EXPECT_EQ(suggested->rows[0].id, 6);
    EXPECT_EQ(XOf(suggested), alone->trials[5].parameters(0).value().number_value());
    EXPECT_EQ(governed_.transactions(), before + 1) << "at once";
  }
}

TEST_F(RivalSuggesterTest, PointsOfAHistoryAreComputedAnewWheneverAnotherServerSuggestedFirst) {
  Create(AStudy("gp").WithFloat("x").WithObjective("y").WithAlgorithm("GAUSSIAN_PROCESS_BANDIT"));
  governed_.HoldAfter(1);  // the operation
  auto held = AskRival("rival");
  std::set<double> points;
  constexpr int kConflicts = 6;
  for (int i = 0; i < kConflicts; ++i) {
    governed_.AwaitHeld();
    points.insert(XOf(Suggest(absl::StrCat("c", i))));
    governed_.HoldAfter(1);
  }
  governed_.LetPass();
  points.insert(XOf(held.get()));
  EXPECT_EQ(points.size(), kConflicts + 1u);
}

// The trials that the state of EAGLE_STRATEGY knows as running.
std::vector<int64_t> KnownTrials(StudyStore& store, const StudyName& name) {
  std::vector<int64_t> ids;
  EXPECT_OK(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto state, snapshot.GetAlgorithmState(study.uid, "EAGLE_STRATEGY"));
    ASSIGN_OR_RETURN(const auto eagle, MakeAlgorithm("EAGLE_STRATEGY"));
    ids = eagle->NewTo(state.value_or("")).ids;
    return absl::OkStatus();
  }));
  return ids;
}

TEST_F(RivalSuggesterTest, WhatAnAlgorithmKeepsIsCommittedWithItsTrials) {
  Create(AStudy("eagle").WithFloat("x").WithObjective("y").WithAlgorithm("EAGLE_STRATEGY"));
  ASSERT_OK(Suggest("c", 2));
  EXPECT_THAT(KnownTrials(store_, name_), ElementsAre(1, 2));
  governed_.HoldAfter(1);  // the operation
  auto held = AskRival("rival");
  governed_.AwaitHeld();
  ASSERT_OK(Suggest("d"));
  EXPECT_THAT(KnownTrials(store_, name_), ElementsAre(1, 2, 3));
  governed_.LetPass();
  ASSERT_OK(held.get());
  EXPECT_THAT(KnownTrials(store_, name_), ElementsAre(1, 2, 3, 4)) << "computed anew, and nothing is lost";
}

TEST_F(SuggesterTest, AHybridStudySwitchesWhereItsDocumentSaysAndDeletedTrialsDoNotUndoIt) {
  Create(AStudy("hybrid").WithFloat("x").WithObjective("y").WithAlgorithm("HYBRID").WithDocument(
      R"({"algorithm": {"switch_at": 3}})"));
  const auto switched = [&] {
    v1::HybridState state;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const StudyRow study, store_.Find(snapshot, name_));
      ASSIGN_OR_RETURN(const auto bytes, snapshot.GetAlgorithmState(study.uid, "HYBRID"));
      EXPECT_TRUE(state.ParseFromString(bytes.value_or("")));
      return absl::OkStatus();
    }));
    return state.switched();
  };
  for (int i = 1; i <= 4; ++i) {
    EXPECT_FALSE(switched()) << i;
    EXPECT_THAT(SuggestIds("c"), ElementsAre(i));
    ASSERT_OK(CompleteTrial(store_, {name_, i}, Result(i), {}));
  }
  EXPECT_TRUE(switched());
  for (int i = 1; i <= 4; ++i) ASSERT_OK(DeleteTrial(store_, {name_, i}));
  EXPECT_THAT(SuggestIds("c"), ElementsAre(5));
  EXPECT_TRUE(switched());
}

TEST_F(RivalSuggesterTest, TrialsThatClientsCreateDoNotHoldUpAComputationForEver) {
  Create(AStudy("gp").WithFloat("x").WithObjective("y").WithAlgorithm("GAUSSIAN_PROCESS_BANDIT"));
  governed_.HoldAfter(1);
  auto held = AskRival("rival");
  for (int i = 0; i < 5; ++i) {
    governed_.AwaitHeld();
    ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.1}}, {{"y", 0}})));
    governed_.HoldAfter(1);
  }
  EXPECT_OK(held.get());
}

TEST_F(RivalSuggesterTest, AMistakenRequestIdFailsNoOtherClaimOfItsBatch) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  governed_.HoldAfter(0);
  auto first = AskRivalAside("a");
  governed_.AwaitHeld();
  // These two find that the id is new, wait for the first, and are served together.
  auto owner = AskRival("b", {"r", "SuggestTrials b"});
  auto thief = AskRival("c", {"r", "SuggestTrials c"});
  governed_.LetPass();
  EXPECT_OK(first.get());
  EXPECT_OK(owner.get());
  EXPECT_THAT(thief.get(), FailsWith(absl::StatusCode::kInvalidArgument, "x-request-id"));
}

class CostlySuggesterTest : public SchedulingFixture {
 protected:
  void SetUp() override {
    Create(AStudy("gp").WithFloat("x").WithObjective("y").WithAlgorithm("GAUSSIAN_PROCESS_BANDIT"));
  }

  // What client "c", who asks for one trial, has when its inline budget has passed.
  absl::StatusOr<Suggested> SuggestUntilTheBudgetEnds() {
    std::promise<absl::StatusOr<Suggested>> promise;
    Suggester::Request request;
    request.study = name_;
    request.claim = {{"c", ""}, 1};
    suggester_.Suggest(std::move(request),
                       [&](absl::StatusOr<Suggested> result) { promise.set_value(std::move(result)); });
    clock_.Advance(kInlineBudget);
    timer_.CallDue();
    return promise.get_future().get();
  }
};

TEST_F(CostlySuggesterTest, ComputesOnThePoolAndAnswersWithADoneOperation) {
  const auto suggested = Suggest("c", 2);
  ASSERT_OK(suggested);
  EXPECT_TRUE(suggested->operation->done);
  EXPECT_EQ(suggested->rows.size(), 2u);
  EXPECT_THAT(SuggestIds("c", 2), ElementsAre(1, 2));
}

TEST_F(CostlySuggesterTest, AnswersNotDoneOnceTheClientHasWaitedLongEnough) {
  // Both threads of the pool are taken, so the suggestion waits.
  std::promise<void> open;
  std::shared_future<void> gate(open.get_future());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(compute_.Submit([gate] { gate.wait(); }));
  const auto suggested = SuggestUntilTheBudgetEnds();
  ASSERT_OK(suggested);
  EXPECT_FALSE(suggested->operation->done);
  EXPECT_FALSE(GetOperation(store_, suggester_, {name_, "c", 1})->done());
  open.set_value();
  EXPECT_THAT(SuggestIds("c"), ElementsAre(1));  // served after the first, by the same queue
  EXPECT_TRUE(GetOperation(store_, suggester_, {name_, "c", 1})->done());
}

TEST_F(CostlySuggesterTest, AnOperationThatFoundNoRoomIsTakenUpLater) {
  FullPool full(compute_);
  const auto suggested = SuggestUntilTheBudgetEnds();
  ASSERT_OK(suggested);
  EXPECT_FALSE(suggested->operation->done);
  full.Open();
  std::promise<void> drained;
  while (!compute_.Submit([&drained] { drained.set_value(); })) std::this_thread::yield();
  drained.get_future().wait();
  clock_.Advance(absl::Seconds(1));
  timer_.CallDue();
  EXPECT_THAT(SuggestIds("c"), ElementsAre(1));  // served after the first, by the same queue
  EXPECT_TRUE(GetOperation(store_, suggester_, {name_, "c", 1})->done());
}

TEST_F(CostlySuggesterTest, OperationsThatACrashLeftAreTakenUpAtStart) {
  ASSERT_OK(storage_->Transact([&](Transaction& transaction) -> absl::Status {
    OperationRow operation;
    operation.study_uid = 1;
    operation.client_id = "c";
    operation.number = 1;
    operation.count = 2;
    operation.created = clock_.Now();
    return transaction.PutOperation(operation);
  }));
  ASSERT_OK(suggester_.TendOperations());
  EXPECT_THAT(SuggestIds("c", 2), ElementsAre(1, 2));
  EXPECT_TRUE(GetOperation(store_, suggester_, {name_, "c", 1})->done());
}

TEST_F(CostlySuggesterTest, AComputationEndsOnceNobodyWaitsForIt) {
  std::promise<absl::StatusOr<Suggested>> promise;
  Suggester::Request request;
  request.study = name_;
  request.claim = {{"c", "i"}, 1};
  request.with_operation = false;
  request.cancelled = [asked = std::make_shared<int>(0)] { return ++*asked > 1; };  // gone once it is in a batch
  suggester_.Suggest(std::move(request),
                     [&](absl::StatusOr<Suggested> result) { promise.set_value(std::move(result)); });
  EXPECT_TRUE(absl::IsCancelled(promise.get_future().get().status()));
  EXPECT_THAT(SuggestIds("d"), ElementsAre(1));
}

}  // namespace
}  // namespace photinus
