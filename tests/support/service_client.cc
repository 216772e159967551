#include "tests/support/service_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>

#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/rpc/grpc_status.h"
#include "photinus/v1/query_service.grpc.pb.h"
#include "photinus/v1/worker_service.grpc.pb.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {
namespace {

constexpr int kLargestMessage = 80 << 20;  // more than the server ever sends
constexpr int kReconnectMs = 50;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // else equal channels share one connection
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetMaxReceiveMessageSize(kLargestMessage);
  return arguments;
}

}  // namespace

struct ServiceClient::Stubs {
  Stubs(const std::string& address, bool wait_for_ready)
      : wait_for_ready(wait_for_ready),
        channel(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), Arguments())),
        vizier(::vizier::VizierService::NewStub(channel)),
        worker(v1::WorkerService::NewStub(channel)),
        query(v1::QueryService::NewStub(channel)) {}

  template <typename Response, typename Stub, typename Request>
  absl::StatusOr<Response> Send(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                Stub& stub, const Request& request, const Call& call = {}) {
    grpc::ClientContext context;
    context.set_wait_for_ready(wait_for_ready);
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(call.timeout));
    for (const auto& [key, value] : call.headers) context.AddMetadata(key, value);
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (call.trailing != nullptr) {
      for (const auto& [key, value] : context.GetServerTrailingMetadata()) {
        call.trailing->emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
      }
    }
    RETURN_IF_ERROR(FromGrpcStatus(status));
    return response;
  }

  const bool wait_for_ready;
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<::vizier::VizierService::Stub> vizier;
  const std::unique_ptr<v1::WorkerService::Stub> worker;
  const std::unique_ptr<v1::QueryService::Stub> query;
};

ServiceClient::ServiceClient(const std::string& address, bool wait_for_ready)
    : stubs_(std::make_unique<Stubs>(address, wait_for_ready)) {}

ServiceClient::~ServiceClient() = default;

absl::StatusOr<pb::Study> ServiceClient::CreateStudy(const std::string& owner, const pb::Study& study,
                                                     const Call& call) {
  vizier::CreateStudyRequest request;
  request.set_parent(owner);
  *request.mutable_study() = study;
  return stubs_->Send<pb::Study>(&vizier::VizierService::Stub::CreateStudy, *stubs_->vizier, request, call);
}

absl::StatusOr<pb::Study> ServiceClient::GetStudy(const std::string& name) {
  vizier::GetStudyRequest request;
  request.set_name(name);
  return stubs_->Send<pb::Study>(&vizier::VizierService::Stub::GetStudy, *stubs_->vizier, request);
}

absl::StatusOr<vizier::ListStudiesResponse> ServiceClient::ListStudies(const std::string& owner, int page_size,
                                                                       const std::string& page_token) {
  vizier::ListStudiesRequest request;
  request.set_parent(owner);
  request.set_page_size(page_size);
  request.set_page_token(page_token);
  return stubs_->Send<vizier::ListStudiesResponse>(&vizier::VizierService::Stub::ListStudies, *stubs_->vizier, request);
}

absl::Status ServiceClient::DeleteStudy(const std::string& name, const Call& call) {
  vizier::DeleteStudyRequest request;
  request.set_name(name);
  return stubs_
      ->Send<google::protobuf::Empty>(&vizier::VizierService::Stub::DeleteStudy, *stubs_->vizier, request, call)
      .status();
}

absl::StatusOr<pb::Study> ServiceClient::SetStudyState(const std::string& name, pb::Study::State state) {
  vizier::SetStudyStateRequest request;
  request.set_parent(name);
  request.set_state(state);
  return stubs_->Send<pb::Study>(&vizier::VizierService::Stub::SetStudyState, *stubs_->vizier, request);
}

absl::StatusOr<google::longrunning::Operation> ServiceClient::Suggest(const std::string& study,
                                                                      const std::string& client_id, int count,
                                                                      const Call& call) {
  vizier::SuggestTrialsRequest request;
  request.set_parent(study);
  request.set_client_id(client_id);
  request.set_suggestion_count(count);
  return stubs_->Send<google::longrunning::Operation>(&vizier::VizierService::Stub::SuggestTrials, *stubs_->vizier,
                                                      request, call);
}

absl::StatusOr<google::longrunning::Operation> ServiceClient::GetOperation(const std::string& name) {
  google::longrunning::GetOperationRequest request;
  request.set_name(name);
  return stubs_->Send<google::longrunning::Operation>(&vizier::VizierService::Stub::GetOperation, *stubs_->vizier,
                                                      request);
}

absl::StatusOr<pb::Trial> ServiceClient::CreateTrial(const std::string& study, const pb::Trial& trial,
                                                     const Call& call) {
  vizier::CreateTrialRequest request;
  request.set_parent(study);
  *request.mutable_trial() = trial;
  return stubs_->Send<pb::Trial>(&vizier::VizierService::Stub::CreateTrial, *stubs_->vizier, request, call);
}

absl::StatusOr<pb::Trial> ServiceClient::GetTrial(const std::string& name) {
  vizier::GetTrialRequest request;
  request.set_name(name);
  return stubs_->Send<pb::Trial>(&vizier::VizierService::Stub::GetTrial, *stubs_->vizier, request);
}

absl::StatusOr<vizier::ListTrialsResponse> ServiceClient::ListTrials(const std::string& study, int page_size,
                                                                     const std::string& page_token) {
  vizier::ListTrialsRequest request;
  request.set_parent(study);
  request.set_page_size(page_size);
  request.set_page_token(page_token);
  return stubs_->Send<vizier::ListTrialsResponse>(&vizier::VizierService::Stub::ListTrials, *stubs_->vizier, request);
}

absl::StatusOr<vizier::ListOptimalTrialsResponse> ServiceClient::ListOptimalTrials(const std::string& study) {
  vizier::ListOptimalTrialsRequest request;
  request.set_parent(study);
  return stubs_->Send<vizier::ListOptimalTrialsResponse>(&vizier::VizierService::Stub::ListOptimalTrials,
                                                         *stubs_->vizier, request);
}

absl::StatusOr<pb::Trial> ServiceClient::AddMeasurement(const std::string& trial, const pb::Measurement& measurement,
                                                        const Call& call) {
  vizier::AddTrialMeasurementRequest request;
  request.set_trial_name(trial);
  *request.mutable_measurement() = measurement;
  return stubs_->Send<pb::Trial>(&vizier::VizierService::Stub::AddTrialMeasurement, *stubs_->vizier, request, call);
}

absl::StatusOr<pb::Trial> ServiceClient::Complete(const vizier::CompleteTrialRequest& request, const Call& call) {
  return stubs_->Send<pb::Trial>(&vizier::VizierService::Stub::CompleteTrial, *stubs_->vizier, request, call);
}

absl::StatusOr<pb::Trial> ServiceClient::Complete(const std::string& trial, const pb::Measurement& final_measurement,
                                                  const Call& call) {
  vizier::CompleteTrialRequest request;
  request.set_name(trial);
  *request.mutable_final_measurement() = final_measurement;
  return Complete(request, call);
}

absl::StatusOr<pb::Trial> ServiceClient::CompleteInfeasible(const std::string& trial, const std::string& reason,
                                                            const Call& call) {
  vizier::CompleteTrialRequest request;
  request.set_name(trial);
  request.set_trial_infeasible(true);
  request.set_infeasible_reason(reason);
  return Complete(request, call);
}

absl::Status ServiceClient::DeleteTrial(const std::string& name, const Call& call) {
  vizier::DeleteTrialRequest request;
  request.set_name(name);
  return stubs_
      ->Send<google::protobuf::Empty>(&vizier::VizierService::Stub::DeleteTrial, *stubs_->vizier, request, call)
      .status();
}

absl::StatusOr<bool> ServiceClient::ShouldStop(const std::string& trial, const Call& call) {
  vizier::CheckTrialEarlyStoppingStateRequest request;
  request.set_trial_name(trial);
  ASSIGN_OR_RETURN(const auto response,
                   stubs_->Send<vizier::CheckTrialEarlyStoppingStateResponse>(
                       &vizier::VizierService::Stub::CheckTrialEarlyStoppingState, *stubs_->vizier, request, call));
  return response.should_stop();
}

absl::StatusOr<pb::Trial> ServiceClient::StopTrial(const std::string& name) {
  vizier::StopTrialRequest request;
  request.set_name(name);
  return stubs_->Send<pb::Trial>(&vizier::VizierService::Stub::StopTrial, *stubs_->vizier, request);
}

absl::StatusOr<vizier::UpdateMetadataResponse> ServiceClient::UpdateMetadata(
    const vizier::UpdateMetadataRequest& request, const Call& call) {
  return stubs_->Send<vizier::UpdateMetadataResponse>(&vizier::VizierService::Stub::UpdateMetadata, *stubs_->vizier,
                                                      request, call);
}

absl::StatusOr<v1::PullTrialResponse> ServiceClient::Pull(const v1::PullTrialRequest& request) {
  return stubs_->Send<v1::PullTrialResponse>(&v1::WorkerService::Stub::PullTrial, *stubs_->worker, request);
}

absl::StatusOr<v1::HeartbeatResponse> ServiceClient::Heartbeat(const v1::HeartbeatRequest& request) {
  return stubs_->Send<v1::HeartbeatResponse>(&v1::WorkerService::Stub::Heartbeat, *stubs_->worker, request);
}

absl::Status ServiceClient::Release(const std::string& trial, const std::string& lease_token) {
  v1::ReleaseRequest request;
  request.set_trial(trial);
  request.set_lease_token(lease_token);
  return stubs_->Send<v1::ReleaseResponse>(&v1::WorkerService::Stub::Release, *stubs_->worker, request).status();
}

absl::Status ServiceClient::PutArtifact(const std::string& trial, const std::string& name, const std::string& bytes,
                                        const std::string& lease_token) {
  grpc::ClientContext context;
  context.set_wait_for_ready(stubs_->wait_for_ready);
  v1::PutArtifactResponse response;
  const auto writer = stubs_->worker->PutArtifact(&context, &response);
  v1::PutArtifactRequest header;
  header.mutable_header()->set_trial(trial);
  header.mutable_header()->set_name(name);
  header.mutable_header()->set_size(static_cast<int64_t>(bytes.size()));
  header.mutable_header()->set_sha256(Sha256Hex(bytes));
  header.mutable_header()->set_lease_token(lease_token);
  v1::PutArtifactRequest chunk;
  chunk.set_chunk(bytes);
  if (writer->Write(header)) writer->Write(chunk);  // where it fails, Finish tells why
  writer->WritesDone();
  return FromGrpcStatus(writer->Finish());
}

absl::StatusOr<v1::StudyStatus> ServiceClient::GetStudyStatus(const std::string& name) {
  v1::GetStudyStatusRequest request;
  request.set_name(name);
  return stubs_->Send<v1::StudyStatus>(&v1::QueryService::Stub::GetStudyStatus, *stubs_->query, request);
}

absl::StatusOr<v1::StudyStatus> ServiceClient::DrainStudy(const std::string& name, v1::DrainStudyRequest::Mode mode) {
  v1::DrainStudyRequest request;
  request.set_name(name);
  request.set_mode(mode);
  return stubs_->Send<v1::StudyStatus>(&v1::QueryService::Stub::DrainStudy, *stubs_->query, request);
}

absl::StatusOr<v1::ListWorkersResponse> ServiceClient::ListWorkers() {
  return stubs_->Send<v1::ListWorkersResponse>(&v1::QueryService::Stub::ListWorkers, *stubs_->query,
                                               v1::ListWorkersRequest());
}

absl::StatusOr<v1::ListAttemptsResponse> ServiceClient::ListAttempts(const std::string& trial) {
  v1::ListAttemptsRequest request;
  request.set_trial(trial);
  return stubs_->Send<v1::ListAttemptsResponse>(&v1::QueryService::Stub::ListAttempts, *stubs_->query, request);
}

std::vector<pb::Trial> TrialsOf(const google::longrunning::Operation& operation) {
  vizier::SuggestTrialsResponse response;
  operation.response().UnpackTo(&response);
  return {response.trials().begin(), response.trials().end()};
}

}  // namespace photinus
