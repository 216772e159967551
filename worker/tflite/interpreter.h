#ifndef PHOTINUS_WORKER_TFLITE_INTERPRETER_H_
#define PHOTINUS_WORKER_TFLITE_INTERPRETER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/quantized_model.h"
#include "worker/tflite/kernel.h"
#include "worker/tflite/rounding.h"

namespace photinus::tflite {

// Runs a .tflite file with integers alone, bit for bit as the runtime that `rounding` names. One object serves one
// thread; several may share nothing but the file's bytes.
class Interpreter {
 public:
  // Starts from a file's bytes, as every evaluation must. Errors: those of ReadTflite and MakeKernel.
  static Result<Interpreter> FromFile(const std::vector<std::uint8_t>& bytes, Rounding rounding);

  // The same from a model in memory, which is checked first.
  static Result<Interpreter> FromModel(graph::QuantizedModel model, Rounding rounding);

  const graph::QuantizedModel& Model() const { return model_; }

  // Values of one example, with their quantization.
  std::int64_t InputSize() const { return static_cast<std::int64_t>(tensors_[model_.graph.input].size()); }
  std::int64_t OutputSize() const { return static_cast<std::int64_t>(tensors_[model_.graph.output].size()); }
  const graph::Quantization& InputQuantization() const { return model_.tensors[model_.graph.input]; }
  const graph::Quantization& OutputQuantization() const { return model_.tensors[model_.graph.output]; }

  // Runs one example of InputSize() values; the network's output (or that of any tensor, by its index in the graph)
  // can then be read until the next run. InvalidArgument when `input` has another size.
  Result<void> Run(std::span<const std::int8_t> input);
  std::span<const std::int8_t> Output() const { return tensors_[model_.graph.output]; }
  std::span<const std::int8_t> TensorValues(int index) const { return tensors_[index]; }

 private:
  Interpreter() = default;

  struct Step {
    std::unique_ptr<Kernel> kernel;
    std::vector<const std::int8_t*> inputs;
    std::int8_t* output = nullptr;
  };

  graph::QuantizedModel model_;
  std::vector<std::vector<std::int8_t>> tensors_;  // one per tensor of the graph
  std::vector<Step> steps_;                        // point into tensors_, whose elements never move
};

// Real values as a network's input: clamp(round(value / scale) + zero point), half to even, as runtimes' QUANTIZE does.
void QuantizeInput(std::span<const float> values, const graph::Quantization& quantization, std::int8_t* out);

// The index of the largest output, the first among equals.
int Argmax(std::span<const std::int8_t> values);

}  // namespace photinus::tflite

#endif  // PHOTINUS_WORKER_TFLITE_INTERPRETER_H_
