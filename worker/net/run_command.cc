#include "worker/net/run_command.h"

#include <utility>

#include "worker/base/file.h"
#include "worker/net/npy.h"
#include "worker/tflite/interpreter.h"

namespace photinus::net {
namespace {

using Shape = std::vector<std::int64_t>;

// The sizes of a batch of examples of a tensor, whose own first axis is 1.
Shape BatchShape(std::int64_t examples, const graph::Dims& dims) {
  Shape shape(dims.begin(), dims.end());
  shape[0] = examples;
  return shape;
}

std::string ShapeText(const Shape& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(size);
  }
  return text + "]";
}

Result<tflite::Interpreter> OpenNetwork(const std::string& path, tflite::Rounding rounding) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  Result<tflite::Interpreter> interpreter = tflite::Interpreter::FromFile({content.begin(), content.end()}, rounding);
  if (!interpreter.ok()) return Error{interpreter.error().code, path + ": " + interpreter.error().message};
  return interpreter;
}

}  // namespace

Result<void> RunNetwork(const std::string& net, const std::string& input, const std::string& output,
                        tflite::Rounding rounding) {
  PHOTINUS_ASSIGN_OR_RETURN(tflite::Interpreter interpreter, OpenNetwork(net, rounding));
  PHOTINUS_ASSIGN_OR_RETURN(const Int8Array examples, ReadNpy(input));
  const graph::Graph& graph = interpreter.Model().graph;
  const std::int64_t count = examples.shape.empty() ? 0 : examples.shape[0];
  const Shape expected = BatchShape(count, graph.tensors[graph.input].dims);
  if (examples.shape != expected) {
    return InvalidArgument(input + " has shape " + ShapeText(examples.shape) + "; " + net + " takes " +
                           ShapeText(expected));
  }
  Int8Array outputs;
  outputs.shape = BatchShape(count, graph.tensors[graph.output].dims);
  const auto size = static_cast<std::size_t>(interpreter.InputSize());
  for (std::int64_t i = 0; i < count; ++i) {
    PHOTINUS_RETURN_IF_ERROR(interpreter.Run({examples.values.data() + i * size, size}));
    const auto values = interpreter.Output();
    outputs.values.insert(outputs.values.end(), values.begin(), values.end());
  }
  return WriteNpy(output, outputs);
}

}  // namespace photinus::net
