#include "worker/tflite/runner.h"

#include <string>
#include <utility>

#include "worker/tflite/interpreter.h"

namespace photinus::tflite {
namespace {

class InterpreterRunner : public Runner {
 public:
  explicit InterpreterRunner(Interpreter interpreter) : interpreter_(std::move(interpreter)) {}

  const char* Name() const override { return "interpreter"; }
  const graph::QuantizedModel& Model() const override { return interpreter_.Model(); }

  Result<std::vector<std::int8_t>> Run(std::span<const std::int8_t> inputs) override {
    PHOTINUS_ASSIGN_OR_RETURN(const std::int64_t count, ExampleCount(inputs));
    const auto size = static_cast<std::size_t>(interpreter_.InputSize());
    std::vector<std::int8_t> outputs;
    outputs.reserve(static_cast<std::size_t>(count * interpreter_.OutputSize()));
    for (std::int64_t i = 0; i < count; ++i) {
      PHOTINUS_RETURN_IF_ERROR(interpreter_.Run(inputs.subspan(static_cast<std::size_t>(i) * size, size)));
      outputs.insert(outputs.end(), interpreter_.Output().begin(), interpreter_.Output().end());
    }
    return outputs;
  }

  std::span<const std::int8_t> TensorValues(int index) const override { return interpreter_.TensorValues(index); }

 private:
  Interpreter interpreter_;
};

}  // namespace

Result<std::int64_t> Runner::ExampleCount(std::span<const std::int8_t> inputs) const {
  const graph::Graph& graph = Model().graph;
  const std::int64_t size = graph::ElementCount(graph.tensors[graph.input].dims);
  const auto given = static_cast<std::int64_t>(inputs.size());
  if (given % size == 0) return given / size;
  return InvalidArgument("the network takes " + std::to_string(size) + " values per example; " + std::to_string(given) +
                         " are no whole number of examples");
}

Result<std::unique_ptr<Runner>> NewInterpreterRunner(graph::QuantizedModel model, Rounding rounding) {
  PHOTINUS_ASSIGN_OR_RETURN(Interpreter interpreter, Interpreter::FromModel(std::move(model), rounding));
  return std::unique_ptr<Runner>(std::make_unique<InterpreterRunner>(std::move(interpreter)));
}

}  // namespace photinus::tflite
