#include "common/rpc/worker_client.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "common/base/status_macros.h"
#include "common/rpc/artifact_file.h"
#include "common/rpc/unary_call.h"
#include "photinus/v1/worker_service.grpc.pb.h"

namespace photinus {
namespace {

using Service = v1::WorkerService::Stub;

// The slowest transfer that is waited for; it may also stand still that long. A connection that is gone ends a call
// sooner (keepalive).
constexpr int64_t kSlowestBytesPerSecond = 128 << 10;

CallOptions WithTimeFor(int64_t bytes, CallOptions options) {
  options.timeout += absl::Seconds(bytes) / kSlowestBytesPerSecond;
  return options;
}

// One upload from the first byte. `local` is set if the file, not the call, failed.
grpc::Status SendFile(Service& service, grpc::ClientContext& context, const v1::PutArtifactRequest& header,
                      const OutgoingFile& file, absl::Status& local) {
  v1::PutArtifactResponse response;
  const auto writer = service.PutArtifact(&context, &response);
  if (writer->Write(header)) {
    v1::PutArtifactRequest part;
    local = file.Read([&](std::string&& chunk) {
      part.set_chunk(std::move(chunk));
      return writer->Write(part);  // false: the server has answered already
    });
    if (!local.ok()) context.TryCancel();
    writer->WritesDone();
  }
  return writer->Finish();
}

}  // namespace

struct WorkerClient::Stub {
  std::shared_ptr<grpc::Channel> channel;  // outlives the stub
  std::unique_ptr<Service> service;
};

WorkerClient::WorkerClient(const Channel& channel)
    : stub_(new Stub{channel.grpc_channel(), v1::WorkerService::NewStub(channel.grpc_channel())}) {}
WorkerClient::~WorkerClient() = default;
WorkerClient::WorkerClient(WorkerClient&&) noexcept = default;
WorkerClient& WorkerClient::operator=(WorkerClient&&) noexcept = default;

absl::StatusOr<v1::PullTrialResponse> WorkerClient::PullTrial(const v1::PullTrialRequest& request,
                                                              const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::PullTrial, request, options);
}

absl::StatusOr<v1::HeartbeatResponse> WorkerClient::Heartbeat(const v1::HeartbeatRequest& request,
                                                              const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::Heartbeat, request, options);
}

absl::Status WorkerClient::Release(const v1::ReleaseRequest& request, const CallOptions& options) {
  return UnaryCall(*stub_->channel, *stub_->service, &Service::Release, request, options).status();
}

absl::Status WorkerClient::PutArtifact(const std::string& trial, const std::string& name, const std::string& path,
                                       const CallOptions& options) {
  ASSIGN_OR_RETURN(const OutgoingFile file, OutgoingFile::Open(path));
  v1::PutArtifactRequest header;
  header.mutable_header()->set_trial(trial);
  header.mutable_header()->set_name(name);
  header.mutable_header()->set_size(file.size());
  header.mutable_header()->set_sha256(file.sha256());
  header.mutable_header()->set_lease_token(options.lease_token);
  absl::Status local;
  const absl::Status status = CallWithRepeats(
      *stub_->channel, WithTimeFor(file.size(), options),
      [&](grpc::ClientContext& context) { return SendFile(*stub_->service, context, header, file, local); });
  return local.ok() ? status : local;
}

absl::StatusOr<WorkerClient::Fetched> WorkerClient::GetArtifact(const std::string& trial, const std::string& name,
                                                                const std::string& path, const CallOptions& options) {
  v1::GetArtifactRequest request;
  request.set_trial(trial);
  request.set_name(name);
  Fetched fetched;
  absl::Status local;
  const CallOptions patient = WithTimeFor(kMaxArtifactBytes, options);  // its size comes with it
  const absl::Status status = CallWithRepeats(*stub_->channel, patient, [&](grpc::ClientContext& context) {
    const auto reader = stub_->service->GetArtifact(&context, request);
    auto file = IncomingFile::Create(path);
    local = file.status();
    v1::GetArtifactResponse part;
    while (local.ok() && reader->Read(&part)) {
      if (part.has_header()) fetched = Fetched{part.header().size(), part.header().sha256()};
      if (part.has_chunk()) local = file->Append(part.chunk());
    }
    if (!local.ok()) context.TryCancel();
    const grpc::Status finished = reader->Finish();
    if (finished.ok() && local.ok()) local = file->Commit(fetched.size, fetched.sha256);
    return finished;
  });
  RETURN_IF_ERROR(local);
  RETURN_IF_ERROR(status);
  return fetched;
}

}  // namespace photinus
