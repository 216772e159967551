#include "worker/agent/artifact_upload.h"

#include <spdlog/spdlog.h>

#include "common/rpc/artifact_file.h"

namespace photinus {
namespace {

// Size limits are ours to judge: the server's ResourceExhausted is a full disk, which may pass.
absl::Status CheckFile(const std::string& path) { return OutgoingFile::Open(path).status(); }

}  // namespace

absl::Status UploadArtifacts(ServerClients& clients, const std::string& trial, const std::string& lease_token,
                             const std::vector<ResultArtifact>& artifacts, Cancellation& cancellation) {
  for (const ResultArtifact& artifact : artifacts) {
    absl::Status status = CheckFile(artifact.path);
    if (status.ok()) {
      status = UntilAnswered(cancellation, [&] {
        return clients.worker.PutArtifact(trial, artifact.name, artifact.path, TrialCall(lease_token, cancellation));
      });
    }
    if (absl::IsCancelled(status)) return status;
    if (!status.ok()) spdlog::warn("{}: artifact {} is not kept: {}", trial, artifact.name, status.ToString());
  }
  return absl::OkStatus();
}

}  // namespace photinus
