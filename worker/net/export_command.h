#ifndef PHOTINUS_WORKER_NET_EXPORT_COMMAND_H_
#define PHOTINUS_WORKER_NET_EXPORT_COMMAND_H_

#include <cstdint>
#include <string>

#include "worker/base/result.h"

namespace photinus::net {

// `net export`: the .tflite of an untrained network, its weights drawn from `seed`, its ranges calibrated. The work is
// done by `photinus-trial export` (this program knows no libtorch), which runs as a child and inherits stderr.
// net: as graph::FindArchitecture, which checks it first. trial_program: path of photinus-trial.
// NotFound: the file or the program; InvalidArgument: no network; Unavailable: the child failed or cannot be started.
Result<void> RunExport(const std::string& net, std::uint64_t seed, const std::string& out,
                       const std::string& trial_program);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_EXPORT_COMMAND_H_
