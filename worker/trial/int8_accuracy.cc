#include "worker/trial/int8_accuracy.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "worker/tflite/interpreter.h"
#include "worker/tflite/reader.h"
#include "worker/xnnpack/fastest_runner.h"

namespace photinus::trial {

namespace {

constexpr std::size_t kBatch = 16;
constexpr std::size_t kCheckedClips = 4;  // of each split, by the interpreter

// Clips first .. first + count - 1 as the network's input. InvalidArgument: they do not fit it.
Result<std::vector<int8_t>> Quantized(const data::DataSet& data, data::Split split, std::size_t first,
                                      std::size_t count, const graph::QuantizedModel& model) {
  const graph::Graph& graph = model.graph;
  const auto size = static_cast<std::size_t>(graph::ElementCount(graph.tensors[graph.input].dims));
  std::vector<int8_t> inputs(count * size);
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const float> clip = data.Clip(split, first + i);
    if (clip.size() != size) return InvalidArgument("the network's input does not fit the data");
    tflite::QuantizeInput(clip, model.tensors[graph.input], inputs.data() + i * size);
  }
  return inputs;
}

}  // namespace

Result<std::vector<int>> PredictInt8(const std::vector<uint8_t>& tflite, const data::DataSet& data, data::Split split) {
  PHOTINUS_ASSIGN_OR_RETURN(graph::QuantizedModel file, tflite::ReadTflite(tflite));
  const graph::QuantizedModel model = graph::WithoutSoftmax(std::move(file));
  PHOTINUS_ASSIGN_OR_RETURN(const std::unique_ptr<tflite::Runner> runner, xnnpack::NewFastestRunner(model, kBatch));
  const std::size_t clips = data.Size(split);
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<int8_t> sample,
                            Quantized(data, split, 0, std::min(clips, kCheckedClips), model));
  PHOTINUS_RETURN_IF_ERROR(xnnpack::CheckAgainstInterpreter(*runner, sample));
  const auto classes = static_cast<std::size_t>(graph::ElementCount(model.graph.tensors[model.graph.output].dims));
  std::vector<int> predictions;
  for (std::size_t first = 0; first < clips; first += kBatch) {
    PHOTINUS_ASSIGN_OR_RETURN(const std::vector<int8_t> inputs,
                              Quantized(data, split, first, std::min(clips - first, kBatch), model));
    PHOTINUS_ASSIGN_OR_RETURN(const std::vector<int8_t> logits, runner->Run(inputs));
    for (std::size_t at = 0; at < logits.size(); at += classes) {
      predictions.push_back(tflite::Argmax(std::span(logits).subspan(at, classes)));
    }
  }
  return predictions;
}

double Accuracy(const std::vector<int>& predictions, const data::DataSet& data, data::Split split) {
  size_t right = 0;
  for (size_t i = 0; i < predictions.size(); ++i) right += predictions[i] == data.Label(split, i) ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(std::max<size_t>(1, predictions.size()));
}

double Agreement(const std::vector<int>& a, const std::vector<int>& b) {
  size_t equal = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) equal += a[i] == b[i] ? 1 : 0;
  return static_cast<double>(equal) / static_cast<double>(std::max<size_t>(1, std::max(a.size(), b.size())));
}

}  // namespace photinus::trial
