#ifndef PHOTINUS_WORKER_TRAIN_FLOAT_INFERENCE_H_
#define PHOTINUS_WORKER_TRAIN_FLOAT_INFERENCE_H_

#include <functional>
#include <string>

#include "worker/base/result.h"
#include "worker/graph/graph.h"

namespace photinus::train {

// Inferences of an untrained network in floats, to measure what they take on a device: each call computes one batch of
// `batch` examples, at least 1, on a CPU by one thread, and returns when the device is done. Unavailable: as
// CheckDevice; InvalidArgument, also of a call: no memory for it. Neither this function nor the calls throw.
Result<std::function<Result<void>()>> NewFloatInference(const graph::Graph& graph, const std::string& device,
                                                        int batch);

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_FLOAT_INFERENCE_H_
