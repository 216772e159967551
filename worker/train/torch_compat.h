#ifndef PHOTINUS_WORKER_TRAIN_TORCH_COMPAT_H_
#define PHOTINUS_WORKER_TRAIN_TORCH_COMPAT_H_

// The one door to libtorch: every file that needs it includes this one, and what differs between 1.13 (Debian) and 2.x
// stands here. torch/types.h and torch/utils.h instead of torch/torch.h: they compile in half the time.

#include <torch/csrc/autograd/custom_function.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <cstddef>
#include <vector>

namespace photinus::train {

using Tensor = torch::Tensor;

#if TORCH_VERSION_MAJOR < 1 || (TORCH_VERSION_MAJOR == 1 && TORCH_VERSION_MINOR < 13)
#error "libtorch 1.13 or newer is needed"
#endif

// "1.13.1", "2.4.0": for profiles and --version.
inline constexpr char kTorchVersion[] = TORCH_VERSION;

// Fake quantization per channel: 1.13 takes int32 zero points only, 2.x takes them as well.
inline Tensor FakeQuantizePerChannel(const Tensor& values, const Tensor& scales, int axis) {
  const Tensor zero_points = torch::zeros({scales.size(0)}, scales.options().dtype(torch::kInt32));
  return torch::fake_quantize_per_channel_affine(values, scales, zero_points, axis, -127, 127);
}

// A gradient that accumulates into memory of ours. Backward adds into a defined gradient in place.
inline void SetGradient(Tensor& leaf, const Tensor& gradient) { leaf.mutable_grad() = gradient; }

// The numbers of a dense vector on any device, and back into one of as many.
inline std::vector<float> ToVector(const Tensor& vector) {
  const Tensor here = vector.detach().cpu();
  return {here.data_ptr<float>(), here.data_ptr<float>() + here.numel()};
}
inline void CopyInto(const std::vector<float>& numbers, Tensor& vector) {
  const torch::NoGradGuard no_grad;
  vector.copy_(torch::tensor(numbers));
}

}  // namespace photinus::train

#endif  // PHOTINUS_WORKER_TRAIN_TORCH_COMPAT_H_
