#ifndef PHOTINUS_WORKER_XNNPACK_XNNPACK_RUNNER_H_
#define PHOTINUS_WORKER_XNNPACK_XNNPACK_RUNNER_H_

#include <memory>

#include "worker/base/result.h"
#include "worker/graph/quantized_model.h"
#include "worker/tflite/runner.h"

namespace photinus::xnnpack {

struct XnnpackOptions {
  int threads = 1;  // at least 1
  int batch = 1;    // examples that go through an operator at once, at least 1
};

// Runs a network with XNNPACK, the library that TFLite and LiteRT compute with by default on CPUs: bit for bit what
// tflite::Interpreter computes with Rounding::kXnn, and faster. InvalidArgument: the model does not pass
// ValidateModel, or a runtime would refuse its numbers. Unavailable: XNNPACK does not run on this processor, or this
// program is built without it (photinus-trial with another libtorch than Debian's, which has its own XNNPACK).
Result<std::unique_ptr<tflite::Runner>> NewXnnpackRunner(graph::QuantizedModel model, const XnnpackOptions& options);

}  // namespace photinus::xnnpack

#endif  // PHOTINUS_WORKER_XNNPACK_XNNPACK_RUNNER_H_
