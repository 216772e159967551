#include "worker/tflite/interpreter.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "worker/tflite/reader.h"

namespace photinus::tflite {

Result<Interpreter> Interpreter::FromFile(const std::vector<std::uint8_t>& bytes, Rounding rounding) {
  PHOTINUS_ASSIGN_OR_RETURN(graph::QuantizedModel model, ReadTflite(bytes));
  return FromModel(std::move(model), rounding);
}

Result<Interpreter> Interpreter::FromModel(graph::QuantizedModel model, Rounding rounding) {
  PHOTINUS_RETURN_IF_ERROR(graph::ValidateModel(model));
  Interpreter interpreter;
  interpreter.model_ = std::move(model);
  const graph::Graph& graph = interpreter.model_.graph;
  for (const graph::Tensor& tensor : graph.tensors) {
    interpreter.tensors_.emplace_back(graph::ElementCount(tensor.dims), std::int8_t{0});
  }
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    Step step;
    PHOTINUS_ASSIGN_OR_RETURN(step.kernel, MakeKernel(interpreter.model_, i, rounding));
    for (const int input : graph.ops[i].inputs) step.inputs.push_back(interpreter.tensors_[input].data());
    step.output = interpreter.tensors_[graph.ops[i].output].data();
    interpreter.steps_.push_back(std::move(step));
  }
  return interpreter;
}

Result<void> Interpreter::Run(std::span<const std::int8_t> input) {
  if (static_cast<std::int64_t>(input.size()) != InputSize()) {
    return InvalidArgument("the network takes " + std::to_string(InputSize()) + " values, not " +
                           std::to_string(input.size()));
  }
  std::copy(input.begin(), input.end(), tensors_[model_.graph.input].begin());
  for (Step& step : steps_) step.kernel->Run(step.inputs, step.output);
  return {};
}

void QuantizeInput(std::span<const float> values, const graph::Quantization& quantization, std::int8_t* out) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float q = std::nearbyint(values[i] / quantization.scale) + static_cast<float>(quantization.zero_point);
    // Written so that NaN becomes the lowest value instead of undefined behaviour.
    out[i] = static_cast<std::int8_t>(q > -128 ? std::min(q, 127.0f) : -128.0f);
  }
}

int Argmax(std::span<const std::int8_t> values) {
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

}  // namespace photinus::tflite
