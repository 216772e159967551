#include "worker/trial/int8_accuracy.h"

#include <algorithm>

#include "worker/tflite/interpreter.h"

namespace photinus::trial {

Result<std::vector<int>> PredictInt8(const std::vector<uint8_t>& tflite, const data::DataSet& data, data::Split split) {
  PHOTINUS_ASSIGN_OR_RETURN(tflite::Interpreter interpreter,
                            tflite::Interpreter::FromFile(tflite, tflite::Rounding::kXnn));
  // The logits decide: softmax rounds to 1/256 and would tie classes that they tell apart.
  const graph::Graph& graph = interpreter.Model().graph;
  const graph::Op& last = graph.ops.back();
  const int logits = last.type == graph::OpType::kSoftmax ? last.inputs[0] : graph.output;
  std::vector<int8_t> input(static_cast<size_t>(interpreter.InputSize()));
  std::vector<int> predictions;
  for (size_t i = 0; i < data.Size(split); ++i) {
    const std::span<const float> clip = data.Clip(split, i);
    if (clip.size() != input.size()) return InvalidArgument("the network's input does not fit the data");
    tflite::QuantizeInput(clip, interpreter.InputQuantization(), input.data());
    PHOTINUS_RETURN_IF_ERROR(interpreter.Run(input));
    predictions.push_back(tflite::Argmax(interpreter.TensorValues(logits)));
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
