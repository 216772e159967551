#ifndef PHOTINUS_WORKER_TRAIN_WINDOW_SIZES_H_
#define PHOTINUS_WORKER_TRAIN_WINDOW_SIZES_H_

#include <cstdint>
#include <vector>

#include "worker/graph/graph.h"
#include "worker/train/torch_compat.h"

namespace photinus::train {

// How the windows of a convolution lie over its input.
struct WindowSizes {
  int64_t batch, channels, height, width, kernel_h, kernel_w, stride_h, stride_w, top, left, out_height, out_width;

  // input: [batch, channels, height, width]; weight: [filters, any, kh, kw].
  static WindowSizes Of(const Tensor& input, const Tensor& weight, const graph::Padding& padding, int64_t stride_h,
                        int64_t stride_w);

  // There and back, for the autograd context, which stores lists.
  std::vector<int64_t> ToVector() const;
  static WindowSizes FromVector(const std::vector<int64_t>& sizes);
};

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_WINDOW_SIZES_H_
