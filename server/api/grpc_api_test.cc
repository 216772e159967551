// The services as clients meet them: over a real connection, on loopback.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/errors.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/rpc/grpc_status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/api/grpc_server.h"
#include "server/api/query_grpc_service.h"
#include "server/api/vizier_grpc_service.h"
#include "server/api/worker_grpc_service.h"
#include "server/study/trial_batch.h"
#include "tests/support/scheduling_fixture.h"

namespace photinus {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class GrpcApiTest : public SchedulingFixture {
 protected:
  void SetUp() override {
    server_ = *GrpcServer::Start("127.0.0.1:0", {&vizier_, &worker_, &query_});
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = vizier::VizierService::NewStub(channel_);
    worker_stub_ = v1::WorkerService::NewStub(channel_);
    query_stub_ = v1::QueryService::NewStub(channel_);
  }
  void TearDown() override {
    puller_.Stop();
    watches_.Stop();
    server_->Shutdown(absl::Seconds(5));
    executor_.Stop();
    long_reads_.Stop();
  }

  // Calls a method of a stub: Call(&vizier::VizierService::Stub::GetStudy, *stub_, request, &response).
  template <typename Stub, typename Request, typename Response>
  absl::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), Stub& stub,
                    const Request& request, Response* response, const std::string& token = "") {
    context_ = std::make_unique<grpc::ClientContext>();
    if (!token.empty()) context_->AddMetadata("x-lease-token", token);
    for (const auto& [name, value] : headers_) context_->AddMetadata(name, value);
    return FromGrpcStatus((stub.*method)(context_.get(), request, response));
  }

  absl::Status CreateOverTheWire(const pb::Study& study) {
    vizier::CreateStudyRequest request;
    request.set_parent("owners/ada");
    *request.mutable_study() = study;
    pb::Study created;
    name_ = {"ada", study.display_name()};
    return Call(&vizier::VizierService::Stub::CreateStudy, *stub_, request, &created);
  }

  absl::StatusOr<google::longrunning::Operation> SuggestOverTheWire(const std::string& client, int count) {
    vizier::SuggestTrialsRequest request;
    request.set_parent(name_.ToString());
    request.set_client_id(client);
    request.set_suggestion_count(count);
    google::longrunning::Operation operation;
    RETURN_IF_ERROR(Call(&vizier::VizierService::Stub::SuggestTrials, *stub_, request, &operation));
    return operation;
  }

  absl::StatusOr<v1::PullTrialResponse> PullOverTheWire(int wait_seconds = 0) {
    v1::PullTrialRequest request;
    request.set_worker("w");
    request.set_client_id("w.0");
    request.set_incarnation("i");
    request.add_executors("command");
    request.set_wait_seconds(wait_seconds);
    v1::PullTrialResponse response;
    RETURN_IF_ERROR(Call(&v1::WorkerService::Stub::PullTrial, *worker_stub_, request, &response));
    return response;
  }

  absl::Status PutOverTheWire(const std::string& trial, const std::string& bytes, const std::string& sha256,
                              const std::string& token = "") {
    grpc::ClientContext context;
    v1::PutArtifactResponse response;
    auto stream = worker_stub_->PutArtifact(&context, &response);
    v1::PutArtifactRequest part;
    part.mutable_header()->set_trial(trial);
    part.mutable_header()->set_name("model.tflite");
    part.mutable_header()->set_size(static_cast<int64_t>(bytes.size()));
    part.mutable_header()->set_sha256(sha256);
    part.mutable_header()->set_lease_token(token);
    stream->Write(part);
    constexpr size_t kChunk = 1 << 20;
    for (size_t offset = 0; offset < bytes.size(); offset += kChunk) {
      part.set_chunk(bytes.substr(offset, kChunk));
      stream->Write(part);
    }
    stream->WritesDone();
    return FromGrpcStatus(stream->Finish());
  }

  WorkerTable workers_{store_.storage(), clock_, kTtl};
  EarlyStopping early_stopping_{store_, ahead_};
  ThreadPool executor_{4, 100};
  ThreadPool long_reads_{kMaxLongReads, 100};
  const CallPools pools_{executor_, long_reads_};
  SystemClock system_clock_;
  SystemTimer system_timer_{system_clock_};
  Watches watches_{pools_, system_timer_, store_};
  VizierGrpcService vizier_{pools_, store_, suggester_, early_stopping_, tokens_};
  std::atomic<bool> stopping_ = false;
  WorkerGrpcService worker_{pools_, store_, puller_, leases_, workers_, stopping_};
  QueryGrpcService query_{pools_, store_, leases_, workers_, watches_, tokens_, stopping_};
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<vizier::VizierService::Stub> stub_;
  std::unique_ptr<v1::WorkerService::Stub> worker_stub_;
  std::unique_ptr<v1::QueryService::Stub> query_stub_;
  std::unique_ptr<grpc::ClientContext> context_;  // of the last call
  std::map<std::string, std::string> headers_;    // of every call, besides the token
};

AStudy Kws() { return AStudy("kws").WithFloat("x").WithObjective("y"); }

TEST_F(GrpcApiTest, ErrorsCarryTheirReasonInTheStandardTrailer) {
  vizier::GetStudyRequest request;
  request.set_name("owners/ada/studies/none");
  pb::Study study;
  grpc::ClientContext context;
  const grpc::Status status = stub_->GetStudy(&context, request, &study);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "STUDY_NOT_FOUND");
  EXPECT_EQ(info.domain(), "photinus");
}

TEST_F(GrpcApiTest, AnUnknownAlgorithmIsRefusedWithTheKnownOnes) {
  EXPECT_THAT(CreateOverTheWire(Kws().WithAlgorithm("RANDOM_SAERCH").Study()), FailsWith(kInvalid, "RANDOM_SEARCH"));
  EXPECT_THAT(CreateOverTheWire(Kws().WithDocument(R"({"early_stopping": {"rule": "MEDAIN"}})").Study()),
              FailsWith(kInvalid, "MEDIAN"));
}

TEST_F(GrpcApiTest, ADifferingSpecIsFlaggedInATrailer) {
  ASSERT_OK(CreateOverTheWire(Kws().Study()));
  EXPECT_EQ(context_->GetServerTrailingMetadata().count("x-spec-mismatch"), 0u);
  ASSERT_OK(CreateOverTheWire(AStudy("kws").WithFloat("z").Study()));
  EXPECT_EQ(context_->GetServerTrailingMetadata().count("x-spec-mismatch"), 1u);
}

TEST_F(GrpcApiTest, ASuggestionIsADoneOperationWithATypedResponse) {
  ASSERT_OK(CreateOverTheWire(Kws().Study()));
  const auto operation = SuggestOverTheWire("c", 0);
  ASSERT_OK(operation);
  EXPECT_TRUE(operation->done());
  vizier::SuggestTrialsResponse response;
  ASSERT_TRUE(operation->response().UnpackTo(&response));
  ASSERT_EQ(response.trials_size(), 1) << "a count of 0 means 1";
  EXPECT_EQ(response.study_state(), pb::Study::ACTIVE);
}

TEST_F(GrpcApiTest, BadCountsAndClientsAreRefused) {
  ASSERT_OK(CreateOverTheWire(Kws().Study()));
  EXPECT_THAT(SuggestOverTheWire("c", -1), FailsWith(kInvalid, "suggestion_count"));
  EXPECT_THAT(SuggestOverTheWire("c", 1001), FailsWith(kInvalid, "suggestion_count"));
  EXPECT_THAT(SuggestOverTheWire("", 1), FailsWith(kInvalid, "client_id"));
  EXPECT_THAT(SuggestOverTheWire("a/b", 1), FailsWith(kInvalid, "client_id"));
}

TEST_F(GrpcApiTest, AWorkerPullsBeatsReportsStoresAndCompletes) {
  ASSERT_OK(CreateOverTheWire(Pullable("kws").Study()));
  const auto pulled = PullOverTheWire();
  ASSERT_OK(pulled);
  const std::string trial = pulled->trial().name();
  const std::string token = pulled->lease_token();
  EXPECT_EQ(pulled->lease_ttl().seconds(), 60);

  v1::HeartbeatRequest beat;
  beat.set_worker("w");
  beat.set_slots(4);
  beat.set_version("1.2.3");
  auto& lease = *beat.add_leases();
  lease.set_trial(trial);
  lease.set_lease_token(token);
  v1::HeartbeatResponse verdicts;
  ASSERT_OK(Call(&v1::WorkerService::Stub::Heartbeat, *worker_stub_, beat, &verdicts));
  EXPECT_EQ(verdicts.answers(0).verdict(), v1::HeartbeatResponse::OK);

  v1::ListWorkersResponse workers;
  ASSERT_OK(Call(&v1::QueryService::Stub::ListWorkers, *query_stub_, v1::ListWorkersRequest(), &workers));
  ASSERT_EQ(workers.workers_size(), 1);
  EXPECT_EQ(workers.workers(0).slots(), 4);
  EXPECT_EQ(workers.workers(0).trials(0), trial);
  EXPECT_TRUE(workers.workers(0).alive());

  const std::string bytes(3'000'000, 'm');
  EXPECT_THAT(PutOverTheWire(trial, bytes, Sha256Hex("other"), token), FailsWith(kInvalid, "sha256"));
  EXPECT_THAT(PutOverTheWire(trial, bytes, Sha256Hex(bytes), "1-1-9"),
              Fails(absl::StatusCode::kFailedPrecondition, "LEASE_LOST"));
  ASSERT_OK(PutOverTheWire(trial, bytes, Sha256Hex(bytes), token));

  vizier::CompleteTrialRequest complete;
  complete.set_name(trial);
  *complete.mutable_final_measurement() = AMeasurement(1, {{"y", 1}});
  pb::Trial completed;
  EXPECT_THAT(Call(&vizier::VizierService::Stub::CompleteTrial, *stub_, complete, &completed, "1-1-9"),
              Fails(absl::StatusCode::kFailedPrecondition, "LEASE_LOST"));
  ASSERT_OK(Call(&vizier::VizierService::Stub::CompleteTrial, *stub_, complete, &completed, token));

  v1::GetArtifactRequest get;
  get.set_trial(trial);
  get.set_name("model.tflite");
  grpc::ClientContext context;
  auto stream = worker_stub_->GetArtifact(&context, get);
  v1::GetArtifactResponse part;
  ASSERT_TRUE(stream->Read(&part));
  EXPECT_EQ(part.header().size(), static_cast<int64_t>(bytes.size()));
  std::string received;
  while (stream->Read(&part)) received += part.chunk();
  EXPECT_OK(FromGrpcStatus(stream->Finish()));
  EXPECT_TRUE(received == bytes);

  get.set_name("none");
  grpc::ClientContext none_context;
  auto none = worker_stub_->GetArtifact(&none_context, get);
  EXPECT_FALSE(none->Read(&part));
  EXPECT_THAT(FromGrpcStatus(none->Finish()), Fails(absl::StatusCode::kNotFound, "ARTIFACT_NOT_FOUND"));
}

TEST_F(GrpcApiTest, MalformedWorkerRequestsAreRefused) {
  v1::HeartbeatRequest beat;
  v1::HeartbeatResponse verdicts;
  EXPECT_THAT(Call(&v1::WorkerService::Stub::Heartbeat, *worker_stub_, beat, &verdicts), FailsWith(kInvalid, "worker"));
  v1::PullTrialRequest pull;
  pull.set_worker("w");
  pull.set_client_id("w.0");
  pull.set_incarnation("i");
  v1::PullTrialResponse pulled;
  EXPECT_THAT(Call(&v1::WorkerService::Stub::PullTrial, *worker_stub_, pull, &pulled),
              FailsWith(kInvalid, "executors"));
  EXPECT_THAT(PutOverTheWire("trials/1", "x", Sha256Hex("x")), FailsWith(kInvalid, "owners/"));
}

TEST_F(GrpcApiTest, AWatchTellsOfChangesAndEndsWithTheStudy) {
  ASSERT_OK(CreateOverTheWire(Pullable("kws", R"(, "budget": {"trials": 1})").Study()));
  v1::WatchStudyRequest request;
  request.set_name(name_.ToString());
  grpc::ClientContext context;
  auto stream = query_stub_->WatchStudy(&context, request);
  v1::WatchStudyResponse update;
  ASSERT_TRUE(stream->Read(&update));
  EXPECT_EQ(update.status().trial_budget(), 1);
  EXPECT_EQ(update.changed_size(), 0);

  const auto pulled = PullOverTheWire();
  ASSERT_OK(pulled);
  ASSERT_TRUE(stream->Read(&update));
  ASSERT_EQ(update.changed_size(), 1);
  EXPECT_EQ(update.changed(0).state(), pb::Trial::ACTIVE);

  ASSERT_OK(CompleteTrial(store_, {name_, 1}, Result(1), {}));
  ASSERT_TRUE(stream->Read(&update));
  EXPECT_EQ(update.changed(0).state(), pb::Trial::SUCCEEDED);
  EXPECT_EQ(update.status().study().state(), pb::Study::COMPLETED);
  EXPECT_EQ(update.status().best(0).id(), "1");
  EXPECT_FALSE(stream->Read(&update));
  EXPECT_OK(FromGrpcStatus(stream->Finish()));
}

TEST_F(GrpcApiTest, AWatchGoesOnFromTheLastMessageOfAnotherOne) {
  ASSERT_OK(CreateOverTheWire(Pullable("kws", "").Study()));
  v1::WatchStudyRequest request;
  request.set_name(name_.ToString());
  v1::WatchStudyResponse update;
  const auto first_message = [&] {
    update.Clear();
    grpc::ClientContext context;
    auto stream = query_stub_->WatchStudy(&context, request);
    const bool read = stream->Read(&update);
    context.TryCancel();
    stream->Finish();
    return read;
  };
  ASSERT_OK(PullOverTheWire());
  ASSERT_TRUE(first_message());
  EXPECT_TRUE(update.whole());
  EXPECT_THAT(update.attempts(), ::testing::ElementsAre(1));

  request.set_uid(update.uid());
  request.set_version(update.version());
  ASSERT_TRUE(first_message());  // though nothing changed
  EXPECT_FALSE(update.whole());
  EXPECT_EQ(update.changed_size(), 0);

  ASSERT_OK(CompleteTrial(store_, {name_, 1}, Result(1), {}));  // while nobody watched
  ASSERT_TRUE(first_message());
  ASSERT_EQ(update.changed_size(), 1);
  EXPECT_EQ(update.changed(0).state(), pb::Trial::SUCCEEDED);

  ASSERT_OK(store_.Delete(name_));
  ASSERT_OK(CreateOverTheWire(Pullable("kws", "").Study()));
  EXPECT_FALSE(first_message());  // another study under that name
}

TEST_F(GrpcApiTest, AWatchTellsOfLargeTrialsInSeveralMessages) {
  ASSERT_OK(CreateOverTheWire(Kws().Study()));
  constexpr int kTrials = 3;
  for (int id = 1; id <= kTrials; ++id) {
    const TrialName trial = Start();
    const std::string large(kMaxBatchBytes / 3, 'm');
    for (int step = 1; step <= kTrials; ++step) {
      ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(step, {{large, step}}), {}));
    }
  }
  v1::WatchStudyRequest request;
  request.set_name(name_.ToString());
  grpc::ClientContext context;
  auto stream = query_stub_->WatchStudy(&context, request);
  v1::WatchStudyResponse update;
  for (int id = 1; id <= kTrials; ++id) {
    ASSERT_TRUE(stream->Read(&update));
    ASSERT_EQ(update.changed_size(), 1);
    EXPECT_EQ(update.changed(0).id(), absl::StrCat(id));
    // A change meanwhile is told after the rest.
    if (id == 1) {
      ASSERT_OK(CompleteTrial(store_, {name_, 2}, Result(1), {}));
    }
  }
  ASSERT_TRUE(stream->Read(&update));
  ASSERT_EQ(update.changed_size(), 1);
  EXPECT_EQ(update.changed(0).id(), "2");
  EXPECT_EQ(update.changed(0).state(), pb::Trial::SUCCEEDED);
  context.TryCancel();
}

TEST_F(GrpcApiTest, AWatchEndsWhenItsStudyIsDeletedOrTheClientLeavesOrTheServerStops) {
  ASSERT_OK(CreateOverTheWire(Kws().Study()));
  v1::WatchStudyRequest request;
  request.set_name(name_.ToString());
  v1::WatchStudyResponse update;

  grpc::ClientContext leaving;
  auto left = query_stub_->WatchStudy(&leaving, request);
  ASSERT_TRUE(left->Read(&update));
  leaving.TryCancel();
  EXPECT_EQ(left->Finish().error_code(), grpc::StatusCode::CANCELLED);

  grpc::ClientContext deleting;
  auto deleted = query_stub_->WatchStudy(&deleting, request);
  ASSERT_TRUE(deleted->Read(&update));
  ASSERT_OK(store_.Delete(name_));
  EXPECT_FALSE(deleted->Read(&update));
  EXPECT_OK(FromGrpcStatus(deleted->Finish()));

  grpc::ClientContext missing;
  auto none = query_stub_->WatchStudy(&missing, request);
  EXPECT_FALSE(none->Read(&update));
  EXPECT_THAT(FromGrpcStatus(none->Finish()), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));

  ASSERT_OK(CreateOverTheWire(Kws().Study()));
  grpc::ClientContext stopping;
  auto stopped = query_stub_->WatchStudy(&stopping, request);
  ASSERT_TRUE(stopped->Read(&update));
  watches_.Stop();
  EXPECT_FALSE(stopped->Read(&update));
  EXPECT_EQ(stopped->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcApiTest, StreamsNameTheFieldAtFault) {
  v1::ExportStudyRequest study;
  study.set_name("owners/ada");
  grpc::ClientContext exporting;
  EXPECT_EQ(ErrorField(FromGrpcStatus(query_stub_->ExportStudy(&exporting, study)->Finish())), "name");
  const auto import_into = [&](const char* parent, const char* display_name) {
    v1::ImportStudyRequest part;
    part.mutable_header()->set_parent(parent);
    part.mutable_header()->set_display_name(display_name);
    grpc::ClientContext importing;
    v1::ImportStudyResponse imported;
    const auto stream = query_stub_->ImportStudy(&importing, &imported);
    stream->Write(part);
    return ErrorField(FromGrpcStatus(stream->Finish()));
  };
  EXPECT_EQ(import_into("ada", "kws"), "header.parent");
  EXPECT_EQ(import_into("owners/ada", "a/b"), "header.display_name");
}

TEST_F(GrpcApiTest, AMalformedLeaseTokenIsRefusedBeforeTheUpload) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  v1::PutArtifactResponse response;
  auto stream = worker_stub_->PutArtifact(&context, &response);
  v1::PutArtifactRequest part;
  part.mutable_header()->set_trial("owners/ada/studies/kws/trials/1");
  part.mutable_header()->set_name("model.tflite");
  part.mutable_header()->set_size(3);
  part.mutable_header()->set_sha256(std::string(64, 'a'));
  part.mutable_header()->set_lease_token("x");
  stream->Write(part);
  EXPECT_EQ(ErrorField(FromGrpcStatus(stream->Finish())), "lease_token");
}

TEST_F(GrpcApiTest, LongStreamsEndOnceTheServerStops) {
  ASSERT_OK(CreateOverTheWire(Kws().Study()));
  grpc::ClientContext importing;
  v1::ImportStudyResponse imported;
  const auto import_stream = query_stub_->ImportStudy(&importing, &imported);
  v1::ImportStudyRequest part;
  part.mutable_header()->set_parent("owners/ada");
  import_stream->Write(part);
  stopping_ = true;
  part.set_lines("{");
  import_stream->Write(part);  // and there may be more
  EXPECT_THAT(FromGrpcStatus(import_stream->Finish()),
              FailsWith(absl::StatusCode::kUnavailable, "nothing of the study is stored: import it again"));

  grpc::ClientContext exporting;
  v1::ExportStudyRequest study;
  study.set_name(name_.ToString());
  EXPECT_THAT(FromGrpcStatus(query_stub_->ExportStudy(&exporting, study)->Finish()),
              FailsWith(absl::StatusCode::kUnavailable, "the server is stopping"));
  grpc::ClientContext downloading;
  EXPECT_THAT(FromGrpcStatus(worker_stub_->GetArtifact(&downloading, {})->Finish()),
              FailsWith(absl::StatusCode::kUnavailable, "the server is stopping"));
}

TEST_F(GrpcApiTest, AClientThatLeavesALongPollGetsNoTrial) {
  v1::PullTrialRequest request;
  request.set_worker("w");
  request.set_client_id("w.0");
  request.set_incarnation("i");
  request.add_executors("command");
  request.set_wait_seconds(30);
  v1::PullTrialResponse response;
  grpc::ClientContext context;
  std::thread leave([&] { context.TryCancel(); });
  EXPECT_EQ(worker_stub_->PullTrial(&context, request, &response).error_code(), grpc::StatusCode::CANCELLED);
  leave.join();
}

TEST_F(GrpcApiTest, ADaemonWhoseNameAnotherTookIsTurnedAway) {
  ASSERT_OK(PullOverTheWire());  // of incarnation i
  v1::HeartbeatRequest beat;
  beat.set_worker("w");
  beat.set_incarnation("j");
  v1::HeartbeatResponse verdicts;
  ASSERT_OK(Call(&v1::WorkerService::Stub::Heartbeat, *worker_stub_, beat, &verdicts));
  const auto superseded = Fails(absl::StatusCode::kFailedPrecondition, "WORKER_SUPERSEDED");
  EXPECT_THAT(PullOverTheWire(), superseded);
  beat.set_incarnation("i");
  EXPECT_THAT(Call(&v1::WorkerService::Stub::Heartbeat, *worker_stub_, beat, &verdicts), superseded);
}

TEST_F(GrpcApiTest, ABusyPortIsAClearError) {
  const auto second = GrpcServer::Start(server_->address(), {});
  EXPECT_THAT(second, FailsWith(absl::StatusCode::kUnavailable, "in use"));
  EXPECT_THAT(GrpcServer::Start("nonsense", {}), FailsWith(kInvalid, "HOST:PORT"));
}

TEST_F(GrpcApiTest, AHugeReplyIsRefusedNamingPageSize) {
  ASSERT_OK(CreateOverTheWire(Kws().Study()));
  pb::Trial trial = ASucceededTrial({{"x", 0.5}}, {{"y", 1}});
  auto& entry = *trial.add_metadata();
  entry.set_key("large");
  entry.set_value(std::string(10 << 20, 'a'));
  for (int i = 0; i < 7; ++i) ASSERT_OK(CreateTrial(store_, name_, trial));
  vizier::ListTrialsRequest request;
  request.set_parent(name_.ToString());
  vizier::ListTrialsResponse response;
  EXPECT_THAT(Call(&vizier::VizierService::Stub::ListTrials, *stub_, request, &response),
              FailsWith(absl::StatusCode::kResourceExhausted, "page_size"));
}

TEST_F(GrpcApiTest, ARepeatedRequestIsKnownByItsHeader) {
  ASSERT_OK(CreateOverTheWire(AStudy("kws").WithFloat("x").WithObjective("y").Study()));
  headers_["x-request-id"] = "r1";
  vizier::CreateTrialRequest request;
  request.set_parent(name_.ToString());
  *request.mutable_trial() = ATrial({{"x", 0.5}});
  pb::Trial trial;
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(Call(&vizier::VizierService::Stub::CreateTrial, *stub_, request, &trial));
    EXPECT_EQ(trial.id(), "1");
  }
  vizier::AddTrialMeasurementRequest measurement;
  measurement.set_trial_name(trial.name());
  EXPECT_THAT(Call(&vizier::VizierService::Stub::AddTrialMeasurement, *stub_, measurement, &trial),
              FailsWith(kInvalid, "x-request-id"));
  headers_["x-request-id"] = std::string(257, 'r');
  EXPECT_THAT(Call(&vizier::VizierService::Stub::CreateTrial, *stub_, request, &trial),
              FailsWith(kInvalid, "x-request-id"));
  headers_["x-request-id"] = "r2";
  const auto first = SuggestOverTheWire("c", 2);
  const auto again = SuggestOverTheWire("c", 2);
  ASSERT_OK(first);
  ASSERT_OK(again);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
}

TEST_F(GrpcApiTest, ASearchIsExplained) {
  ASSERT_OK(CreateOverTheWire(Kws().Study()));
  v1::GetParameterImportanceRequest whole;
  whole.set_parent(name_.ToString());
  v1::GetParameterImportanceResponse importance;
  EXPECT_THAT(Call(&v1::QueryService::Stub::GetParameterImportance, *query_stub_, whole, &importance),
              Fails(absl::StatusCode::kFailedPrecondition, "TOO_FEW_TRIALS"));
  for (int i = 1; i <= 10; ++i) {
    ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.1 * i}}, {{"y", 0.2 * i}})));
  }
  ASSERT_OK(SuggestOverTheWire("c", 1));
  v1::ExplainTrialRequest one;
  one.set_trial(TrialName{name_, 11}.ToString());
  v1::ExplainTrialResponse explained;
  ASSERT_OK(Call(&v1::QueryService::Stub::ExplainTrial, *query_stub_, one, &explained));
  EXPECT_EQ(explained.algorithm(), "RANDOM_SEARCH");
  EXPECT_EQ(explained.explanation().arm(), "random");
  ASSERT_EQ(explained.nearest_size(), 3);
  EXPECT_EQ(explained.nearest(0).state(), pb::Trial::SUCCEEDED);
  EXPECT_EQ(explained.nearest(0).objectives(0).metric_id(), "y");
  ASSERT_OK(Call(&v1::QueryService::Stub::GetParameterImportance, *query_stub_, whole, &importance));
  ASSERT_EQ(importance.objectives_size(), 1);
  EXPECT_EQ(importance.objectives(0).metric(), "y");
  EXPECT_EQ(importance.objectives(0).trials(), 10);
  EXPECT_EQ(importance.objectives(0).parameters(0).parameter(), "x");
  EXPECT_GT(importance.objectives(0).parameters(0).total_effect(), 0.99);
}

TEST_F(GrpcApiTest, AStrictCreateRefusesAStudyThatExists) {
  const pb::Study study = AStudy("kws").WithFloat("x").WithObjective("y").Study();
  headers_["x-strict-create"] = "1";
  headers_["x-request-id"] = "r1";
  EXPECT_OK(CreateOverTheWire(study));
  EXPECT_OK(CreateOverTheWire(study)) << "the same request again";
  headers_["x-request-id"] = "r2";
  EXPECT_THAT(CreateOverTheWire(study), Fails(absl::StatusCode::kAlreadyExists, "STUDY_EXISTS"));
  headers_.clear();
  EXPECT_OK(CreateOverTheWire(study));
}

}  // namespace
}  // namespace photinus
