#include "worker/train/window_sizes.h"

namespace photinus::train {

WindowSizes WindowSizes::Of(const Tensor& input, const Tensor& weight, const graph::Padding& padding, int64_t stride_h,
                            int64_t stride_w) {
  WindowSizes sizes = {.batch = input.size(0),
                       .channels = input.size(1),
                       .height = input.size(2),
                       .width = input.size(3),
                       .kernel_h = weight.size(2),
                       .kernel_w = weight.size(3),
                       .stride_h = stride_h,
                       .stride_w = stride_w,
                       .top = padding.top,
                       .left = padding.left,
                       .out_height = 0,
                       .out_width = 0};
  sizes.out_height = (sizes.height + padding.top + padding.bottom - sizes.kernel_h) / stride_h + 1;
  sizes.out_width = (sizes.width + padding.left + padding.right - sizes.kernel_w) / stride_w + 1;
  return sizes;
}

std::vector<int64_t> WindowSizes::ToVector() const {
  return {batch, channels, height, width, kernel_h, kernel_w, stride_h, stride_w, top, left, out_height, out_width};
}

WindowSizes WindowSizes::FromVector(const std::vector<int64_t>& v) {
  return {v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11]};
}

}  // namespace photinus::train
