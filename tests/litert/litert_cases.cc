// Writes networks, inputs and what our interpreter makes of them, for compare_litert.py: for each case N
//   N.tflite             the network                      N.layers.tflite  the same, every activation an output
//   N.input.npy          [examples, ...]
//   N.xnn.npy, N.builtin.npy  [examples, values]: the outputs of all ops one after the other, the network's last
// Usage: litert_cases FOLDER SPACE CASES EXAMPLES; the networks are points of a named space, or any graphs where SPACE
// is `any`.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "worker/base/file.h"
#include "worker/graph/architectures.h"
#include "worker/net/npy.h"
#include "worker/tflite/interpreter.h"
#include "worker/tflite/random_model.h"
#include "worker/tflite/writer.h"

namespace photinus {
namespace {

Result<graph::Graph> CaseGraph(const std::string& space, int number) {
  if (space == "any") return tflite::RandomGraph(number);
  const spaces::Space* definition = spaces::FindSpace(space);
  const auto point = definition == nullptr ? spaces::ParameterValues() : spaces::Sample(*definition, number);
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Architecture architecture, graph::ArchitectureOf(space, point));
  return graph::BuildGraph(architecture);
}

Result<net::Int8Array> RunAll(const std::vector<std::uint8_t>& file, const net::Int8Array& inputs,
                              tflite::Rounding rounding) {
  PHOTINUS_ASSIGN_OR_RETURN(tflite::Interpreter interpreter, tflite::Interpreter::FromFile(file, rounding));
  const graph::Graph& graph = interpreter.Model().graph;
  const std::int64_t size = interpreter.InputSize();
  net::Int8Array outputs;
  for (std::int64_t i = 0; i < inputs.shape[0]; ++i) {
    PHOTINUS_RETURN_IF_ERROR(interpreter.Run({inputs.values.data() + i * size, static_cast<std::size_t>(size)}));
    for (const graph::Op& op : graph.ops) {
      const auto values = interpreter.TensorValues(op.output);
      outputs.values.insert(outputs.values.end(), values.begin(), values.end());
    }
  }
  outputs.shape = {inputs.shape[0], static_cast<std::int64_t>(outputs.values.size()) / inputs.shape[0]};
  return outputs;
}

std::string_view AsText(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<void> WriteCase(const std::string& stem, const std::string& space, int number, int examples) {
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, CaseGraph(space, number));
  const graph::QuantizedModel model = tflite::RandomModel(graph, number / 2);
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> file, tflite::WriteTflite(model));
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> layers,
                            tflite::WriteTflite(model, tflite::Outputs::kEveryActivation));
  PHOTINUS_RETURN_IF_ERROR(WriteFile(stem + ".tflite", AsText(file)));
  PHOTINUS_RETURN_IF_ERROR(WriteFile(stem + ".layers.tflite", AsText(layers)));
  const graph::Dims& dims = graph.tensors[graph.input].dims;
  net::Int8Array inputs;
  inputs.shape.assign(dims.begin(), dims.end());
  inputs.shape[0] = examples;
  inputs.values = tflite::RandomInput(examples * graph::ElementCount(dims), number);
  PHOTINUS_RETURN_IF_ERROR(net::WriteNpy(stem + ".input.npy", inputs));
  PHOTINUS_ASSIGN_OR_RETURN(const net::Int8Array xnn, RunAll(file, inputs, tflite::Rounding::kXnn));
  PHOTINUS_RETURN_IF_ERROR(net::WriteNpy(stem + ".xnn.npy", xnn));
  PHOTINUS_ASSIGN_OR_RETURN(const net::Int8Array builtin, RunAll(file, inputs, tflite::Rounding::kBuiltin));
  return net::WriteNpy(stem + ".builtin.npy", builtin);
}

int Main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: litert_cases FOLDER SPACE CASES EXAMPLES\n");
    return 2;
  }
  for (int number = 0; number < std::atoi(argv[3]); ++number) {
    const Result<void> result =
        WriteCase(std::string(argv[1]) + "/" + std::to_string(number), argv[2], number, std::atoi(argv[4]));
    if (!result.ok()) {
      std::fprintf(stderr, "litert_cases: case %d: %s\n", number, result.error().message.c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) { return photinus::Main(argc, argv); }
