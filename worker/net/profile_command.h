#ifndef PHOTINUS_WORKER_NET_PROFILE_COMMAND_H_
#define PHOTINUS_WORKER_NET_PROFILE_COMMAND_H_

#include <iosfwd>
#include <string>

#include "worker/base/result.h"

namespace photinus::net {

// `net profile`: counts of a network (worker/graph/counters.h) and the exact size of its .tflite, whole and per layer,
// as a table or as one JSON object {"name", "params", "flops", "macs", "size_bytes", "trainable_params",
// "keras_qat_params", "size_law_bytes", "fp_ops", "flops_with_pointwise", "bytes_moved", "compute_intensity", "layers":
// [{"name", "type", "window", "output", "params", "flops", "macs"}]}; bytes_moved and compute_intensity with fused
// pointwise operations. latency: also "latency", that of an untrained network on this machine
// (worker/xnnpack/model_latency.h). net, and errors: as graph::FindArchitecture; those of MeasureModelLatency.
Result<void> RunProfile(const std::string& net, bool latency, bool as_json, std::ostream& stream);

}  // namespace photinus::net

#endif  // PHOTINUS_WORKER_NET_PROFILE_COMMAND_H_
