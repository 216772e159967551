#include "common/rpc/admin_client.h"

#include <grpcpp/grpcpp.h>

#include "common/base/status_macros.h"
#include "common/rpc/artifact_file.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/unary_call.h"
#include "photinus/v1/admin_service.grpc.pb.h"

namespace photinus {

struct AdminClient::Stub {
  std::shared_ptr<grpc::Channel> channel;  // outlives the stub
  std::unique_ptr<v1::AdminService::Stub> service;
};

AdminClient::AdminClient(const Channel& channel)
    : stub_(new Stub{channel.grpc_channel(), v1::AdminService::NewStub(channel.grpc_channel())}) {}
AdminClient::~AdminClient() = default;
AdminClient::AdminClient(AdminClient&&) noexcept = default;
AdminClient& AdminClient::operator=(AdminClient&&) noexcept = default;

absl::Status AdminClient::Backup(const std::string& path,
                                 absl::FunctionRef<void(int64_t done, int64_t total)> on_progress,
                                 const CallOptions& options) {
  ASSIGN_OR_RETURN(IncomingFile file, IncomingFile::Create(path));
  grpc::ClientContext context;
  PrepareContext(options, absl::Now() + options.timeout, context);
  Cancellation::Registration registration(options.cancellation, [&context] { context.TryCancel(); });
  const auto reader = stub_->service->Backup(&context, v1::BackupRequest());
  v1::BackupResponse part;
  absl::Status local;
  int64_t done = 0;
  int64_t size = 0;
  std::string sha256;
  while (local.ok() && reader->Read(&part)) {
    if (part.has_size()) size = part.size();
    if (part.has_end()) sha256 = part.end().sha256();
    if (!part.has_chunk()) continue;
    local = file.Append(part.chunk());
    done += static_cast<int64_t>(part.chunk().size());
    on_progress(done, size);
  }
  if (!local.ok()) context.TryCancel();
  const absl::Status status = FromGrpcStatus(reader->Finish());
  RETURN_IF_ERROR(local);
  RETURN_IF_ERROR(status);
  return file.Commit(size, sha256);
}

}  // namespace photinus
