// Convolutions and fully connected ops: acc = bias + sum of weight * (x - zero point), in which padding counts 0.
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "worker/tflite/kernel.h"
#include "worker/tflite/requantizer.h"

namespace photinus::tflite {
namespace {

using graph::Dims;
using graph::Op;
using graph::OpType;
using graph::QuantizedModel;
using graph::QuantizedWeights;

constexpr float kXnnMultiplierLimit = 256;

// Both loops below are written so that compilers turn them into the machine's 16-bit multiply-and-add instructions.
std::int32_t Dot(const std::int16_t* a, const std::int16_t* b, int count) {
  std::int32_t sum = 0;
  for (int i = 0; i < count; ++i) sum += std::int32_t{a[i]} * std::int32_t{b[i]};
  return sum;
}

void MultiplyAdd(const std::int16_t* a, const std::int16_t* b, int count, std::int32_t* sums) {
  for (int i = 0; i < count; ++i) sums[i] += std::int32_t{a[i]} * std::int32_t{b[i]};
}

// The input less its zero point, surrounded by the padding's zeros, so that the loops meet no border.
class PaddedInput {
 public:
  PaddedInput(const Dims& dims, const graph::Padding& padding, int zero_point)
      : height_(dims[1]),
        row_(dims[2] * dims[3]),
        padded_row_((dims[2] + padding.left + padding.right) * dims[3]),
        first_((padding.top * (dims[2] + padding.left + padding.right) + padding.left) * dims[3]),
        zero_point_(zero_point),
        values_(static_cast<std::size_t>(dims[1] + padding.top + padding.bottom) * padded_row_, 0) {}

  void Fill(const std::int8_t* input) {
    for (int y = 0; y < height_; ++y) {
      const std::int8_t* from = input + static_cast<std::ptrdiff_t>(y) * row_;
      std::int16_t* to = values_.data() + first_ + static_cast<std::ptrdiff_t>(y) * padded_row_;
      for (int i = 0; i < row_; ++i) to[i] = static_cast<std::int16_t>(from[i] - zero_point_);
    }
  }

  // Values of one padded row, and where the window whose corner is (row, first value of a row) begins.
  int RowSize() const { return padded_row_; }
  const std::int16_t* At(int row) const { return values_.data() + static_cast<std::ptrdiff_t>(row) * padded_row_; }

 private:
  const int height_;
  const int row_;
  const int padded_row_;
  const int first_;
  const int zero_point_;
  std::vector<std::int16_t> values_;
};

// A fully connected op is a convolution of a map of one position.
Dims AsMap(const Dims& dims) { return dims.size() == 2 ? Dims{1, 1, 1, dims[1]} : dims; }

std::vector<std::int16_t> Widen(const std::vector<std::int8_t>& values) { return {values.begin(), values.end()}; }

class ConvKernel : public Kernel {
 public:
  ConvKernel(const QuantizedModel& model, std::size_t index, Requantizer requantizer)
      : op_(model.graph.ops[index]),
        input_dims_(AsMap(model.graph.InputDims(op_))),
        output_dims_(AsMap(model.graph.OutputDims(op_))),
        weights_(Widen(model.weights[index].weights)),
        bias_(model.weights[index].bias),
        requantizer_(std::move(requantizer)),
        input_(input_dims_, op_.type == OpType::kFullyConnected ? graph::Padding{} : graph::OpPadding(model.graph, op_),
               model.tensors[op_.inputs[0]].zero_point),
        patch_(static_cast<std::size_t>(op_.kernel_h) * op_.kernel_w * input_dims_[3]),
        sums_(op_.filters) {}

  void Run(const std::vector<const std::int8_t*>& inputs, std::int8_t* output) override {
    input_.Fill(inputs[0]);
    for (int y = 0; y < output_dims_[1]; ++y) {
      for (int x = 0; x < output_dims_[2]; ++x) {
        const std::int16_t* patch = Patch(y * op_.stride_h, x * op_.stride_w * input_dims_[3]);
        RunPosition(patch, output);
        output += op_.filters;
      }
    }
  }

 private:
  // The window's values in the weights' order: in place where its rows lie next to each other, else copied.
  const std::int16_t* Patch(int row, int offset) {
    const int width = op_.kernel_w * input_dims_[3];
    if (op_.kernel_h == 1 || width == input_.RowSize()) return input_.At(row) + offset;
    for (int k = 0; k < op_.kernel_h; ++k) {
      std::copy_n(input_.At(row + k) + offset, width, patch_.data() + static_cast<std::ptrdiff_t>(k) * width);
    }
    return patch_.data();
  }

  void RunPosition(const std::int16_t* patch, std::int8_t* output) {
    const int count = static_cast<int>(patch_.size());
    const std::int16_t* weights = weights_.data();
    for (int c = 0; c < op_.filters; ++c, weights += count) sums_[c] = bias_[c] + Dot(patch, weights, count);
    requantizer_.Run(sums_.data(), output);
  }

  const Op op_;
  const Dims input_dims_;
  const Dims output_dims_;
  const std::vector<std::int16_t> weights_;
  const std::vector<std::int32_t> bias_;
  const Requantizer requantizer_;
  PaddedInput input_;
  std::vector<std::int16_t> patch_;
  std::vector<std::int32_t> sums_;
};

class DepthwiseKernel : public Kernel {
 public:
  DepthwiseKernel(const QuantizedModel& model, std::size_t index, Requantizer requantizer)
      : op_(model.graph.ops[index]),
        output_dims_(model.graph.OutputDims(op_)),
        weights_(Widen(model.weights[index].weights)),
        bias_(model.weights[index].bias),
        requantizer_(std::move(requantizer)),
        input_(model.graph.InputDims(op_), graph::OpPadding(model.graph, op_), model.tensors[op_.inputs[0]].zero_point),
        sums_(op_.filters) {}

  void Run(const std::vector<const std::int8_t*>& inputs, std::int8_t* output) override {
    input_.Fill(inputs[0]);
    for (int y = 0; y < output_dims_[1]; ++y) {
      for (int x = 0; x < output_dims_[2]; ++x) {
        RunPosition(y * op_.stride_h, x * op_.stride_w, output);
        output += op_.filters;
      }
    }
  }

 private:
  void RunPosition(int row, int column, std::int8_t* output) {
    const int channels = op_.filters;
    std::copy(bias_.begin(), bias_.end(), sums_.begin());
    const std::int16_t* weights = weights_.data();
    for (int ky = 0; ky < op_.kernel_h; ++ky) {
      const std::int16_t* values = input_.At(row + ky) + static_cast<std::ptrdiff_t>(column) * channels;
      for (int kx = 0; kx < op_.kernel_w; ++kx, values += channels, weights += channels) {
        MultiplyAdd(values, weights, channels, sums_.data());
      }
    }
    requantizer_.Run(sums_.data(), output);
  }

  const Op op_;
  const Dims output_dims_;
  const std::vector<std::int16_t> weights_;
  const std::vector<std::int32_t> bias_;
  const Requantizer requantizer_;
  PaddedInput input_;
  std::vector<std::int32_t> sums_;
};

// Whether no input can carry a channel's sum out of 32 bits.
bool SumsFit(const QuantizedModel& model, std::size_t index) {
  const Op& op = model.graph.ops[index];
  const QuantizedWeights& weights = model.weights[index];
  const int zero_point = model.tensors[op.inputs[0]].zero_point;
  const std::int64_t largest = std::max(127 - zero_point, zero_point + 128);
  const bool channel_last = op.type == OpType::kDepthwiseConv2D;
  const std::size_t per_channel = weights.weights.size() / op.filters;
  std::vector<std::int64_t> sums(op.filters, 0);
  for (std::size_t i = 0; i < weights.weights.size(); ++i) {
    sums[channel_last ? i % op.filters : i / per_channel] += std::abs(weights.weights[i]) * largest;
  }
  for (int c = 0; c < op.filters; ++c) {
    if (sums[c] + std::abs(std::int64_t{weights.bias[c]}) > std::numeric_limits<std::int32_t>::max()) return false;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<Kernel>> MakeWeightedKernel(const QuantizedModel& model, std::size_t index, Rounding rounding) {
  const Op& op = model.graph.ops[index];
  if (!SumsFit(model, index)) {
    return InvalidArgument("op '" + op.name + "': its weights and bias can carry a sum out of 32 bits");
  }
  Requantizer requantizer(op, model.tensors[op.inputs[0]], model.weights[index].scales, model.tensors[op.output],
                          rounding);
  if (rounding == Rounding::kXnn && !(requantizer.LargestMultiplier() < kXnnMultiplierLimit)) {
    return InvalidArgument("op '" + op.name +
                           "': input scale * weight scale / output scale is 2^8 or more; runtimes "
                           "with XNNPACK refuse such a file");
  }
  if (op.type == OpType::kDepthwiseConv2D) {
    return std::unique_ptr<Kernel>(std::make_unique<DepthwiseKernel>(model, index, std::move(requantizer)));
  }
  return std::unique_ptr<Kernel>(std::make_unique<ConvKernel>(model, index, std::move(requantizer)));
}

}  // namespace photinus::tflite
