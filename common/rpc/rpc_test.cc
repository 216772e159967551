// The clients against servers in this process: repetition, deadlines, cancellation, headers, artifacts.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/base/sha256.h"
#include "common/rpc/artifact_file.h"
#include "common/rpc/cancellation.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/query_client.h"
#include "common/rpc/vizier_client.h"
#include "common/rpc/worker_client.h"
#include "photinus/v1/query_service.grpc.pb.h"
#include "photinus/v1/worker_service.grpc.pb.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {
namespace {

// Fails as often as told, then answers; remembers headers.
class FlakyVizier final : public pb::VizierService::Service {
 public:
  grpc::Status GetTrial(grpc::ServerContext* context, const pb::GetTrialRequest* request, pb::Trial* trial) override {
    const grpc::Status status = Enter(context);
    trial->set_name(request->name());
    return status;
  }
  grpc::Status CreateTrial(grpc::ServerContext* context, const pb::CreateTrialRequest*, pb::Trial*) override {
    return Enter(context);
  }
  grpc::Status AddTrialMeasurement(grpc::ServerContext* context, const pb::AddTrialMeasurementRequest*,
                                   pb::Trial*) override {
    return Enter(context);
  }
  grpc::Status CreateStudy(grpc::ServerContext* context, const pb::CreateStudyRequest*, pb::Study*) override {
    context->AddTrailingMetadata("x-spec-mismatch", "1");
    return Enter(context);
  }
  grpc::Status SuggestTrials(grpc::ServerContext* context, const pb::SuggestTrialsRequest*,
                             google::longrunning::Operation* operation) override {
    operation->set_name("owners/a/operations/suggestion/s/c/1");
    return Enter(context);
  }
  grpc::Status GetOperation(grpc::ServerContext* context, const google::longrunning::GetOperationRequest* request,
                            google::longrunning::Operation* operation) override {
    const grpc::Status status = Enter(context);
    operation->set_name(request->name());
    operation->set_done(calls >= 3);
    pb::SuggestTrialsResponse response;
    response.add_trials()->set_id("7");
    if (operation->done()) operation->mutable_response()->PackFrom(response);
    return status;
  }
  grpc::Status UpdateMetadata(grpc::ServerContext*, const pb::UpdateMetadataRequest*,
                              pb::UpdateMetadataResponse* response) override {
    response->set_error_details("no trial 9");
    return grpc::Status::OK;
  }
  // Waits for its caller to go away.
  grpc::Status ListTrials(grpc::ServerContext* context, const pb::ListTrialsRequest*,
                          pb::ListTrialsResponse*) override {
    ++calls;
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }

  std::string Header(const std::string& name) {
    std::lock_guard<std::mutex> lock(mutex_);
    return headers_[name].empty() ? "" : *headers_[name].begin();
  }
  // Every value that came.
  std::set<std::string> Headers(const std::string& name) {
    std::lock_guard<std::mutex> lock(mutex_);
    return headers_[name];
  }

  std::atomic<int> calls = 0;
  std::atomic<int> failures = 0;
  absl::Status error = absl::UnavailableError("not yet");

 private:
  grpc::Status Enter(grpc::ServerContext* context) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [name, value] : context->client_metadata()) {
      headers_[std::string(name.data(), name.size())].emplace(value.data(), value.size());
    }
    return ++calls <= failures ? ToGrpcStatus(error) : grpc::Status::OK;
  }

  std::mutex mutex_;
  std::map<std::string, std::set<std::string>> headers_;
};

// Keeps one artifact.
class OneArtifact final : public v1::WorkerService::Service {
 public:
  grpc::Status PutArtifact(grpc::ServerContext* context, grpc::ServerReader<v1::PutArtifactRequest>* reader,
                           v1::PutArtifactResponse*) override {
    remaining = context->deadline() - std::chrono::system_clock::now();
    if (unavailable_once.exchange(false)) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "later");
    content.clear();
    v1::PutArtifactRequest part;
    while (reader->Read(&part)) {
      if (part.has_header()) header = part.header();
      content += part.chunk();
      largest_chunk = std::max(largest_chunk, part.chunk().size());
    }
    return grpc::Status::OK;
  }
  grpc::Status GetArtifact(grpc::ServerContext* context, const v1::GetArtifactRequest* request,
                           grpc::ServerWriter<v1::GetArtifactResponse>* writer) override {
    remaining = context->deadline() - std::chrono::system_clock::now();
    if (request->name() != header.name()) return ToGrpcStatus(absl::NotFoundError("no such artifact"));
    v1::GetArtifactResponse part;
    part.mutable_header()->set_size(header.size());
    part.mutable_header()->set_sha256(header.sha256());
    writer->Write(part);
    part.set_chunk(content.substr(0, 10));
    writer->Write(part);
    part.set_chunk(content.substr(10));
    if (!truncate) writer->Write(part);
    return grpc::Status::OK;
  }

  std::atomic<bool> unavailable_once = false;
  bool truncate = false;
  v1::PutArtifactRequest::Header header;
  std::string content;
  size_t largest_chunk = 0;
  std::chrono::system_clock::duration remaining = {};  // until the caller's deadline, when the last call began
};

class ThreeMessages final : public v1::QueryService::Service {
  grpc::Status WatchStudy(grpc::ServerContext*, const v1::WatchStudyRequest*,
                          grpc::ServerWriter<v1::WatchStudyResponse>* writer) override {
    v1::WatchStudyResponse message;
    for (int i = 1; i <= 3; ++i) {
      message.mutable_status()->set_active(i);
      writer->Write(message);
    }
    return grpc::Status::OK;
  }
};

class RpcTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&vizier_);
    builder.RegisterService(&artifacts_);
    builder.RegisterService(&query_);
    server_ = builder.BuildAndStart();
    channel_ = std::make_unique<Channel>(*Channel::Open("127.0.0.1:" + std::to_string(port)));
    directory_ = std::filesystem::temp_directory_path() / ("photinus_rpc_test_" + SecureHex(8));
    std::filesystem::create_directory(directory_);
  }
  void TearDown() override {
    server_->Shutdown();
    std::filesystem::remove_all(directory_);
  }
  std::string WriteFile(const std::string& name, const std::string& content) {
    const std::string path = (directory_ / name).string();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static std::string ReadFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  FlakyVizier vizier_;
  OneArtifact artifacts_;
  ThreeMessages query_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Channel> channel_;
  std::filesystem::path directory_;
};

TEST_F(RpcTest, RepeatsAnUnavailableCall) {
  vizier_.failures = 2;
  const auto trial = VizierClient(*channel_).GetTrial({});
  EXPECT_TRUE(trial.ok()) << trial.status();
  EXPECT_EQ(vizier_.calls, 3);
}

TEST_F(RpcTest, GivesUpAfterTheLastAttempt) {
  vizier_.failures = 100;
  CallOptions options;
  options.max_attempts = 2;
  const auto trial = VizierClient(*channel_).GetTrial({}, options);
  EXPECT_EQ(trial.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(vizier_.calls, 2);
}

TEST_F(RpcTest, ACallThatCouldActTwiceIsRepeatedUnderOneRequestId) {
  VizierClient client(*channel_);
  vizier_.failures = 2;
  EXPECT_TRUE(client.CreateTrial({}).ok());
  EXPECT_EQ(vizier_.calls, 3);
  const std::set<std::string> ids = vizier_.Headers("x-request-id");
  ASSERT_EQ(ids.size(), 1u);
  EXPECT_EQ(ids.begin()->size(), 32u);
  EXPECT_TRUE(client.CreateTrial({}).ok());
  EXPECT_EQ(vizier_.Headers("x-request-id").size(), 2u) << "another call, another id";
  CallOptions options;
  options.request_id = "mine";
  EXPECT_TRUE(client.CreateTrial({}, options).ok());
  EXPECT_EQ(vizier_.Headers("x-request-id").count("mine"), 1u);
}

// The server knows a measurement again by its step or time; only one without either needs an id.
TEST_F(RpcTest, AMeasurementCarriesARequestIdIfTheServerWouldNotKnowItAgain) {
  VizierClient client(*channel_);
  pb::AddTrialMeasurementRequest request;
  request.mutable_measurement()->set_step_count(1);
  EXPECT_TRUE(client.AddTrialMeasurement(request).ok());
  request.mutable_measurement()->set_step_count(0);
  request.mutable_measurement()->mutable_elapsed_duration()->set_nanos(1);
  EXPECT_TRUE(client.AddTrialMeasurement(request).ok());
  EXPECT_TRUE(vizier_.Headers("x-request-id").empty());
  request.Clear();
  vizier_.failures = 3;
  EXPECT_TRUE(client.AddTrialMeasurement(request).ok());
  EXPECT_EQ(vizier_.Headers("x-request-id").size(), 1u);
}

TEST_F(RpcTest, DoesNotRepeatOtherErrorsAndKeepsTheirReason) {
  vizier_.failures = 1;
  vizier_.error = Error(absl::StatusCode::kFailedPrecondition, "LEASE_LOST", "the lease is lost");
  const absl::Status status = VizierClient(*channel_).GetTrial({}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(status), "LEASE_LOST");
  EXPECT_EQ(vizier_.calls, 1);
}

TEST_F(RpcTest, SendsTheLeaseToken) {
  CallOptions options;
  options.lease_token = "token-1";
  ASSERT_TRUE(VizierClient(*channel_).GetTrial({}, options).ok());
  EXPECT_EQ(vizier_.Header("x-lease-token"), "token-1");
}

TEST_F(RpcTest, TellsThatAStudyExistsWithAnotherSpec) {
  const auto created = VizierClient(*channel_).CreateStudy({});
  ASSERT_TRUE(created.ok());
  EXPECT_TRUE(created->spec_mismatch);
}

TEST_F(RpcTest, WaitsForAnOperation) {
  const auto response = VizierClient(*channel_).SuggestTrialsAndWait({});
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->trials_size(), 1);
  EXPECT_EQ(response->trials(0).id(), "7");
}

TEST_F(RpcTest, MetadataRefusedInBandIsAnError) {
  const absl::Status status = VizierClient(*channel_).UpdateMetadata({});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "no trial 9");
}

TEST_F(RpcTest, EndsAtTheDeadline) {
  CallOptions options;
  options.timeout = absl::Milliseconds(50);
  EXPECT_EQ(VizierClient(*channel_).ListTrials({}, options).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(RpcTest, CancellationEndsACallUnderWayAndAllLaterOnes) {
  Cancellation cancellation;
  CallOptions options;
  options.cancellation = &cancellation;
  VizierClient client(*channel_);
  std::thread canceller([&] {
    while (vizier_.calls == 0) std::this_thread::yield();
    cancellation.Cancel();
  });
  EXPECT_EQ(client.ListTrials({}, options).status().code(), absl::StatusCode::kCancelled);
  canceller.join();
  EXPECT_EQ(client.GetTrial({}, options).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(vizier_.calls, 1);
}

TEST_F(RpcTest, ArtifactsArriveAsTheyWereSent) {
  std::string content;
  Random random(1);
  for (int i = 0; i < 300'000; ++i) content += std::to_string(random.Next());  // several chunks
  artifacts_.unavailable_once = true;
  WorkerClient client(*channel_);
  CallOptions options;
  options.lease_token = "token-1";
  ASSERT_TRUE(client.PutArtifact("trial", "model.tflite", WriteFile("out", content), options).ok());
  EXPECT_EQ(artifacts_.header.lease_token(), "token-1");
  EXPECT_EQ(artifacts_.header.sha256(), Sha256Hex(content));
  EXPECT_LE(artifacts_.largest_chunk, static_cast<size_t>(kArtifactChunkBytes));
  const std::string path = (directory_ / "in").string();
  const auto fetched = client.GetArtifact("trial", "model.tflite", path);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->size, static_cast<int64_t>(content.size()));
  EXPECT_EQ(ReadFile(path), content);
}

TEST_F(RpcTest, ArtifactsHaveTimeForTheirBytes) {
  WorkerClient client(*channel_);
  CallOptions options;
  options.timeout = absl::Minutes(10);  // longer than this test could take
  const std::string path = WriteFile("out", std::string(4 << 20, 'x'));
  ASSERT_TRUE(client.PutArtifact("trial", "a", path, options).ok());
  EXPECT_GT(absl::FromChrono(artifacts_.remaining), options.timeout);
  ASSERT_TRUE(client.GetArtifact("trial", "a", (directory_ / "in").string(), options).ok());
  EXPECT_GT(absl::FromChrono(artifacts_.remaining), options.timeout + absl::Minutes(5));  // may be a large one
}

TEST_F(RpcTest, AFileThatCannotBeWrittenIsNoFaultOfTheServer) {
  WorkerClient client(*channel_);
  ASSERT_TRUE(client.PutArtifact("trial", "a", WriteFile("out", "x")).ok());
  const std::string path = WriteFile("file", "") + "/in";  // a file where a folder should be
  EXPECT_EQ(client.GetArtifact("trial", "a", path).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(client.PutArtifact("trial", "a", path).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(RpcTest, ATruncatedArtifactLeavesNoFile) {
  WorkerClient client(*channel_);
  ASSERT_TRUE(client.PutArtifact("trial", "a", WriteFile("out", std::string(100, 'x'))).ok());
  artifacts_.truncate = true;
  const std::string path = (directory_ / "in").string();
  EXPECT_EQ(client.GetArtifact("trial", "a", path).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(client.GetArtifact("trial", "b", path).status().code(), absl::StatusCode::kNotFound);
  const auto files = std::filesystem::directory_iterator(directory_);
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);  // only what was sent
}

TEST_F(RpcTest, FilesThatCannotBeArtifactsAreRefused) {
  WorkerClient client(*channel_);
  EXPECT_EQ(client.PutArtifact("t", "a", (directory_ / "none").string()).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(client.PutArtifact("t", "a", directory_.string()).code(), absl::StatusCode::kInvalidArgument);
  const std::string big = WriteFile("big", "");
  std::filesystem::resize_file(big, kMaxArtifactBytes + 1);
  EXPECT_EQ(client.PutArtifact("t", "a", big).code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(RpcTest, AWatchEndsWithTheServerOrWhenItsReaderHasEnough) {
  QueryClient client(*channel_);
  std::vector<int> seen;
  const auto collect = [&seen](const v1::WatchStudyResponse& message) {
    seen.push_back(message.status().active());
    return seen.size() != 5;  // stops in the middle of the second watch
  };
  EXPECT_TRUE(client.WatchStudy({}, collect).ok());
  EXPECT_TRUE(client.WatchStudy({}, collect).ok());
  EXPECT_THAT(seen, ::testing::ElementsAre(1, 2, 3, 1, 2));
}

TEST(Channel, SaysWhichAddressDoesNotAnswer) {
  const std::string address = "unix:/nonexistent/photinus.sock";
  const absl::Status status = Channel::Open(address)->WaitUntilConnected(absl::Milliseconds(50));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(status.message().find(address), std::string::npos);
}

TEST(Cancellation, RunsEachRegisteredActionOnce) {
  Cancellation cancellation;
  int kept = 0, dropped = 0, late = 0;
  Cancellation::Registration keep(&cancellation, [&kept] { ++kept; });
  {
    Cancellation::Registration drop(&cancellation, [&dropped] { ++dropped; });
  }
  EXPECT_FALSE(cancellation.WaitFor(absl::ZeroDuration()));
  cancellation.Cancel();
  cancellation.Cancel();
  Cancellation::Registration after(&cancellation, [&late] { ++late; });
  EXPECT_TRUE(cancellation.WaitFor(absl::InfiniteDuration()));
  EXPECT_EQ(kept, 1);
  EXPECT_EQ(dropped, 0);
  EXPECT_EQ(late, 1);
}

}  // namespace
}  // namespace photinus
