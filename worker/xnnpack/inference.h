#ifndef PHOTINUS_WORKER_XNNPACK_INFERENCE_H_
#define PHOTINUS_WORKER_XNNPACK_INFERENCE_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/quantized_model.h"
#include "worker/tflite/runner.h"

namespace photinus::xnnpack {

// A network as a deployed one runs: one example at a time on one thread, by NewFastestRunner. To measure what an
// inference costs; what the example is does not matter to integers. One object serves one thread.
class Inference {
 public:
  // Errors: those of NewFastestRunner.
  static Result<Inference> Of(const graph::QuantizedModel& model);

  const char* runner() const { return runner_->Name(); }  // "xnnpack" or "interpreter"

  Result<void> Run();

 private:
  Inference(std::unique_ptr<tflite::Runner> runner, std::vector<std::int8_t> example)
      : runner_(std::move(runner)), example_(std::move(example)) {}

  std::unique_ptr<tflite::Runner> runner_;
  std::vector<std::int8_t> example_;
};

}  // namespace photinus::xnnpack

#endif  // PHOTINUS_WORKER_XNNPACK_INFERENCE_H_
