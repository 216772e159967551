#ifndef PHOTINUS_WORKER_TRAIN_QUANTIZED_FORWARD_H_
#define PHOTINUS_WORKER_TRAIN_QUANTIZED_FORWARD_H_

#include <vector>

#include "worker/graph/quantized_model.h"
#include "worker/train/torch_compat.h"

namespace photinus::train {

// The ops of a deployed network in real arithmetic on the file's own numbers: dequantised weights, biases as rounded
// for it, activations rounded to their int8 grid, averages as integers round. Tests compare the integer interpreter
// with it.
class QuantizedForward {
 public:
  // model: valid; must outlive the object.
  explicit QuantizedForward(const graph::QuantizedModel& model);

  // The output of one op, not softmax. tensors: real values of all tensors of the graph in libtorch's order, as far as
  // the op reads them.
  Tensor RunOp(size_t op_index, const std::vector<Tensor>& tensors) const;

 private:
  const graph::QuantizedModel& model_;
  std::vector<Tensor> weights_;  // per op, libtorch's order
  std::vector<Tensor> biases_;
};

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_QUANTIZED_FORWARD_H_
