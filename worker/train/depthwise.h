#ifndef PHOTINUS_WORKER_TRAIN_DEPTHWISE_H_
#define PHOTINUS_WORKER_TRAIN_DEPTHWISE_H_

#include <cstdint>

#include "worker/graph/graph.h"
#include "worker/train/torch_compat.h"

namespace photinus::train {

// Depthwise convolution with explicit padding and no bias, differentiable. On the CPU by loops over channels that lie
// together in memory: libtorch 1.13 runs one matrix product per channel there, ten times slower. Elsewhere by
// libtorch.
// input: [batch, channels, height, width], channels last in memory; weight: [channels, 1, kh, kw].
Tensor DepthwiseConvolution(const Tensor& input, const Tensor& weight, const graph::Padding& padding, int64_t stride_h,
                            int64_t stride_w);

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_DEPTHWISE_H_
