#include "common/rpc/vizier_client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "common/base/backoff.h"
#include "common/base/errors.h"
#include "common/base/measurements.h"
#include "common/base/status_macros.h"
#include "common/rpc/unary_call.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {
namespace {

using Service = pb::VizierService::Stub;

constexpr absl::Duration kFirstPoll = absl::Milliseconds(20);
constexpr absl::Duration kLongestPoll = absl::Seconds(1);

// Operations carry their trials as an Any.
absl::StatusOr<pb::SuggestTrialsResponse> ResultOf(const google::longrunning::Operation& operation) {
  if (operation.has_error()) {
    return absl::Status(static_cast<absl::StatusCode>(operation.error().code()), operation.error().message());
  }
  pb::SuggestTrialsResponse response;
  if (!response.ParseFromString(operation.response().value())) {
    return absl::InternalError(operation.name() + " has a response that is not a SuggestTrialsResponse");
  }
  return response;
}

}  // namespace

struct VizierClient::Stub {
  std::shared_ptr<grpc::Channel> channel;  // outlives the stub
  std::unique_ptr<Service> service;
};

VizierClient::VizierClient(const Channel& channel)
    : stub_(new Stub{channel.grpc_channel(), pb::VizierService::NewStub(channel.grpc_channel())}) {}
VizierClient::~VizierClient() = default;
VizierClient::VizierClient(VizierClient&&) noexcept = default;
VizierClient& VizierClient::operator=(VizierClient&&) noexcept = default;

absl::StatusOr<VizierClient::CreatedStudy> VizierClient::CreateStudy(const pb::CreateStudyRequest& request,
                                                                     const CallOptions& options) {
  CreatedStudy created;
  RETURN_IF_ERROR(CallWithRepeats(*stub_->channel, WithRequestId(options), [&](grpc::ClientContext& context) {
    created.study.Clear();
    const grpc::Status status = stub_->service->CreateStudy(&context, request, &created.study);
    created.spec_mismatch = context.GetServerTrailingMetadata().count("x-spec-mismatch") > 0;
    return status;
  }));
  return created;
}

absl::StatusOr<pb::Study> VizierClient::GetStudy(const pb::GetStudyRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::GetStudy, request, options);
}

absl::StatusOr<pb::ListStudiesResponse> VizierClient::ListStudies(const pb::ListStudiesRequest& request,
                                                                  const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::ListStudies, request, options);
}

absl::Status VizierClient::DeleteStudy(const pb::DeleteStudyRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::DeleteStudy, request, WithRequestId(options)).status();
}

absl::StatusOr<pb::Study> VizierClient::SetStudyState(const pb::SetStudyStateRequest& request,
                                                      const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::SetStudyState, request, WithRequestId(options));
}

absl::StatusOr<google::longrunning::Operation> VizierClient::SuggestTrials(const pb::SuggestTrialsRequest& request,
                                                                           const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::SuggestTrials, request, options);
}

absl::StatusOr<google::longrunning::Operation> VizierClient::GetOperation(
    const google::longrunning::GetOperationRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::GetOperation, request, options);
}

absl::StatusOr<pb::SuggestTrialsResponse> VizierClient::SuggestTrialsAndWait(const pb::SuggestTrialsRequest& request,
                                                                             const CallOptions& options) {
  const absl::Time deadline = absl::Now() + options.timeout;
  ASSIGN_OR_RETURN(google::longrunning::Operation operation, SuggestTrials(request, options));
  Cancellation never;
  const Cancellation& cancellation = options.cancellation == nullptr ? never : *options.cancellation;
  absl::Duration wait = kFirstPoll;
  google::longrunning::GetOperationRequest poll;
  poll.set_name(operation.name());
  while (!operation.done()) {
    CallOptions rest = options;
    rest.timeout = deadline - absl::Now();
    if (rest.timeout <= wait) {
      return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                   operation.name() + " is still being computed; ask for it later");
    }
    if (cancellation.WaitFor(wait)) return absl::CancelledError("the call was cancelled");
    wait = std::min(2 * wait, kLongestPoll);
    ASSIGN_OR_RETURN(operation, GetOperation(poll, rest));
  }
  return ResultOf(operation);
}

absl::StatusOr<pb::Trial> VizierClient::CreateTrial(const pb::CreateTrialRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::CreateTrial, request, WithRequestId(options));
}

absl::StatusOr<pb::Trial> VizierClient::GetTrial(const pb::GetTrialRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::GetTrial, request, options);
}

absl::StatusOr<pb::ListTrialsResponse> VizierClient::ListTrials(const pb::ListTrialsRequest& request,
                                                                const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::ListTrials, request, options);
}

absl::StatusOr<pb::Trial> VizierClient::AddTrialMeasurement(const pb::AddTrialMeasurementRequest& request,
                                                            const CallOptions& options) {
  // The server knows a measurement again by its step or time.
  const bool known_again = HasPlace(request.measurement());
  return UnaryCall(*stub_->channel, *stub_->service, &Service::AddTrialMeasurement, request,
                   known_again ? options : WithRequestId(options));
}

absl::StatusOr<pb::Trial> VizierClient::CompleteTrial(const pb::CompleteTrialRequest& request,
                                                      const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::CompleteTrial, request, options);
}

absl::Status VizierClient::DeleteTrial(const pb::DeleteTrialRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::DeleteTrial, request, WithRequestId(options)).status();
}

absl::StatusOr<bool> VizierClient::CheckTrialEarlyStoppingState(const pb::CheckTrialEarlyStoppingStateRequest& request,
                                                                const CallOptions& options) {
  ASSIGN_OR_RETURN(
      const pb::CheckTrialEarlyStoppingStateResponse response,
      UnaryCall(*stub_->channel, *stub_->service, &Service::CheckTrialEarlyStoppingState, request, options));
  return response.should_stop();
}

absl::StatusOr<pb::Trial> VizierClient::StopTrial(const pb::StopTrialRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::StopTrial, request, options);
}

absl::StatusOr<pb::ListOptimalTrialsResponse> VizierClient::ListOptimalTrials(
    const pb::ListOptimalTrialsRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::ListOptimalTrials, request, options);
}

absl::Status VizierClient::UpdateMetadata(const pb::UpdateMetadataRequest& request, const CallOptions& options) {
  ASSIGN_OR_RETURN(
      const pb::UpdateMetadataResponse response,
      UnaryCall(*stub_->channel, *stub_->service, &Service::UpdateMetadata, request, WithRequestId(options)));
  if (response.error_details().empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT", response.error_details());
}

}  // namespace photinus
