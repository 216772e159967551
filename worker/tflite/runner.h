#ifndef PHOTINUS_WORKER_TFLITE_RUNNER_H_
#define PHOTINUS_WORKER_TFLITE_RUNNER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/quantized_model.h"
#include "worker/tflite/rounding.h"

namespace photinus::tflite {

// Runs one deployed network on batches of int8 examples. One object serves one thread.
class Runner {
 public:
  virtual ~Runner() = default;

  virtual const char* Name() const = 0;  // "interpreter" or "xnnpack"
  virtual const graph::QuantizedModel& Model() const = 0;

  // inputs: whole examples one after the other, any number of them. Returns the network's outputs, example by example.
  // InvalidArgument: `inputs` ends within an example.
  virtual Result<std::vector<std::int8_t>> Run(std::span<const std::int8_t> inputs) = 0;

  // The values of any tensor, by its index in the graph, for the last example of the latest run; until the next one.
  virtual std::span<const std::int8_t> TensorValues(int index) const = 0;

 protected:
  // Of a batch for Model(). InvalidArgument as Run says.
  Result<std::int64_t> ExampleCount(std::span<const std::int8_t> inputs) const;
};

// One by the Interpreter: slow, and right by definition. Errors: those of Interpreter::FromModel.
Result<std::unique_ptr<Runner>> NewInterpreterRunner(graph::QuantizedModel model, Rounding rounding);

}  // namespace photinus::tflite

#endif  // PHOTINUS_WORKER_TFLITE_RUNNER_H_
