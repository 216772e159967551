#ifndef PHOTINUS_WORKER_TRAIN_OPTIMIZER_H_
#define PHOTINUS_WORKER_TRAIN_OPTIMIZER_H_

#include <cstdint>
#include <vector>

#include "worker/train/torch_compat.h"

namespace photinus::train {

// AdamW [Loshchilov and Hutter 2019] over one long vector of numbers (see Network::values): a handful of operations per
// step, where torch::optim needs as many for each of the network's tensors.
class AdamW {
 public:
  // decayed: 1 where weight decay applies, 0 elsewhere.
  AdamW(Tensor values, Tensor gradients, const Tensor& decayed, double weight_decay);

  // What it remembers between steps.
  struct Memory {
    std::vector<float> mean, square;
    int64_t steps = 0;
  };
  Memory Remembered() const;
  // memory: of an optimizer of as many numbers.
  void Remember(const Memory& memory);

  // Applies the gradients and sets them to 0.
  void Step(double learning_rate);

 private:
  Tensor values_;
  Tensor gradients_;
  const Tensor decay_;  // weight decay of each number
  Tensor mean_;
  Tensor square_;
  int64_t steps_ = 0;
};

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_OPTIMIZER_H_
