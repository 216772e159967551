#ifndef PHOTINUS_WORKER_TRAIN_QUANTIZED_FORWARD_H_
#define PHOTINUS_WORKER_TRAIN_QUANTIZED_FORWARD_H_

#include <vector>

#include "worker/graph/quantized_model.h"
#include "worker/train/torch_compat.h"

namespace photinus::train {

// Runs a deployed network in real arithmetic on its own numbers: dequantised weights, biases as rounded for the file,
// every activation rounded to its int8 grid, averages as integers round. What fake quantization predicts of the int8
// network, to be compared with what the integer interpreter makes of the file.
class QuantizedForward {
 public:
  // model: valid; must outlive the object.
  QuantizedForward(const graph::QuantizedModel& model, const torch::Device& device);

  // input: [batch, height, width, channels], real values. Returns one tensor per tensor of the graph in libtorch's
  // order (real values); the softmax's is undefined.
  std::vector<Tensor> Run(const Tensor& input) const;

  // One op alone: its output, given those of its inputs among `tensors` (as Run returns them). Not for softmax.
  Tensor RunOp(size_t op_index, const std::vector<Tensor>& tensors) const;

  // The logits alone.
  Tensor Logits(const Tensor& input) const;

 private:
  const graph::QuantizedModel& model_;
  std::vector<Tensor> weights_;  // per op, libtorch's order
  std::vector<Tensor> biases_;
};

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_QUANTIZED_FORWARD_H_
