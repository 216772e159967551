#ifndef PHOTINUS_WORKER_XNNPACK_FASTEST_RUNNER_H_
#define PHOTINUS_WORKER_XNNPACK_FASTEST_RUNNER_H_

#include <memory>
#include <span>

#include "worker/base/result.h"
#include "worker/graph/quantized_model.h"
#include "worker/tflite/runner.h"

namespace photinus::xnnpack {

// XNNPACK's runner of one thread; where there is none (NewXnnpackRunner says when), the interpreter's. Both give the
// same bits. batch: examples that go through an operator at once. Errors: InvalidArgument, as theirs.
Result<std::unique_ptr<tflite::Runner>> NewFastestRunner(const graph::QuantizedModel& model, int batch);

// Whether `runner` gives for these examples what the interpreter gives. Unavailable: it does not, which only a fault of
// this machine can explain; errors of either run are returned as they are.
Result<void> CheckAgainstInterpreter(tflite::Runner& runner, std::span<const std::int8_t> inputs);

}  // namespace photinus::xnnpack

#endif  // PHOTINUS_WORKER_XNNPACK_FASTEST_RUNNER_H_
