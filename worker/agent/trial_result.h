// What a finished trial has to hand over.
#ifndef PHOTINUS_WORKER_AGENT_TRIAL_RESULT_H_
#define PHOTINUS_WORKER_AGENT_TRIAL_RESULT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "vizier/vizier_service.pb.h"

namespace photinus {

struct ResultArtifact {
  std::string name;
  std::string path;  // absolute
};

struct TrialResult {
  std::string lease_token;
  std::vector<vizier::Measurement> unsent;  // intermediate ones that the server may not have yet
  vizier::CompleteTrialRequest complete;
  std::vector<ResultArtifact> artifacts;
  std::string work_dir;  // removed once all of this is delivered
};

// As JSON, for the spool. Metrics that are not finite survive.
std::string TrialResultToJson(const TrialResult& result);
// InvalidArgument for anything that TrialResultToJson did not write.
absl::StatusOr<TrialResult> TrialResultFromJson(const std::string& json);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_TRIAL_RESULT_H_
