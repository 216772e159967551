#ifndef PHOTINUS_WORKER_TRIAL_EXPORT_COMMAND_H_
#define PHOTINUS_WORKER_TRIAL_EXPORT_COMMAND_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "worker/base/result.h"

namespace photinus::trial {

// `photinus-trial export`: writes the .tflite of an untrained network. net: as graph::FindArchitecture. Weights are
// drawn from `seed`, activation ranges calibrated on noise drawn from it; equal arguments give equal bytes on one
// machine. InvalidArgument: no such network, or its content. Unavailable: `out` cannot be written.
Result<void> RunExportCommand(const std::string& net, uint64_t seed, const std::filesystem::path& out);

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_EXPORT_COMMAND_H_
