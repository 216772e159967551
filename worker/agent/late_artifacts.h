// What a trial made for a result that came too late.
#ifndef PHOTINUS_WORKER_AGENT_LATE_ARTIFACTS_H_
#define PHOTINUS_WORKER_AGENT_LATE_ARTIFACTS_H_

#include <cstddef>
#include <filesystem>

#include "worker/agent/trial_result.h"

namespace photinus {

inline constexpr size_t kMaxLateTrials = 20;

// Moves the artifacts that lie in the result's work dir into a folder of `late_folder` with the work dir's name
// (<study>.<id>.<attempt>-<random>), and logs where. Artifacts elsewhere stay where they are. Of such folders the
// latest kMaxLateTrials are kept. What fails is logged.
void KeepLateArtifacts(const std::filesystem::path& late_folder, const TrialResult& result);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_LATE_ARTIFACTS_H_
