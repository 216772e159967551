#include "worker/train/device.h"

#include <ATen/Context.h>

#include <regex>

#include "worker/train/torch_compat.h"
#include "worker/train/torch_fault.h"

namespace photinus::train {
namespace {

Result<void> MultiplyOn(const std::string& device) {
  const Tensor ones = torch::ones({4, 4}, torch::Device(device));
  const double sum = torch::matmul(ones, ones).sum().item<double>();
  if (sum == 64) return {};
  return Unavailable("a product of ones came out as " + std::to_string(sum));
}

}  // namespace

Result<void> CheckDevice(const std::string& device) {
  static const std::regex known("cpu|cuda(:[0-9]{1,3})?");
  if (!std::regex_match(device, known)) return Unavailable("unknown device \"" + device + "\"; use cpu or cuda:N");
  const Result<void> checked = CatchFaults<void>([&]() -> Result<void> {
    if (device != "cpu" && !at::globalContext().hasCUDART()) {
      return Unavailable("this photinus-trial was built without CUDA (libtorch " + std::string(kTorchVersion) +
                         "); run `./run build --torch PREFIX` with the prefix of a CUDA libtorch");
    }
    if (device != "cpu" && !torch::cuda::is_available()) {
      return Unavailable("CUDA finds no device; check the driver with nvidia-smi");
    }
    return MultiplyOn(device);
  });
  if (checked.ok()) return {};
  // Whatever it was: sixteen numbers are never too large, so it is the device's fault.
  return Unavailable("device " + device + ": " + checked.error().message);
}

void MakeRepeatable() {
  at::Context& context = at::globalContext();
  context.setBenchmarkCuDNN(false);
  context.setDeterministicCuDNN(true);
  context.setAllowTF32CuDNN(false);
  context.setDeterministicAlgorithms(true, /*warn_only=*/true);
}

}  // namespace photinus::train
