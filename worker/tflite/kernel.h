#ifndef PHOTINUS_WORKER_TFLITE_KERNEL_H_
#define PHOTINUS_WORKER_TFLITE_KERNEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "worker/base/result.h"
#include "worker/graph/quantized_model.h"
#include "worker/tflite/rounding.h"

namespace photinus::tflite {

// One op of one model, prepared: weights widened and laid out, multipliers computed. It keeps scratch memory, so that
// one object serves one thread.
class Kernel {
 public:
  virtual ~Kernel() = default;

  // inputs: one pointer per input of the op; sizes as in the graph.
  virtual void Run(const std::vector<const std::int8_t*>& inputs, std::int8_t* output) = 0;
};

// Makes the kernel of op `index` of a model that passes ValidateModel. InvalidArgument when its sums could exceed 32
// bits or, in mode xnn, when the runtime would refuse its scales (see AssembleQuantizedModel).
Result<std::unique_ptr<Kernel>> MakeKernel(const graph::QuantizedModel& model, std::size_t index, Rounding rounding);

// The int8 limits that an activation function sets on values of this quantization.
struct Limits {
  int low = -128;
  int high = 127;
};
Limits ActivationLimits(graph::Activation activation, const graph::Quantization& quantization);

// The kinds of kernels; MakeKernel chooses.
Result<std::unique_ptr<Kernel>> MakeWeightedKernel(const graph::QuantizedModel& model, std::size_t index,
                                                   Rounding rounding);
std::unique_ptr<Kernel> MakeAddKernel(const graph::QuantizedModel& model, std::size_t index, Rounding rounding);
std::unique_ptr<Kernel> MakeConcatenationKernel(const graph::QuantizedModel& model, std::size_t index);
std::unique_ptr<Kernel> MakeAveragePoolKernel(const graph::QuantizedModel& model, std::size_t index);
std::unique_ptr<Kernel> MakeReshapeKernel(const graph::QuantizedModel& model, std::size_t index);
std::unique_ptr<Kernel> MakeSoftmaxKernel(const graph::QuantizedModel& model, std::size_t index);

}  // namespace photinus::tflite

#endif  // PHOTINUS_WORKER_TFLITE_KERNEL_H_
