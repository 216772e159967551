// What reads a whole study keeps nobody else waiting: a real server, and a database whose long reads a test holds up.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <cstring>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/temporary_folder.h"
#include "photinus/v1/query_service.grpc.pb.h"
#include "photinus/v1/worker_service.grpc.pb.h"
#include "server/replica/replica.h"
#include "server/storage/sqlite_storage.h"
#include "server/study/study_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/study_builder.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {
namespace {

constexpr int kTrials = 3;
constexpr int kManyCalls = 100;  // more than the server has threads for all other calls
constexpr std::chrono::seconds kPatience(60);

// Holds up each statement that begins to look through a study's trials, in all connections opened while this lives.
class HeldStatements {
 public:
  HeldStatements() {
    only_ = this;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&Attach));
  }
  ~HeldStatements() {
    sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&Attach));
    Release();
  }
  HeldStatements(const HeldStatements&) = delete;
  HeldStatements& operator=(const HeldStatements&) = delete;

  void Hold() {
    const MutexLock lock(mutex_);
    hold_ = true;
  }
  void Release() {
    const MutexLock lock(mutex_);
    hold_ = false;
    changed_.NotifyAll();
  }
  void AwaitHeld(int count) {
    const MutexLock lock(mutex_);
    while (held_ < count) changed_.Wait(mutex_);
  }
  int begun() {
    const MutexLock lock(mutex_);
    return begun_;
  }

 private:
  static int Attach(sqlite3* database, char**, const sqlite3_api_routines*) {
    return sqlite3_trace_v2(database, SQLITE_TRACE_STMT, &OnBegin, nullptr);
  }
  static int OnBegin(unsigned, void*, void* statement, void*) {
    if (std::strstr(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)), "SELECT id, length(body)") != nullptr) {
      only_->Begin();
    }
    return 0;
  }
  void Begin() {
    const MutexLock lock(mutex_);
    ++begun_;
    ++held_;
    changed_.NotifyAll();
    while (hold_) changed_.Wait(mutex_);
    --held_;
  }

  static inline HeldStatements* only_ = nullptr;

  Mutex mutex_;
  CondVar changed_;
  bool hold_ ABSL_GUARDED_BY(mutex_) = false;
  int held_ ABSL_GUARDED_BY(mutex_) = 0;
  int begun_ ABSL_GUARDED_BY(mutex_) = 0;
};

// One call that has begun.
template <typename Response>
struct Call {
  grpc::ClientContext context;
  Response response;
  std::promise<grpc::Status> done;
  std::future<grpc::Status> ended = done.get_future();

  grpc::Status Await() {
    if (ended.wait_for(kPatience) == std::future_status::ready) return ended.get();
    return {grpc::StatusCode::DEADLINE_EXCEEDED, "the test waited for long enough"};
  }
};

class LongReads : public ::testing::Test {
 protected:
  LongReads() {
    Restart();
    for (const char* study : {"large", "other"}) {
      vizier::CreateStudyRequest request;
      request.set_parent("owners/ada");
      *request.mutable_study() = AStudy(study).WithFloat("x").WithObjective("y").Study();
      grpc::ClientContext context;
      vizier::Study created;
      EXPECT_TRUE(vizier_->CreateStudy(&context, request, &created).ok());
      for (int i = 0; i < kTrials; ++i) AddTrial(created.name());
    }
  }
  ~LongReads() override { held_.Release(); }

  void Restart() {
    replica_.reset();
    storage_.reset();
    storage_ = *SqliteStorage::Open(folder_->File("db"));
    timer_ = std::make_unique<FakeTimer>(clock_);
    replica_ = *Replica::Start(*storage_, clock_, *timer_, {});
    channel_ = grpc::CreateChannel(replica_->address(), grpc::InsecureChannelCredentials());
    vizier_ = vizier::VizierService::NewStub(channel_);
    query_ = v1::QueryService::NewStub(channel_);
    worker_ = v1::WorkerService::NewStub(channel_);
  }

  void AddTrial(const std::string& study) {
    vizier::CreateTrialRequest request;
    request.set_parent(study);
    *request.mutable_trial() = ASucceededTrial({{"x", 0.5}}, {{"y", 1}});
    grpc::ClientContext context;
    vizier::Trial trial;
    EXPECT_TRUE(vizier_->CreateTrial(&context, request, &trial).ok());
  }

  // gRPC has sent a request once the call has begun.
  using Query = Call<v1::QueryTrialsResponse>;
  std::unique_ptr<Query> StartQuery() {
    auto call = std::make_unique<Query>();
    v1::QueryTrialsRequest request;
    request.set_parent("owners/ada/studies/large");
    query_->async()->QueryTrials(&call->context, &request, &call->response,
                                 [call = call.get()](const grpc::Status& status) { call->done.set_value(status); });
    return call;
  }
  std::vector<std::unique_ptr<Query>> StartQueries(int count) {
    std::vector<std::unique_ptr<Query>> calls;
    for (int i = 0; i < count; ++i) calls.push_back(StartQuery());
    return calls;
  }

  using Status = Call<v1::StudyStatus>;
  std::unique_ptr<Status> StartStatus() {
    auto call = std::make_unique<Status>();
    v1::GetStudyStatusRequest request;
    request.set_name("owners/ada/studies/large");
    query_->async()->GetStudyStatus(&call->context, &request, &call->response,
                                    [call = call.get()](const grpc::Status& status) { call->done.set_value(status); });
    return call;
  }

  void ExpectOthersAreAnswered() {
    grpc::ClientContext get;
    get.set_deadline(std::chrono::system_clock::now() + kPatience);
    vizier::GetTrialRequest trial;
    trial.set_name("owners/ada/studies/other/trials/1");
    vizier::Trial found;
    EXPECT_TRUE(vizier_->GetTrial(&get, trial, &found).ok());
    grpc::ClientContext beat;
    beat.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::HeartbeatRequest heartbeat;
    heartbeat.set_worker("w");
    v1::HeartbeatResponse answer;
    EXPECT_TRUE(worker_->Heartbeat(&beat, heartbeat, &answer).ok());
  }

  const absl::StatusOr<TemporaryFolder> folder_ = TemporaryFolder::Make();
  HeldStatements held_;
  FakeClock clock_;
  std::unique_ptr<FakeTimer> timer_;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<Replica> replica_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<vizier::VizierService::Stub> vizier_;
  std::unique_ptr<v1::QueryService::Stub> query_;
  std::unique_ptr<v1::WorkerService::Stub> worker_;
};

TEST_F(LongReads, KeepNoOtherCallWaitingHoweverManyOfThemWait) {
  ASSERT_TRUE(StartQuery()->Await().ok());
  const int of_one = held_.begun();
  held_.Hold();
  const auto running = StartQueries(kMaxLongReads);
  held_.AwaitHeld(kMaxLongReads);
  const auto waiting = StartQueries(kManyCalls);
  const auto cancelled = StartQueries(2 * kManyCalls);
  for (const auto& call : cancelled) call->context.TryCancel();
  for (const auto& call : cancelled) EXPECT_EQ(call->Await().error_code(), grpc::StatusCode::CANCELLED);
  ExpectOthersAreAnswered();
  held_.Release();
  for (const auto* calls : {&running, &waiting}) {
    for (const auto& call : *calls) {
      EXPECT_TRUE(call->Await().ok());
      EXPECT_EQ(call->response.trials_size(), kTrials);
    }
  }
  // Not exactly: a cancellation is on its way, too.
  EXPECT_LT(held_.begun(), of_one * (kMaxLongReads + 2 * kManyCalls)) << "what nobody waits for is not done";
}

TEST_F(LongReads, ThatOnlyWaitEndAtOnceWhenTheServerDrains) {
  held_.Hold();
  const auto running = StartQueries(kMaxLongReads);
  held_.AwaitHeld(kMaxLongReads);
  const auto waiting = StartQueries(kManyCalls);
  ExpectOthersAreAnswered();  // after those have come
  std::thread drain([this] { replica_->Drain(); });
  for (const auto& call : waiting) EXPECT_EQ(call->Await().error_code(), grpc::StatusCode::UNAVAILABLE);
  held_.Release();
  for (const auto& call : running) EXPECT_TRUE(call->Await().ok()) << "it was in progress";
  drain.join();
}

TEST_F(LongReads, OfAColdHistoryKeepNoOtherReadWaiting) {
  Restart();
  held_.Hold();
  std::vector<std::unique_ptr<Status>> calls;
  for (int i = 0; i < kManyCalls; ++i) calls.push_back(StartStatus());
  held_.AwaitHeld(1);
  ExpectOthersAreAnswered();
  held_.Release();
  for (const auto& call : calls) {
    EXPECT_TRUE(call->Await().ok());
    EXPECT_EQ(call->response.succeeded(), kTrials);
    EXPECT_EQ(call->response.best_size(), 1);
  }
}

}  // namespace
}  // namespace photinus
