#include "worker/xnnpack/fastest_runner.h"

#include <string>
#include <vector>

#include "worker/xnnpack/xnnpack_runner.h"

namespace photinus::xnnpack {

Result<std::unique_ptr<tflite::Runner>> NewFastestRunner(const graph::QuantizedModel& model, int batch) {
  Result<std::unique_ptr<tflite::Runner>> fast = NewXnnpackRunner(model, {.threads = 1, .batch = batch});
  if (fast.ok() || fast.error().code != ErrorCode::kUnavailable) return fast;
  return tflite::NewInterpreterRunner(model, tflite::Rounding::kXnn);
}

Result<void> CheckAgainstInterpreter(tflite::Runner& runner, std::span<const std::int8_t> inputs) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::unique_ptr<tflite::Runner> interpreter,
                            tflite::NewInterpreterRunner(runner.Model(), tflite::Rounding::kXnn));
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<std::int8_t> outputs, runner.Run(inputs));
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<std::int8_t> expected, interpreter->Run(inputs));
  if (outputs == expected) return {};
  return Unavailable(std::string("on this machine ") + runner.Name() + " computes other values than the interpreter");
}

}  // namespace photinus::xnnpack
