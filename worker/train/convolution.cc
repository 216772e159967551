#include "worker/train/convolution.h"

#include <algorithm>
#include <vector>

#include "worker/train/window_sizes.h"

namespace photinus::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Windows are rows of kernel_h * kernel_w * channels numbers, one row per output position.
struct Windows : WindowSizes {
  int64_t Rows() const { return batch * out_height * out_width; }
  int64_t RowSize() const { return kernel_h * kernel_w * channels; }
  // A row is what lies at its output position, and nothing needs a copy.
  bool AreTheInput() const { return RowSize() == channels && out_height == height && out_width == width; }

  // Calls body(offset in a row-major [rows, row size], offset in the input, count) for each stretch of numbers that lie
  // together both in a window and in the input: what padding covers is left out.
  template <typename Body>
  void ForEachStretch(Body&& body) const {
    int64_t row = 0;
    for (int64_t n = 0; n < batch; ++n) {
      for (int64_t y = 0; y < out_height; ++y) {
        for (int64_t x = 0; x < out_width; ++x, row += RowSize()) {
          const int64_t first_column = x * stride_w - left;
          const int64_t begin = std::max<int64_t>(0, -first_column);
          const int64_t end = std::min(kernel_w, width - first_column);
          if (begin >= end) continue;
          for (int64_t i = 0; i < kernel_h; ++i) {
            const int64_t line = y * stride_h - top + i;
            if (line < 0 || line >= height) continue;
            body(row + (i * kernel_w + begin) * channels,
                 ((n * height + line) * width + first_column + begin) * channels, (end - begin) * channels);
          }
        }
      }
    }
  }
};

// One frequency bin: time becomes the width, where a window is one stretch.
WindowSizes TurnedToWidth(const WindowSizes& s) {
  return {s.batch, s.channels, 1, s.height, 1, s.kernel_h, 1, s.stride_h, 0, s.top, 1, s.out_height};
}

Tensor ChannelsLast(const Tensor& tensor) { return tensor.permute({0, 2, 3, 1}).contiguous(); }

class MatrixConvolution : public torch::autograd::Function<MatrixConvolution> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight, const Windows& windows,
                        const std::vector<int64_t>& out_sizes) {
    const Tensor x = ChannelsLast(input);  // [batch, height, width, channels]
    const Tensor w = ChannelsLast(weight).view({weight.size(0), windows.RowSize()});
    const Tensor rows = Rows(windows, x);
    context->save_for_backward({rows, w});
    context->saved_data["input"] = input.sizes().vec();
    context->saved_data["weight"] = weight.sizes().vec();
    context->saved_data["needs_input"] = input.requires_grad();
    context->saved_data["windows"] = windows.ToVector();
    return torch::mm(rows, w.t()).view(out_sizes).permute({0, 3, 1, 2});
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &rows = saved[0], &w = saved[1];
    const std::vector<int64_t> sizes = context->saved_data["weight"].toIntVector();
    const Tensor gradient = ChannelsLast(gradients[0]).view({rows.size(0), w.size(0)});
    const Tensor to_weight =
        torch::mm(gradient.t(), rows).view({sizes[0], sizes[2], sizes[3], sizes[1]}).permute({0, 3, 1, 2});
    if (!context->saved_data["needs_input"].toBool()) return {Tensor(), to_weight, Tensor(), Tensor()};
    return {InputGradient(context, torch::mm(gradient, w)), to_weight, Tensor(), Tensor()};
  }

 private:
  static Tensor Rows(const Windows& windows, const Tensor& x) {
    if (windows.AreTheInput()) return x.view({windows.Rows(), windows.RowSize()});
    const Tensor rows = torch::zeros({windows.Rows(), windows.RowSize()}, x.options());
    const float* source = x.data_ptr<float>();
    float* target = rows.data_ptr<float>();
    windows.ForEachStretch(
        [&](int64_t to, int64_t from, int64_t count) { std::copy_n(source + from, count, target + to); });
    return rows;
  }

  static Tensor InputGradient(AutogradContext* context, const Tensor& to_rows) {
    const Windows windows{WindowSizes::FromVector(context->saved_data["windows"].toIntVector())};
    const std::vector<int64_t> sizes = context->saved_data["input"].toIntVector();
    if (windows.AreTheInput()) return to_rows.view({sizes[0], sizes[2], sizes[3], sizes[1]}).permute({0, 3, 1, 2});
    const Tensor to_input = torch::zeros({sizes[0], sizes[2], sizes[3], sizes[1]}, to_rows.options());
    const float* source = to_rows.data_ptr<float>();
    float* target = to_input.data_ptr<float>();
    windows.ForEachStretch([&](int64_t from, int64_t to, int64_t count) {
      for (int64_t i = 0; i < count; ++i) target[to + i] += source[from + i];
    });
    return to_input.permute({0, 3, 1, 2});
  }
};

}  // namespace

Tensor Convolution(const Tensor& input, const Tensor& weight, const graph::Padding& padding, int64_t stride_h,
                   int64_t stride_w) {
  if (!input.device().is_cpu()) return LibtorchConvolution(input, weight, padding, stride_h, stride_w, 1);
  const WindowSizes sizes = WindowSizes::Of(input, weight, padding, stride_h, stride_w);
  const bool turns = sizes.width == 1 && sizes.kernel_w == 1 && padding.left == 0 && padding.right == 0;
  const Windows windows{turns ? TurnedToWidth(sizes) : sizes};
  const std::vector<int64_t> out_sizes = {sizes.batch, sizes.out_height, sizes.out_width, weight.size(0)};
  return MatrixConvolution::apply(input, weight, windows, out_sizes);
}

Tensor LibtorchConvolution(const Tensor& input, const Tensor& weight, const graph::Padding& padding, int64_t stride_h,
                           int64_t stride_w, int64_t groups) {
  const Tensor padded = torch::constant_pad_nd(input, {padding.left, padding.right, padding.top, padding.bottom}, 0);
  const std::vector<int64_t> strides = {stride_h, stride_w}, none = {0, 0}, dilation = {1, 1};
  return torch::conv2d(padded, weight, Tensor(), strides, none, dilation, groups);
}

}  // namespace photinus::train
