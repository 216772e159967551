// Two replicas on one PostgreSQL database: operations, deletions and repeated requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/channel.h"
#include "common/rpc/vizier_client.h"
#include "server/replica/replica.h"
#include "server/storage/postgres_storage.h"
#include "tests/support/fake_clock.h"
#include "tests/support/postgres_main.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

constexpr char kStudy[] = "owners/ada/studies/kws";

// A replica whose time stands still; the database's goes on.
struct Node {
  explicit Node(const std::string& url)
      : storage(*PostgresStorage::Open(url)),
        replica(*Replica::Start(*storage, clock, timer, {})),
        client(*Channel::Open(replica->address())) {}

  // What is due every second has begun when this returns.
  void Tick() {
    clock.Advance(absl::Seconds(1));
    timer.CallDue();
  }

  FakeClock clock;
  FakeTimer timer{clock};
  std::unique_ptr<PostgresStorage> storage;
  std::unique_ptr<Replica> replica;
  VizierClient client;
};

class ReplicasTest : public ::testing::Test {
 protected:
  static absl::Status Create(VizierClient& client) {
    pb::CreateStudyRequest request;
    request.set_parent("owners/ada");
    *request.mutable_study() = AStudy("kws")
                                   .WithFloat("x")
                                   .WithObjective("y")
                                   .WithAlgorithm("GAUSSIAN_PROCESS_BANDIT")
                                   .WithDocument(R"({"seed": 11})")
                                   .Study();
    return client.CreateStudy(request).status();
  }
  static absl::Status Delete(VizierClient& client) {
    pb::DeleteStudyRequest request;
    request.set_name(kStudy);
    return client.DeleteStudy(request);
  }
  static std::vector<pb::Trial> Trials(VizierClient& client) {
    pb::ListTrialsRequest request;
    request.set_parent(kStudy);
    const auto response = client.ListTrials(request);
    EXPECT_OK(response);
    return response.ok() ? std::vector<pb::Trial>(response->trials().begin(), response->trials().end())
                         : std::vector<pb::Trial>();
  }
  static absl::StatusOr<pb::SuggestTrialsResponse> Suggest(VizierClient& client, const std::string& client_id,
                                                           int count) {
    pb::SuggestTrialsRequest request;
    request.set_parent(kStudy);
    request.set_client_id(client_id);
    request.set_suggestion_count(count);
    return client.SuggestTrialsAndWait(request);
  }
  static absl::StatusOr<google::longrunning::Operation> Poll(VizierClient& client, const std::string& client_id) {
    google::longrunning::GetOperationRequest request;
    request.set_name("owners/ada/operations/suggestion/kws/" + client_id + "/1");
    return client.GetOperation(request);
  }
  // Polls until it is done, as clients do.
  static void AwaitOperation(VizierClient& client, const std::string& client_id) {
    while (true) {
      const auto operation = Poll(client, client_id);
      ASSERT_OK(operation);
      if (operation->done()) return;
    }
  }

  // An unfinished operation of client "c", for two trials, that another replica computes for `left` yet.
  void LeaveOperation(absl::Duration left) {
    ASSERT_OK(a_.storage->Transact([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const auto study, transaction.FindStudy("ada", "kws"));
      ASSIGN_OR_RETURN(const auto now, transaction.SharedTime());
      OperationRow row;
      row.study_uid = study->uid;
      row.client_id = "c";
      row.number = 1;
      row.count = 2;
      row.created = a_.clock.Now();
      row.holder = "another replica";
      row.lease_until = *now + left;
      return transaction.PutOperation(row);
    }));
  }
  std::string Holder() {
    std::string holder;
    EXPECT_OK(a_.storage->Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const auto study, snapshot.FindStudy("ada", "kws"));
      ASSIGN_OR_RETURN(const auto row, snapshot.GetOperation(study->uid, "c", 1));
      holder = row->holder;
      return absl::OkStatus();
    }));
    return holder;
  }

  const std::string url_ = TestPostgres().MakeDatabase();
  Node a_{url_};
  Node b_{url_};
};

void InThreads(int threads, const std::function<void(int)>& body) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back(body, i);
  for (std::thread& thread : running) thread.join();
}

TEST_F(ReplicasTest, WhatAnotherReplicaComputesIsLeftToItUntilItsLeaseExpires) {
  ASSERT_OK(Create(a_.client));
  LeaveOperation(absl::Seconds(25));
  for (Node* node : {&a_, &b_}) {
    EXPECT_FALSE(Poll(node->client, "c")->done());
    node->Tick();
  }
  const Node third(url_);  // at its start
  EXPECT_EQ(Suggest(b_.client, "c", 2)->trials_size(), 2) << "what the client asks for anew is computed";
  EXPECT_EQ(Holder(), "another replica");
  EXPECT_FALSE(Poll(a_.client, "c")->done());
  LeaveOperation(absl::Seconds(-1));
  AwaitOperation(a_.client, "c");
  EXPECT_EQ(Trials(b_.client).size(), 2u) << "the client's own again";
}

TEST_F(ReplicasTest, AllWhoTakeOverAnOperationMakeItsTrialsOnce) {
  ASSERT_OK(Create(a_.client));
  LeaveOperation(absl::Seconds(-1));
  InThreads(4, [&](int i) {
    Node& node = i % 2 == 0 ? a_ : b_;
    if (i < 2) node.Tick();
    AwaitOperation(node.client, "c");
  });
  const std::vector<pb::Trial> trials = Trials(a_.client);
  ASSERT_EQ(trials.size(), 2u);
  ASSERT_OK(Delete(a_.client));
  ASSERT_OK(Create(b_.client));
  ASSERT_OK(Suggest(b_.client, "c", 2));
  const std::vector<pb::Trial> undisturbed = Trials(a_.client);
  ASSERT_EQ(undisturbed.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(trials[i].parameters(0).SerializeAsString(), undisturbed[i].parameters(0).SerializeAsString());
  }
}

TEST_F(ReplicasTest, ManyIdenticalRequestsOfOneClientMakeItsTrialsOnce) {
  ASSERT_OK(Create(a_.client));
  InThreads(6, [&](int i) { EXPECT_EQ(Suggest(i % 2 == 0 ? a_.client : b_.client, "c", 3)->trials_size(), 3); });
  EXPECT_EQ(Trials(a_.client).size(), 3u);
}

TEST_F(ReplicasTest, ARequestIsServedOnceWhicheverReplicaItComesTo) {
  ASSERT_OK(Create(a_.client));
  pb::CreateTrialRequest request;
  request.set_parent(kStudy);
  *request.mutable_trial() = ATrial({{"x", 0.5}});
  CallOptions options;
  options.request_id = "r1";
  std::vector<std::string> names(6);
  InThreads(6, [&](int i) {
    const auto trial = (i % 2 == 0 ? a_.client : b_.client).CreateTrial(request, options);
    EXPECT_OK(trial);
    if (trial.ok()) names[i] = trial->name();
  });
  EXPECT_THAT(names, ::testing::Each(std::string(kStudy) + "/trials/1"));
  EXPECT_EQ(Trials(b_.client).size(), 1u);
}

TEST_F(ReplicasTest, ADeletedStudyIsGoneForAllAndErasedByAny) {
  ASSERT_OK(Create(a_.client));
  ASSERT_OK(Suggest(a_.client, "c", 2));
  ASSERT_OK(Poll(b_.client, "c"));
  ASSERT_OK(Delete(a_.client));
  EXPECT_THAT(Poll(b_.client, "c"), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
  ASSERT_OK(Create(b_.client));
  EXPECT_THAT(Poll(a_.client, "c"), Fails(absl::StatusCode::kNotFound, "OPERATION_NOT_FOUND"));
  EXPECT_TRUE(Trials(a_.client).empty());
  const auto anything_left = [&] {
    bool left = false;
    EXPECT_OK(b_.storage->Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(left, snapshot.HasDeleted());
      return absl::OkStatus();
    }));
    return left;
  };
  EXPECT_TRUE(anything_left());
  b_.Tick();
  while (anything_left()) std::this_thread::yield();
}

}  // namespace
}  // namespace photinus
