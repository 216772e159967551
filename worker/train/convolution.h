#ifndef PHOTINUS_WORKER_TRAIN_CONVOLUTION_H_
#define PHOTINUS_WORKER_TRAIN_CONVOLUTION_H_

#include <cstdint>

#include "worker/graph/graph.h"
#include "worker/train/torch_compat.h"

namespace photinus::train {

// Convolution with explicit padding and no bias, differentiable. On the CPU as one matrix product over the whole batch,
// on windows copied into rows: libtorch 1.13 makes one small product per example, and its oneDNN path copies
// activations back and forth, which for small networks takes two to eight times as long. Elsewhere by libtorch.
// input: [batch, channels, height, width], weight: [filters, channels, kh, kw], both channels last in memory.
Tensor Convolution(const Tensor& input, const Tensor& weight, const graph::Padding& padding, int64_t stride_h,
                   int64_t stride_w);

// The same by libtorch, on any device. groups: 1, or the channels for a depthwise convolution.
Tensor LibtorchConvolution(const Tensor& input, const Tensor& weight, const graph::Padding& padding, int64_t stride_h,
                           int64_t stride_w, int64_t groups);

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_CONVOLUTION_H_
