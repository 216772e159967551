#include "worker/train/depthwise.h"

#include <vector>

namespace photinus::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Sizes of one convolution and the walk over its products.
struct Walk {
  int64_t batch, channels, height, width, out_height, out_width, kernel_h, kernel_w, stride_h, stride_w;

  Walk(const Tensor& input, const Tensor& weight, int64_t step_h, int64_t step_w)
      : batch(input.size(0)),
        channels(input.size(1)),
        height(input.size(2)),
        width(input.size(3)),
        out_height((height - weight.size(2)) / step_h + 1),
        out_width((width - weight.size(3)) / step_w + 1),
        kernel_h(weight.size(2)),
        kernel_w(weight.size(3)),
        stride_h(step_h),
        stride_w(step_w) {}

  // Calls body(input offset, weight offset, output offset) for each output position and tap; each offset is where
  // `channels` numbers begin. Weights are in the order [kh, kw, channels].
  template <typename Body>
  void ForEach(Body&& body) const {
    for (int64_t n = 0; n < batch; ++n) {
      for (int64_t y = 0; y < out_height; ++y) {
        for (int64_t x = 0; x < out_width; ++x) {
          const int64_t output = ((n * out_height + y) * out_width + x) * channels;
          for (int64_t i = 0; i < kernel_h; ++i) {
            for (int64_t j = 0; j < kernel_w; ++j) {
              const int64_t input = ((n * height + y * stride_h + i) * width + x * stride_w + j) * channels;
              body(input, (i * kernel_w + j) * channels, output);
            }
          }
        }
      }
    }
  }
};

Tensor ChannelsLast(const Tensor& tensor) { return tensor.contiguous(torch::MemoryFormat::ChannelsLast); }

// [channels, 1, kh, kw] to [kh, kw, channels] and back.
Tensor TapsFirst(const Tensor& weight) { return weight.squeeze(1).permute({1, 2, 0}).contiguous(); }
Tensor ChannelsFirst(const Tensor& taps) { return taps.permute({2, 0, 1}).unsqueeze(1); }

Tensor EmptyLike(int64_t batch, int64_t channels, int64_t height, int64_t width, const Tensor& like) {
  return torch::zeros({batch, height, width, channels}, like.options().requires_grad(false)).permute({0, 3, 1, 2});
}

class Depthwise : public torch::autograd::Function<Depthwise> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight, int64_t stride_h,
                        int64_t stride_w) {
    const Tensor x = ChannelsLast(input), w = TapsFirst(weight);
    context->save_for_backward({x, w});
    context->saved_data["stride_h"] = stride_h;
    context->saved_data["stride_w"] = stride_w;
    const Walk walk(x, weight, stride_h, stride_w);
    Tensor result = EmptyLike(walk.batch, walk.channels, walk.out_height, walk.out_width, x);
    const float* inputs = x.data_ptr<float>();
    const float* weights = w.data_ptr<float>();
    float* outputs = result.data_ptr<float>();
    walk.ForEach([&](int64_t in, int64_t tap, int64_t out) {
      for (int64_t c = 0; c < walk.channels; ++c) outputs[out + c] += inputs[in + c] * weights[tap + c];
    });
    return result;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &w = saved[1];
    const Tensor gradient = ChannelsLast(gradients[0]);
    const Walk walk(x, ChannelsFirst(w), context->saved_data["stride_h"].toInt(),
                    context->saved_data["stride_w"].toInt());
    Tensor x_gradient = EmptyLike(walk.batch, walk.channels, walk.height, walk.width, x);
    Tensor w_gradient = torch::zeros_like(w);
    const float* inputs = x.data_ptr<float>();
    const float* weights = w.data_ptr<float>();
    const float* outputs = gradient.data_ptr<float>();
    float* to_inputs = x_gradient.data_ptr<float>();
    float* to_weights = w_gradient.data_ptr<float>();
    walk.ForEach([&](int64_t in, int64_t tap, int64_t out) {
      for (int64_t c = 0; c < walk.channels; ++c) {
        to_inputs[in + c] += outputs[out + c] * weights[tap + c];
        to_weights[tap + c] += outputs[out + c] * inputs[in + c];
      }
    });
    return {x_gradient, ChannelsFirst(w_gradient), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor DepthwiseConvolution(const Tensor& input, const Tensor& weight, int64_t stride_h, int64_t stride_w) {
  if (input.device().is_cpu()) return Depthwise::apply(input, weight, stride_h, stride_w);
  const std::vector<int64_t> strides = {stride_h, stride_w}, padding = {0, 0}, dilation = {1, 1};
  return torch::conv2d(input, weight, Tensor(), strides, padding, dilation, weight.size(0));
}

}  // namespace photinus::train
