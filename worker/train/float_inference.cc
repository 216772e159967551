#include "worker/train/float_inference.h"

#include <memory>

#include "worker/train/device.h"
#include "worker/train/network.h"
#include "worker/train/threads.h"
#include "worker/train/torch_compat.h"
#include "worker/train/torch_fault.h"

namespace photinus::train {
namespace {

class FloatInference {
 public:
  FloatInference(const graph::Graph& graph, const torch::Device& device, int batch)
      : network_(graph, /*seed=*/1, device) {
    const graph::Dims& input = graph.tensors[static_cast<size_t>(graph.input)].dims;
    input_ = torch::zeros({batch, input[1], input[2], input[3]}, device);
  }

  void Run() {
    const torch::NoGradGuard no_grad;
    network_.Forward(input_, ForwardMode{});
    if (network_.device().is_cuda()) torch::cuda::synchronize(network_.device().index());
  }

 private:
  Network network_;
  Tensor input_;
};

}  // namespace

Result<std::function<Result<void>()>> NewFloatInference(const graph::Graph& graph, const std::string& device,
                                                        int batch) {
  PHOTINUS_RETURN_IF_ERROR(CheckDevice(device));
  LimitThreads(1);
  using Inferences = std::function<Result<void>()>;
  return CatchFaults<Inferences>([&]() -> Result<Inferences> {
    // Shared because a std::function can be copied.
    const auto inference = std::make_shared<FloatInference>(graph, torch::Device(device), batch);
    return Inferences([inference] {
      return CatchFaults<void>([&]() -> Result<void> {
        inference->Run();
        return {};
      });
    });
  });
}

}  // namespace photinus::train
