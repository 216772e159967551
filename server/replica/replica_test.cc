// Two replicas on one PostgreSQL database, on clocks that the test moves.
#include "server/replica/replica.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "photinus/v1/worker_service.grpc.pb.h"
#include "server/storage/postgres_storage.h"
#include "tests/support/captured_log.h"
#include "tests/support/fake_clock.h"
#include "tests/support/postgres_main.h"
#include "tests/support/study_builder.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {
namespace {

constexpr int kMaxRounds = 10'000;  // of 10 ms: for a machine that is very busy

class TestReplica {
 public:
  explicit TestReplica(const std::string& url) : storage_(*PostgresStorage::Open(url)) {}

  std::shared_ptr<grpc::Channel> Channel() const {
    return grpc::CreateChannel(replica_->address(), grpc::InsecureChannelCredentials());
  }
  // Lets time pass in small steps until something has happened.
  bool PassUntil(const std::function<bool()>& happened) {
    for (int round = 0; round < kMaxRounds; ++round) {
      if (happened()) return true;
      clock_.Advance(absl::Milliseconds(10));
      timer_.CallDue();
    }
    return false;
  }

 private:
  FakeClock clock_;
  FakeTimer timer_{clock_};
  std::unique_ptr<PostgresStorage> storage_;
  std::unique_ptr<Replica> replica_ = *Replica::Start(*storage_, clock_, timer_, {});
};

// What grpc.health.v1.Health/Check says: whether it is SERVING. Both messages are short enough to write by hand.
bool IsServing(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  const grpc::Slice empty;
  const grpc::ByteBuffer request(&empty, 1);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  EXPECT_TRUE(status.ok()) << status.error_message();
  grpc::Slice slice;
  return status.ok() && response.DumpToSingleSlice(&slice).ok() &&
         std::string(reinterpret_cast<const char*>(slice.begin()), slice.size()) == "\x08\x01";
}

void CreatePullableStudy(const std::shared_ptr<grpc::Channel>& channel) {
  vizier::CreateStudyRequest request;
  request.set_parent("owners/ada");
  *request.mutable_study() = AStudy("kws")
                                 .WithFloat("x")
                                 .WithObjective("y")
                                 .WithDocument(R"({"trial": {"executor": "command", "argv": ["true"]}})")
                                 .Study();
  grpc::ClientContext context;
  vizier::Study study;
  const grpc::Status status = vizier::VizierService::NewStub(channel)->CreateStudy(&context, request, &study);
  ASSERT_TRUE(status.ok()) << status.error_message();
}

std::future<std::string> StartLongPoll(const std::shared_ptr<grpc::Channel>& channel) {
  return std::async(std::launch::async, [channel] {
    v1::PullTrialRequest request;
    request.set_worker("w");
    request.set_client_id("w.0");
    request.set_incarnation("i");
    request.add_executors("command");
    request.set_wait_seconds(60);
    grpc::ClientContext context;
    v1::PullTrialResponse response;
    const grpc::Status status = v1::WorkerService::NewStub(channel)->PullTrial(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.trial().name();
  });
}

TEST(Replicas, ALongPollEndsWithTheWorkThatCameThroughAnotherReplica) {
  const std::string url = TestPostgres().MakeDatabase();
  TestReplica a(url), b(url);
  std::future<std::string> pulled = StartLongPoll(b.Channel());
  CreatePullableStudy(a.Channel());
  EXPECT_TRUE(b.PassUntil([&] { return pulled.wait_for(std::chrono::milliseconds(10)) == std::future_status::ready; }));
  EXPECT_EQ(pulled.get(), "owners/ada/studies/kws/trials/1");
}

TEST(Replicas, AnOutageOfTheDatabaseIsOneLineAndNotOneForEachTask) {
  const CapturedLog log;
  TestReplica replica(TestPostgres().MakeDatabase());
  const auto channel = replica.Channel();
  TestPostgres().Crash();
  EXPECT_TRUE(replica.PassUntil([&] { return !IsServing(channel); }));
  const std::string down = log.text();
  TestPostgres().Start();
  EXPECT_TRUE(replica.PassUntil([&] { return IsServing(channel); }));
  EXPECT_EQ(log.Count("[info] the database is back after"), 1) << log.text();
  EXPECT_EQ(std::count(down.begin(), down.end(), '\n'), 1) << down;
  EXPECT_THAT(down, testing::HasSubstr("[error] the database is away: "));
}

TEST(Replicas, HealthCheckersHearWhileTheDatabaseCannotBeReached) {
  TestReplica replica(TestPostgres().MakeDatabase());
  const auto channel = replica.Channel();
  EXPECT_TRUE(IsServing(channel));
  TestPostgres().Crash();
  EXPECT_TRUE(replica.PassUntil([&] { return !IsServing(channel); }));
  TestPostgres().Start();
  EXPECT_TRUE(replica.PassUntil([&] { return IsServing(channel); }));
}

}  // namespace
}  // namespace photinus
