#include "worker/tflite/kernel.h"

#include <algorithm>
#include <cmath>

namespace photinus::tflite {

Result<std::unique_ptr<Kernel>> MakeKernel(const graph::QuantizedModel& model, std::size_t index, Rounding rounding) {
  switch (model.graph.ops[index].type) {
    case graph::OpType::kConv2D:
    case graph::OpType::kDepthwiseConv2D:
    case graph::OpType::kFullyConnected:
      return MakeWeightedKernel(model, index, rounding);
    case graph::OpType::kAdd:
      return MakeAddKernel(model, index, rounding);
    case graph::OpType::kConcatenation:
      return MakeConcatenationKernel(model, index);
    case graph::OpType::kAveragePool:
      return MakeAveragePoolKernel(model, index);
    case graph::OpType::kReshape:
      return MakeReshapeKernel(model, index);
    case graph::OpType::kSoftmax:
      return MakeSoftmaxKernel(model, index);
  }
  return Internal("op '" + model.graph.ops[index].name + "' has no kernel");
}

Limits ActivationLimits(graph::Activation activation, const graph::Quantization& quantization) {
  Limits limits;
  if (activation == graph::Activation::kNone) return limits;
  limits.low = quantization.zero_point;
  if (activation == graph::Activation::kRelu6) {
    const float six = std::min(std::round(6.0f / quantization.scale), 255.0f);
    limits.high = std::min(127, quantization.zero_point + static_cast<int>(six));
  }
  return limits;
}

}  // namespace photinus::tflite
