#include "worker/train/depthwise.h"

#include <algorithm>
#include <vector>

#include "worker/train/convolution.h"
#include "worker/train/vectorized.h"
#include "worker/train/window_sizes.h"

namespace photinus::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// One output position: where its numbers begin, and the taps that do not lie on padding.
struct Window {
  int64_t output, input, first_i, last_i, first_j, last_j;
};

template <typename Body>
PHOTINUS_INLINE inline void ForEachWindow(const WindowSizes& sizes, Body&& body) {
  int64_t output = 0;
  for (int64_t n = 0; n < sizes.batch; ++n) {
    for (int64_t y = 0; y < sizes.out_height; ++y) {
      const int64_t line = y * sizes.stride_h - sizes.top;
      for (int64_t x = 0; x < sizes.out_width; ++x, output += sizes.channels) {
        const int64_t column = x * sizes.stride_w - sizes.left;
        body(Window{output, ((n * sizes.height + line) * sizes.width + column) * sizes.channels,
                    std::max<int64_t>(0, -line), std::min(sizes.kernel_h, sizes.height - line),
                    std::max<int64_t>(0, -column), std::min(sizes.kernel_w, sizes.width - column)});
      }
    }
  }
}

// Calls body(input offset, weight offset) for each tap of a window; weights are in the order [kh, kw, channels].
template <typename Body>
PHOTINUS_INLINE inline void ForEachTap(const WindowSizes& sizes, const Window& window, Body&& body) {
  for (int64_t i = window.first_i; i < window.last_i; ++i) {
    for (int64_t j = window.first_j; j < window.last_j; ++j) {
      body(window.input + (i * sizes.width + j) * sizes.channels, (i * sizes.kernel_w + j) * sizes.channels);
    }
  }
}

constexpr int64_t kLanes = 8;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

// outputs = inputs * weights; a sum stays in registers.
PHOTINUS_VECTORIZED void Multiply(const WindowSizes& sizes, const float* inputs, const float* weights, float* outputs) {
  ForEachWindow(sizes, [&](const Window& window) PHOTINUS_INLINE {
    int64_t c = 0;
    for (; c + kLanes <= sizes.channels; c += kLanes) {
      Lanes sum = {};
      ForEachTap(sizes, window, [&](int64_t in, int64_t tap) PHOTINUS_INLINE {
        sum += *reinterpret_cast<const Lanes*>(inputs + in + c) * *reinterpret_cast<const Lanes*>(weights + tap + c);
      });
      *reinterpret_cast<Lanes*>(outputs + window.output + c) = sum;
    }
    for (; c < sizes.channels; ++c) {
      float sum = 0;
      ForEachTap(sizes, window,
                 [&](int64_t in, int64_t tap) PHOTINUS_INLINE { sum += inputs[in + c] * weights[tap + c]; });
      outputs[window.output + c] = sum;
    }
  });
}

PHOTINUS_INLINE inline void AddProducts(float* __restrict sums, const float* __restrict a, const float* __restrict b,
                                        int64_t count) {
  for (int64_t i = 0; i < count; ++i) sums[i] += a[i] * b[i];
}

// Adds the gradients by inputs and by weights, given those by `outputs`.
PHOTINUS_VECTORIZED void MultiplyBack(const WindowSizes& sizes, const float* inputs, const float* weights,
                                      const float* outputs, float* to_inputs, float* to_weights) {
  ForEachWindow(sizes, [&](const Window& window) PHOTINUS_INLINE {
    const float* output = outputs + window.output;
    ForEachTap(sizes, window, [&](int64_t in, int64_t tap) PHOTINUS_INLINE {
      AddProducts(to_inputs + in, output, weights + tap, sizes.channels);
      AddProducts(to_weights + tap, output, inputs + in, sizes.channels);
    });
  });
}

Tensor ChannelsLast(const Tensor& tensor) { return tensor.contiguous(torch::MemoryFormat::ChannelsLast); }

// [channels, 1, kh, kw] to [kh, kw, channels] and back.
Tensor TapsFirst(const Tensor& weight) { return weight.squeeze(1).permute({1, 2, 0}).contiguous(); }
Tensor ChannelsFirst(const Tensor& taps) { return taps.permute({2, 0, 1}).unsqueeze(1); }

class Depthwise : public torch::autograd::Function<Depthwise> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight, const WindowSizes& sizes) {
    const Tensor x = ChannelsLast(input), w = TapsFirst(weight);
    context->save_for_backward({x, w});
    context->saved_data["sizes"] = sizes.ToVector();
    const Tensor result = torch::empty({sizes.batch, sizes.out_height, sizes.out_width, sizes.channels},
                                       x.options().requires_grad(false));
    Multiply(sizes, x.data_ptr<float>(), w.data_ptr<float>(), result.data_ptr<float>());
    return result.permute({0, 3, 1, 2});
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &w = saved[1];
    const Tensor gradient = ChannelsLast(gradients[0]);
    const Tensor x_gradient = torch::zeros_like(x), w_gradient = torch::zeros_like(w);
    MultiplyBack(WindowSizes::FromVector(context->saved_data["sizes"].toIntVector()), x.data_ptr<float>(),
                 w.data_ptr<float>(), gradient.data_ptr<float>(), x_gradient.data_ptr<float>(),
                 w_gradient.data_ptr<float>());
    return {x_gradient, ChannelsFirst(w_gradient), Tensor()};
  }
};

}  // namespace

Tensor DepthwiseConvolution(const Tensor& input, const Tensor& weight, const graph::Padding& padding, int64_t stride_h,
                            int64_t stride_w) {
  if (!input.device().is_cpu()) {
    return LibtorchConvolution(input, weight, padding, stride_h, stride_w, weight.size(0));
  }
  return Depthwise::apply(input, weight, WindowSizes::Of(input, weight, padding, stride_h, stride_w));
}

}  // namespace photinus::train
