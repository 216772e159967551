#include "worker/xnnpack/inference.h"

#include <cstddef>

#include "worker/xnnpack/fastest_runner.h"

namespace photinus::xnnpack {

Result<Inference> Inference::Of(const graph::QuantizedModel& model) {
  PHOTINUS_ASSIGN_OR_RETURN(std::unique_ptr<tflite::Runner> runner, NewFastestRunner(model, /*batch=*/1));
  const graph::Dims& input = model.graph.tensors[model.graph.input].dims;
  return Inference(std::move(runner), std::vector<std::int8_t>(static_cast<std::size_t>(graph::ElementCount(input))));
}

Result<void> Inference::Run() {
  PHOTINUS_RETURN_IF_ERROR(runner_->Run(example_));
  return {};
}

}  // namespace photinus::xnnpack
