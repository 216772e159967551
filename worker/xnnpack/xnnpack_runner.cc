#include "worker/xnnpack/xnnpack_runner.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "worker/tflite/kernel.h"
#include "worker/xnnpack/operators.h"

namespace photinus::xnnpack {
namespace {

struct DestroyThreads {
  void operator()(pthreadpool_t threads) const { pthreadpool_destroy(threads); }
};
using Threads = std::unique_ptr<pthreadpool, DestroyThreads>;

class XnnpackRunner : public tflite::Runner {
 public:
  static Result<std::unique_ptr<tflite::Runner>> Make(graph::QuantizedModel model, const XnnpackOptions& options) {
    auto runner = std::make_unique<XnnpackRunner>(std::move(model), options);
    for (std::size_t i = 0; i < runner->model_.graph.ops.size(); ++i) {
      PHOTINUS_ASSIGN_OR_RETURN(Step step, runner->MakeStep(i));
      runner->steps_.push_back(std::move(step));
    }
    return std::unique_ptr<tflite::Runner>(std::move(runner));
  }

  XnnpackRunner(graph::QuantizedModel model, const XnnpackOptions& options)
      : model_(std::move(model)),
        batch_(std::max(1, options.batch)),
        threads_(options.threads > 1 ? pthreadpool_create(options.threads) : nullptr) {
    for (const graph::Tensor& tensor : model_.graph.tensors) {
      sizes_.push_back(static_cast<std::size_t>(graph::ElementCount(tensor.dims)));
      tensors_.emplace_back(batch_ * sizes_.back() + XNN_EXTRA_BYTES, std::int8_t{0});
    }
  }

  const char* Name() const override { return "xnnpack"; }
  const graph::QuantizedModel& Model() const override { return model_; }

  Result<std::vector<std::int8_t>> Run(std::span<const std::int8_t> inputs) override {
    PHOTINUS_ASSIGN_OR_RETURN(const std::int64_t examples, ExampleCount(inputs));
    const std::size_t input_size = sizes_[model_.graph.input], output_size = sizes_[model_.graph.output];
    std::vector<std::int8_t> outputs(static_cast<std::size_t>(examples) * output_size);
    for (std::size_t done = 0; done < static_cast<std::size_t>(examples); done += count_) {
      count_ = std::min(batch_, static_cast<std::size_t>(examples) - done);
      std::copy_n(inputs.data() + done * input_size, count_ * input_size, tensors_[model_.graph.input].data());
      PHOTINUS_RETURN_IF_ERROR(RunBatch());
      std::copy_n(tensors_[model_.graph.output].data(), count_ * output_size, outputs.data() + done * output_size);
    }
    return outputs;
  }

  std::span<const std::int8_t> TensorValues(int index) const override {
    return {tensors_[index].data() + (count_ - 1) * sizes_[index], sizes_[index]};
  }

 private:
  // One of the two.
  struct Step {
    Operator op;                             // for a whole batch
    std::unique_ptr<tflite::Kernel> kernel;  // for one example
  };

  Result<Step> MakeStep(std::size_t index) {
    const graph::Op& op = model_.graph.ops[index];
    Buffers buffers;
    for (const int input : op.inputs) buffers.inputs.push_back(tensors_[input].data());
    buffers.output = tensors_[op.output].data();
    Step step;
    // First the kernel, which knows what has to be refused.
    PHOTINUS_ASSIGN_OR_RETURN(step.kernel, tflite::MakeKernel(model_, index, tflite::Rounding::kXnn));
    PHOTINUS_ASSIGN_OR_RETURN(step.op, MakeOperator(model_, index, batch_, buffers, threads_.get()));
    if (step.op != nullptr) step.kernel.reset();
    return step;
  }

  // Operators compute the whole batch, of which count_ examples matter.
  Result<void> RunBatch() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].op != nullptr) {
        PHOTINUS_RETURN_IF_ERROR(
            Check(xnn_run_operator(steps_[i].op.get(), threads_.get()), "op '" + model_.graph.ops[i].name + "'"));
      } else {
        RunKernel(*steps_[i].kernel, model_.graph.ops[i]);
      }
    }
    return {};
  }

  void RunKernel(tflite::Kernel& kernel, const graph::Op& op) {
    for (std::size_t example = 0; example < count_; ++example) {
      kernel_inputs_.clear();
      for (const int input : op.inputs) kernel_inputs_.push_back(tensors_[input].data() + example * sizes_[input]);
      kernel.Run(kernel_inputs_, tensors_[op.output].data() + example * sizes_[op.output]);
    }
  }

  const graph::QuantizedModel model_;
  const std::size_t batch_;
  std::size_t count_ = 1;                          // examples of the latest batch
  std::vector<std::size_t> sizes_;                 // of one example, per tensor of the graph
  std::vector<std::vector<std::int8_t>> tensors_;  // batches, to which steps_ are bound
  std::vector<const std::int8_t*> kernel_inputs_;
  const Threads threads_;
  std::vector<Step> steps_;  // before threads_ and tensors_ in destruction
};

}  // namespace

Result<std::unique_ptr<tflite::Runner>> NewXnnpackRunner(graph::QuantizedModel model, const XnnpackOptions& options) {
  static const xnn_status initialized = xnn_initialize(nullptr);
  PHOTINUS_RETURN_IF_ERROR(Check(initialized, "XNNPACK's start"));
  PHOTINUS_RETURN_IF_ERROR(graph::ValidateModel(model));
  return XnnpackRunner::Make(std::move(model), options);
}

}  // namespace photinus::xnnpack
