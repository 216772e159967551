// The client against services in this process, over a real connection.
#include "client/cli/rpc_study_client.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/rpc/grpc_status.h"
#include "photinus/v1/query_service.grpc.pb.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kAcceptEqual = StudyClient::IfExists::kAcceptEqual;

class Vizier final : public pb::VizierService::Service {
 public:
  grpc::Status CreateStudy(grpc::ServerContext* context, const pb::CreateStudyRequest* request,
                           pb::Study* study) override {
    if (request->study().study_spec().algorithm() == "WRONG") {
      return ToGrpcStatus(FieldError("study_spec.algorithm", "unknown algorithm 'WRONG'"));
    }
    if (hangs) return Hang(*context);
    study->set_name(absl::StrCat(request->parent(), "/studies/", request->study().display_name()));
    strict = context->client_metadata().count("x-strict-create") > 0;
    if (request->study().study_spec().algorithm() == "OTHER") context->AddTrailingMetadata("x-spec-mismatch", "1");
    return grpc::Status::OK;
  }

  grpc::Status GetTrial(grpc::ServerContext* context, const pb::GetTrialRequest*, pb::Trial*) override {
    return hangs ? Hang(*context) : grpc::Status::OK;
  }

  std::atomic<bool> strict = false;  // what the last call was
  std::atomic<bool> hangs = false;   // calls take until their callers go away

 private:
  static grpc::Status Hang(const grpc::ServerContext& context) {
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }
};

class Query final : public v1::QueryService::Service {
 public:
  // Two pages.
  grpc::Status ListStudyStatuses(grpc::ServerContext*, const v1::ListStudyStatusesRequest* request,
                                 v1::ListStudyStatusesResponse* response) override {
    const bool first = request->page_token().empty();
    response->add_statuses()->mutable_study()->set_name(
        absl::StrCat(request->parent(), "/studies/", first ? "a" : "b"));
    if (first) response->set_next_page_token("more");
    return grpc::Status::OK;
  }
  grpc::Status GetStudyStatus(grpc::ServerContext*, const v1::GetStudyStatusRequest*, v1::StudyStatus*) override {
    return answer;
  }
  // 2,500 trials, by pages of as many as asked for.
  grpc::Status QueryTrials(grpc::ServerContext*, const v1::QueryTrialsRequest* request,
                           v1::QueryTrialsResponse* response) override {
    page_sizes.push_back(request->page_size());
    constexpr int kTrials = 2500;
    int next = request->page_token().empty() ? 0 : std::stoi(request->page_token());
    for (int i = 0; i < request->page_size() && next < kTrials; ++i) {
      response->add_trials()->set_id(std::to_string(++next));
    }
    if (next < kTrials) response->set_next_page_token(std::to_string(next));
    return grpc::Status::OK;
  }
  // Sends one message and waits for its caller to go away.
  grpc::Status WatchStudy(grpc::ServerContext* context, const v1::WatchStudyRequest*,
                          grpc::ServerWriter<v1::WatchStudyResponse>* writer) override {
    writer->Write(v1::WatchStudyResponse());
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }

  std::vector<int> page_sizes;
  grpc::Status answer;  // of GetStudyStatus
};

class RpcStudyClientTest : public ::testing::Test {
 protected:
  RpcStudyClientTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&vizier_);
    builder.RegisterService(&query_);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
    client_ = RpcStudyClient::Open(address_, cancellation_).value();
  }
  ~RpcStudyClientTest() override { server_->Shutdown(); }

  Vizier vizier_;
  Query query_;
  Cancellation cancellation_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::unique_ptr<StudyClient> client_;
  const StudyName name_{"ada", "kws"};
};

TEST_F(RpcStudyClientTest, CreatesAStudy) {
  const auto study = client_->CreateStudy(name_, pb::StudySpec(), kAcceptEqual);
  ASSERT_TRUE(study.ok()) << study.status();
  EXPECT_EQ(study->name(), "owners/ada/studies/kws");
  EXPECT_FALSE(vizier_.strict);
  EXPECT_TRUE(client_->CreateStudy(name_, pb::StudySpec(), StudyClient::IfExists::kRefuse).ok());
  EXPECT_TRUE(vizier_.strict);
}

TEST_F(RpcStudyClientTest, AStudyWithOtherContentAlreadyExists) {
  pb::StudySpec spec;
  spec.set_algorithm("OTHER");
  const absl::Status status = client_->CreateStudy(name_, spec, kAcceptEqual).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(status.message()), HasSubstr("owners/ada/studies/kws exists with other content"));
}

TEST_F(RpcStudyClientTest, ErrorsKeepTheirField) {
  pb::StudySpec spec;
  spec.set_algorithm("WRONG");
  EXPECT_EQ(ErrorField(client_->CreateStudy(name_, spec, kAcceptEqual).status()), "study_spec.algorithm");
}

TEST_F(RpcStudyClientTest, ReadsEveryPageOfStudies) {
  const auto studies = client_->ListStudies("ada");
  ASSERT_TRUE(studies.ok()) << studies.status();
  ASSERT_EQ(studies->size(), 2u);
  EXPECT_EQ((*studies)[1].study().name(), "owners/ada/studies/b");
}

TEST_F(RpcStudyClientTest, ReadsEveryPageOfTrials) {
  const auto trials = client_->QueryTrials(name_, {});
  ASSERT_TRUE(trials.ok()) << trials.status();
  EXPECT_EQ(trials->size(), 2500u);
  EXPECT_EQ(trials->back().id(), "2500");
  EXPECT_THAT(query_.page_sizes, ElementsAre(1000, 1000, 1000));
}

TEST_F(RpcStudyClientTest, AsksForNoMoreTrialsThanTheLimit) {
  const auto trials = client_->QueryTrials(name_, {.filter = "", .order_by = "", .limit = 1010});
  ASSERT_TRUE(trials.ok()) << trials.status();
  EXPECT_EQ(trials->size(), 1010u);
  EXPECT_THAT(query_.page_sizes, ElementsAre(1000, 10));
}

TEST_F(RpcStudyClientTest, AWatchEndsWhenItsReaderHasEnough) {
  EXPECT_TRUE(client_->WatchStudy(name_, {}, [](const v1::WatchStudyResponse&) { return false; }).ok());
}

TEST_F(RpcStudyClientTest, AnInterruptionEndsAWatch) {
  const absl::Status status = client_->WatchStudy(name_, {}, [this](const v1::WatchStudyResponse&) {
    cancellation_.Cancel();
    return true;
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(client_->GetStudyStatus(name_).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(RpcStudyClientTest, ACallWithoutAnAnswerSaysWhoWasAskedAndWhatIsUnknown) {
  client_ = RpcStudyClient::Open(address_, cancellation_, absl::Milliseconds(50)).value();
  vizier_.hangs = true;
  const absl::Status changing = client_->CreateStudy(name_, pb::StudySpec(), kAcceptEqual).status();
  EXPECT_EQ(changing, absl::DeadlineExceededError(
                          address_ + " did not answer within 50ms; whether the study was created is unknown; "
                                     "repeating the command is harmless"));
  EXPECT_EQ(client_->GetTrial({name_, 1}).status(),
            absl::DeadlineExceededError(address_ + " did not answer within 50ms"));
  vizier_.hangs = false;
}

TEST_F(RpcStudyClientTest, WhatGrpcSaysIsSaidForPeople) {
  const std::string other = " is not a Photinus server, or one of another version";
  EXPECT_EQ(client_->ListWorkers().status(), absl::FailedPreconditionError(address_ + other));  // no such service there
  query_.answer = grpc::Status(grpc::StatusCode::UNKNOWN, "Received http2 header with status: 404");
  EXPECT_EQ(client_->GetStudyStatus(name_).status(), absl::FailedPreconditionError(address_ + other));
  query_.answer = grpc::Status(grpc::StatusCode::UNAVAILABLE, "Cancelling all calls");
  EXPECT_EQ(client_->GetStudyStatus(name_).status(),
            absl::UnavailableError("the server at " + address_ + " is stopping; try again later"));
  query_.answer = grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed");
  EXPECT_EQ(client_->GetStudyStatus(name_).status(),
            absl::UnavailableError("the connection to " + address_ + " was lost (Socket closed)"));
  query_.answer = ToGrpcStatus(Error(absl::StatusCode::kUnavailable, "UNAVAILABLE", "too busy"));
  EXPECT_EQ(client_->GetStudyStatus(name_).status().message(), "too busy");
}

TEST(RpcStudyClient, AMalformedAddressIsAUsageError) {
  Cancellation cancellation;
  const absl::Status status = RpcStudyClient::Open("nonsense", cancellation).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorField(status), "--server");
}

}  // namespace
}  // namespace photinus
