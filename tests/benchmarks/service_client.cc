#include "tests/benchmarks/service_client.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

constexpr int kConnections = 8;
constexpr auto kPoll = std::chrono::milliseconds(20);

void CheckCall(const grpc::Status& status, const char* method) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", method, status.error_message().c_str());
  std::exit(1);
}

std::unique_ptr<vizier::VizierService::Stub> Connect(const std::string& address, int number) {
  grpc::ChannelArguments arguments;
  arguments.SetInt("photinus.benchmark.channel", number);  // else all channels share one connection
  return vizier::VizierService::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
}

}  // namespace

ServiceClient::ServiceClient(const std::string& address) {
  for (int i = 0; i < kConnections; ++i) stubs_.push_back(Connect(address, i));
}

vizier::VizierService::Stub& ServiceClient::stub() {
  static std::atomic<size_t> threads = 0;
  thread_local const size_t thread = threads++;
  return *stubs_[thread % stubs_.size()];
}

std::string ServiceClient::CreateStudy(AStudy study) {
  static std::atomic<int> studies = 0;
  vizier::CreateStudyRequest request;
  request.set_parent("owners/benchmark");
  *request.mutable_study() = study.Study();
  request.mutable_study()->set_display_name(
      absl::StrCat("bench-", std::chrono::system_clock::now().time_since_epoch().count(), "-", studies++));
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  pb::Study created;
  CheckCall(stub().CreateStudy(&context, request, &created), "CreateStudy");
  return created.name();
}

std::vector<pb::Trial> ServiceClient::Suggest(const std::string& study, const std::string& client, int count) {
  vizier::SuggestTrialsRequest request;
  request.set_parent(study);
  request.set_client_id(client);
  request.set_suggestion_count(count);
  google::longrunning::Operation operation;
  grpc::ClientContext context;
  CheckCall(stub().SuggestTrials(&context, request, &operation), "SuggestTrials");
  while (!operation.done()) {
    std::this_thread::sleep_for(kPoll);
    google::longrunning::GetOperationRequest poll;
    poll.set_name(operation.name());
    grpc::ClientContext poll_context;
    CheckCall(stub().GetOperation(&poll_context, poll, &operation), "GetOperation");
  }
  vizier::SuggestTrialsResponse response;
  if (!response.ParseFromString(operation.response().value())) {  // google-vizier's server sets no type
    CheckCall({grpc::StatusCode::INTERNAL, "not a SuggestTrialsResponse"}, "SuggestTrials");
  }
  return {response.trials().begin(), response.trials().end()};
}

void ServiceClient::AddMeasurement(const std::string& trial, int64_t step, double y) {
  vizier::AddTrialMeasurementRequest request;
  request.set_trial_name(trial);
  *request.mutable_measurement() = AMeasurement(step, {{"y", y}});
  grpc::ClientContext context;
  pb::Trial changed;
  CheckCall(stub().AddTrialMeasurement(&context, request, &changed), "AddTrialMeasurement");
}

void ServiceClient::Complete(const std::string& trial, double y) {
  vizier::CompleteTrialRequest request;
  request.set_name(trial);
  *request.mutable_final_measurement() = AMeasurement(1, {{"y", y}});
  grpc::ClientContext context;
  pb::Trial changed;
  CheckCall(stub().CompleteTrial(&context, request, &changed), "CompleteTrial");
}

void ServiceClient::GetTrial(const std::string& trial) {
  vizier::GetTrialRequest request;
  request.set_name(trial);
  grpc::ClientContext context;
  pb::Trial found;
  CheckCall(stub().GetTrial(&context, request, &found), "GetTrial");
}

void ServiceClient::PutMetadata(const std::string& study, const std::string& key) {
  vizier::UpdateMetadataRequest request;
  request.set_name(study);
  auto& entry = *request.add_delta()->mutable_metadatum();
  entry.set_ns("benchmark");
  entry.set_key(key);
  entry.set_value("0123456789");
  grpc::ClientContext context;
  vizier::UpdateMetadataResponse response;
  CheckCall(stub().UpdateMetadata(&context, request, &response), "UpdateMetadata");
}

std::string ServiceClient::ListPage(const std::string& study, int page_size, const std::string& token) {
  vizier::ListTrialsRequest request;
  request.set_parent(study);
  request.set_page_size(page_size);
  request.set_page_token(token);
  grpc::ClientContext context;
  vizier::ListTrialsResponse page;
  CheckCall(stub().ListTrials(&context, request, &page), "ListTrials");
  return page.next_page_token();
}

void ServiceClient::ListOptimal(const std::string& study) {
  vizier::ListOptimalTrialsRequest request;
  request.set_parent(study);
  grpc::ClientContext context;
  vizier::ListOptimalTrialsResponse response;
  CheckCall(stub().ListOptimalTrials(&context, request, &response), "ListOptimalTrials");
}

void ServiceClient::CheckEarlyStopping(const std::string& trial) {
  vizier::CheckTrialEarlyStoppingStateRequest request;
  request.set_trial_name(trial);
  grpc::ClientContext context;
  vizier::CheckTrialEarlyStoppingStateResponse response;
  CheckCall(stub().CheckTrialEarlyStoppingState(&context, request, &response), "CheckTrialEarlyStoppingState");
}

}  // namespace photinus
