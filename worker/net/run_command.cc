#include "worker/net/run_command.h"

#include <memory>
#include <utility>

#include "worker/base/file.h"
#include "worker/net/local_files.h"
#include "worker/net/npy.h"
#include "worker/tflite/reader.h"
#include "worker/tflite/runner.h"
#include "worker/xnnpack/xnnpack_runner.h"

namespace photinus::net {
namespace {

using Shape = std::vector<std::int64_t>;

// The sizes of a batch of examples of a tensor, whose own first axis is 1.
Shape BatchShape(std::int64_t examples, const graph::Dims& dims) {
  Shape shape(dims.begin(), dims.end());
  shape[0] = examples;
  return shape;
}

// first: stands in the place of the first axis.
std::string ShapeText(const Shape& shape, const std::string& first) {
  std::string text = "[";
  text += first;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) text += ", " + std::to_string(shape[axis]);
  return text + "]";
}

std::string ShapeText(const Shape& shape) { return ShapeText(shape, shape.empty() ? "" : std::to_string(shape[0])); }

using RunnerResult = Result<std::unique_ptr<tflite::Runner>>;

RunnerResult NewRunner(graph::QuantizedModel model, const RunOptions& options) {
  if (!options.xnnpack) return tflite::NewInterpreterRunner(std::move(model), options.rounding);
  if (options.rounding != tflite::Rounding::kXnn) {
    return InvalidArgument("only the interpreter has the rounding builtin; leave out --runner xnnpack");
  }
  return xnnpack::NewXnnpackRunner(std::move(model), {.threads = options.threads, .batch = options.threads});
}

RunnerResult OpenNetwork(const std::string& path, const RunOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  const auto in_file = [&path](const Error& error) { return Error{error.code, path + ": " + error.message}; };
  Result<graph::QuantizedModel> model = tflite::ReadTflite({content.begin(), content.end()});
  if (!model.ok()) return in_file(model.error());
  RunnerResult runner = NewRunner(std::move(model).value(), options);
  if (!runner.ok()) return in_file(runner.error());
  return runner;
}

}  // namespace

Result<void> RunNetwork(const std::string& net, const std::string& input, const std::string& output,
                        const RunOptions& options) {
  PHOTINUS_RETURN_IF_ERROR(CheckReadable(net));
  PHOTINUS_RETURN_IF_ERROR(CheckReadable(input));
  PHOTINUS_RETURN_IF_ERROR(CheckWritable(output));
  PHOTINUS_ASSIGN_OR_RETURN(const std::unique_ptr<tflite::Runner> runner, OpenNetwork(net, options));
  PHOTINUS_ASSIGN_OR_RETURN(const Int8Array examples, ReadNpy(input));
  const graph::Graph& graph = runner->Model().graph;
  const std::int64_t count = examples.shape.empty() ? 0 : examples.shape[0];
  const Shape expected = BatchShape(count, graph.tensors[graph.input].dims);
  if (examples.shape != expected) {
    return InvalidArgument(input + " has shape " + ShapeText(examples.shape) + "; " + net + " takes " +
                           ShapeText(expected, "EXAMPLES"));
  }
  Int8Array outputs;
  outputs.shape = BatchShape(count, graph.tensors[graph.output].dims);
  PHOTINUS_ASSIGN_OR_RETURN(outputs.values, runner->Run(examples.values));
  return WriteNpy(output, outputs);
}

}  // namespace photinus::net
