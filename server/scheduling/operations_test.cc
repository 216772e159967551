// Suggestion operations between processes, restarts and repetitions.
#include "server/scheduling/operations.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/status_macros.h"
#include "server/scheduling/operation_leases.h"
#include "server/scheduling/operation_records.h"
#include "server/study/trial_lists.h"
#include "tests/support/scheduling_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OperationsTest : public SchedulingFixture {
 protected:
  // With an algorithm that computes on the pool.
  void SetUp() override { Create(Gp("kws")); }

  static AStudy Gp(const std::string& name) {
    return AStudy(name)
        .WithFloat("x")
        .WithObjective("y")
        .WithAlgorithm("GAUSSIAN_PROCESS_BANDIT")
        .WithDocument(R"({"seed": 11})");
  }

  std::optional<OperationRow> Stored(const std::string& client, int64_t number) {
    std::optional<OperationRow> row;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const StudyRow study, store_.Find(snapshot, name_));
      ASSIGN_OR_RETURN(row, snapshot.GetOperation(study.uid, client, number));
      return absl::OkStatus();
    }));
    return row;
  }
  void Store(const OperationRow& row) {
    ASSERT_OK(storage_->Transact([&](Transaction& transaction) { return transaction.PutOperation(row); }));
  }
  // As a process that is gone left it.
  void LeaveOperation(const std::string& client, int32_t count) {
    OperationRow row;
    row.study_uid = Uid();
    row.client_id = client;
    row.number = 1;
    row.count = count;
    row.created = clock_.Now();
    row.holder = "a process that is gone";
    row.lease_until = absl::UnixEpoch() + clock_.Monotonic() + kComputeLease;
    Store(row);
  }
  int64_t Uid() {
    int64_t uid = 0;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      uid = store_.Find(snapshot, name_)->uid;
      return absl::OkStatus();
    }));
    return uid;
  }
  std::vector<pb::Trial> Trials() { return ListTrials(store_, tokens_, name_, 0, "")->trials; }

  // Waits until all threads of the pool are done with what was queued before.
  void Drain() {
    const auto idle = std::make_shared<std::latch>(kPoolThreads + 1);
    for (int i = 0; i < kPoolThreads; ++i) ASSERT_TRUE(compute_.Submit([idle] { idle->arrive_and_wait(); }));
    idle->arrive_and_wait();
  }
  // Client "c" asks for one trial, and hears "not done" because nothing is computed until `gate` opens.
  void BeginAndWait(const std::shared_future<void>& gate) {
    for (int i = 0; i < kPoolThreads; ++i) ASSERT_TRUE(compute_.Submit([gate] { gate.wait(); }));
    std::promise<absl::StatusOr<Suggested>> promise;
    Suggester::Request request;
    request.study = name_;
    request.claim = {{"c", ""}, 1};
    suggester_.Suggest(std::move(request), [&](auto result) { promise.set_value(std::move(result)); });
    clock_.Advance(kInlineBudget);
    timer_.CallDue();
    const auto suggested = promise.get_future().get();
    ASSERT_OK(suggested);
    ASSERT_FALSE(suggested->operation->done);
  }
  bool Done(const std::string& client, int64_t number) {
    const auto operation = GetOperation(store_, suggester_, {name_, client, number});
    EXPECT_OK(operation);
    return operation.ok() && operation->done();
  }
};

TEST_F(OperationsTest, WhatALostProcessLeftIsTakenOverByTheReaper) {
  LeaveOperation("c", 2);
  ASSERT_OK(suggester_.TendOperations());
  EXPECT_THAT(SuggestIds("c", 2), ElementsAre(1, 2));  // behind it in the queue
  EXPECT_TRUE(Done("c", 1));
  EXPECT_THAT(Stored("c", 1)->trial_ids, ElementsAre(1, 2));
}

TEST_F(OperationsTest, WhatALostProcessLeftIsTakenOverByTheNextRequestOfItsClient) {
  LeaveOperation("c", 2);
  EXPECT_THAT(SuggestIds("d", 1), ElementsAre(1));
  EXPECT_FALSE(Stored("c", 1)->done) << "not by another's";
  EXPECT_THAT(SuggestIds("c", 2), ElementsAre(2, 3));
  EXPECT_TRUE(Stored("c", 1)->done);
}

TEST_F(OperationsTest, WhatALostProcessLeftIsTakenOverWhenItsClientAsksForIt) {
  LeaveOperation("c", 1);
  EXPECT_FALSE(Done("c", 1));
  EXPECT_THAT(SuggestIds("d", 1), ElementsAre(2));  // behind it in the queue
  EXPECT_TRUE(Done("c", 1));
}

TEST_F(OperationsTest, ATakenOverOperationGivesTheTrialsThatTheFirstWouldHaveGiven) {
  LeaveOperation("c", 2);
  ASSERT_OK(suggester_.TendOperations());
  EXPECT_THAT(SuggestIds("c", 2), ElementsAre(1, 2));
  const std::vector<pb::Trial> taken_over = Trials();
  Create(Gp("undisturbed"));
  EXPECT_THAT(SuggestIds("c", 2), ElementsAre(1, 2));
  const std::vector<pb::Trial> undisturbed = Trials();
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(taken_over[i].parameters(0).SerializeAsString(), undisturbed[i].parameters(0).SerializeAsString());
  }
}

TEST_F(OperationsTest, OfTwoWhoComputeAnOperationTheFirstCounts) {
  std::promise<void> gate;
  BeginAndWait(gate.get_future().share());
  OperationRow row = *Stored("c", 1);
  row.done = true;  // another process was faster, and what it gave was completed since
  row.finished = clock_.Now();
  Store(row);
  gate.set_value();
  Drain();
  EXPECT_THAT(Trials(), IsEmpty());
  EXPECT_THAT(Stored("c", 1)->trial_ids, IsEmpty());
}

TEST_F(OperationsTest, AnOperationOfADeletedStudyTouchesNotTheStudyThatCameAfterIt) {
  std::promise<void> gate;
  BeginAndWait(gate.get_future().share());
  ASSERT_OK(store_.Delete(name_));
  SetUp();
  gate.set_value();
  Drain();
  EXPECT_THAT(Trials(), IsEmpty());
  EXPECT_FALSE(Stored("c", 1).has_value());
  EXPECT_THAT(SuggestIds("c"), ElementsAre(1));
  EXPECT_TRUE(Done("c", 1));
}

TEST_F(OperationsTest, ALeaseIsRenewedForAsLongAsTheOperationIsComputed) {
  std::promise<void> gate;
  BeginAndWait(gate.get_future().share());
  const std::string holder = Stored("c", 1)->holder;
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(absl::Seconds(11));
    ASSERT_OK(suggester_.TendOperations());
    EXPECT_EQ(Stored("c", 1)->lease_until, absl::UnixEpoch() + clock_.Monotonic() + kComputeLease);
    EXPECT_EQ(Stored("c", 1)->holder, holder);
  }
  gate.set_value();
  Drain();
  EXPECT_TRUE(Stored("c", 1)->done);
  EXPECT_EQ(Trials().size(), 1u);
}

TEST_F(OperationsTest, AServerThatStopsLeavesItsOperationsToOthersAtOnce) {
  std::promise<void> gate;
  BeginAndWait(gate.get_future().share());
  suggester_.Stop();
  gate.set_value();
  Drain();
  EXPECT_FALSE(Stored("c", 1)->done);
  EXPECT_EQ(Stored("c", 1)->holder, "");
}

TEST_F(OperationsTest, ARepeatedRequestGetsTheSameOperation) {
  const auto suggest = [&](const std::string& id) {
    std::promise<absl::StatusOr<Suggested>> promise;
    Suggester::Request request;
    request.study = name_;
    request.claim = {{"c", ""}, 1};
    request.request_id = {id, "SuggestTrials"};
    suggester_.Suggest(std::move(request), [&](auto result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  };
  for (const char* algorithm : {"GAUSSIAN_PROCESS_BANDIT", "RANDOM_SEARCH"}) {
    Create(AStudy(algorithm).WithFloat("x").WithObjective("y").WithAlgorithm(algorithm));
    const auto first = suggest("r1");
    ASSERT_OK(first);
    ASSERT_OK(CompleteTrial(store_, {name_, 1}, Result(1), {}));
    const auto again = suggest("r1");
    ASSERT_OK(again);
    EXPECT_EQ(again->operation->number, 1);
    ASSERT_EQ(again->trials.size(), 1u);
    EXPECT_EQ(again->trials[0].state(), pb::Trial::SUCCEEDED) << "as it is now";
    EXPECT_EQ(Trials().size(), 1u);
    EXPECT_EQ(suggest("r2")->operation->number, 2);
    EXPECT_EQ(Trials().size(), 2u);
  }
}

TEST_F(OperationsTest, StayForADayAndTheLastOnesLonger) {
  Create(AStudy("random").WithFloat("x").WithObjective("y"));
  for (int i = 1; i <= 40; ++i) EXPECT_THAT(SuggestIds("c"), ElementsAre(1));
  clock_.Advance(kOperationLifetime - absl::Seconds(1));
  EXPECT_TRUE(Done("c", 1));
  clock_.Advance(absl::Seconds(2));
  const auto gone = Fails(absl::StatusCode::kNotFound, "OPERATION_NOT_FOUND");
  EXPECT_THAT(GetOperation(store_, suggester_, {name_, "c", 1}), gone);
  EXPECT_THAT(GetOperation(store_, suggester_, {name_, "c", 40 - kOperationsKept}), gone);
  EXPECT_TRUE(Done("c", 41 - kOperationsKept));
  for (int i = 41; i <= 48; ++i) EXPECT_EQ(Suggest("c")->operation->number, i);
  for (int i = 1; i <= 48; ++i) EXPECT_EQ(Stored("c", i).has_value(), i > 48 - kOperationsKept) << i;
}

}  // namespace
}  // namespace photinus
