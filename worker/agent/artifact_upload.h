// Files of a trial, handed to the server.
#ifndef PHOTINUS_WORKER_AGENT_ARTIFACT_UPLOAD_H_
#define PHOTINUS_WORKER_AGENT_ARTIFACT_UPLOAD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "worker/agent/server_calls.h"
#include "worker/agent/trial_result.h"

namespace photinus {

// The agent's own artifact: the tail of what the program printed.
inline constexpr char kLogArtifact[] = "log.txt";

// Stores each file with the trial; waits while the server is away. A file that is missing, too big or refused is logged
// and skipped: it must not cost the trial's result. Cancelled once `cancellation` is.
absl::Status UploadArtifacts(ServerClients& clients, const std::string& trial, const std::string& lease_token,
                             const std::vector<ResultArtifact>& artifacts, Cancellation& cancellation);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_ARTIFACT_UPLOAD_H_
