// The ops without weights.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "worker/tflite/kernel.h"

namespace photinus::tflite {
namespace {

using graph::Dims;
using graph::Op;
using graph::Quantization;
using graph::QuantizedModel;

// XNNPACK's addition: both inputs scaled to one fixed point, summed, shifted, half up.
class XnnAddKernel : public Kernel {
 public:
  XnnAddKernel(const Quantization& left, const Quantization& right, const Quantization& output, const Limits& limits,
               std::int64_t count)
      : left_(left), right_(right), output_(output), limits_(limits), count_(count) {
    const float left_ratio = left.scale / output.scale;
    const float right_ratio = right.scale / output.scale;
    shift_ = kFixedBits - std::ilogb(std::max(left_ratio, right_ratio));
    left_multiplier_ = std::lrint(std::ldexp(left_ratio, shift_));
    right_multiplier_ = std::lrint(std::ldexp(right_ratio, shift_));
  }

  void Run(const std::vector<const std::int8_t*>& inputs, std::int8_t* output) override {
    const std::int64_t bias =
        (std::int64_t{1} << (shift_ - 1)) - left_.zero_point * left_multiplier_ - right_.zero_point * right_multiplier_;
    for (std::int64_t i = 0; i < count_; ++i) {
      const std::int64_t sum = inputs[0][i] * left_multiplier_ + inputs[1][i] * right_multiplier_ + bias;
      const std::int64_t value = (sum >> shift_) + output_.zero_point;
      output[i] = static_cast<std::int8_t>(std::clamp<std::int64_t>(value, limits_.low, limits_.high));
    }
  }

  // Outside these ratios the delegate leaves the op to the built-in kernels.
  static bool Takes(const Quantization& input, const Quantization& output) {
    const float ratio = input.scale / output.scale;
    return ratio >= 0x1p-10f && ratio < 0x1p+8f;
  }

 private:
  static constexpr int kFixedBits = 20;

  const Quantization left_;
  const Quantization right_;
  const Quantization output_;
  const Limits limits_;
  const std::int64_t count_;
  int shift_ = 0;
  std::int64_t left_multiplier_ = 0;
  std::int64_t right_multiplier_ = 0;
};

// LiteRT's own addition: inputs shifted left by 20 and scaled, summed, scaled back. Its vector loop takes 16 elements
// at a time and rounds the input scalings once; the elements left over round twice.
class BuiltinAddKernel : public Kernel {
 public:
  BuiltinAddKernel(const Quantization& left, const Quantization& right, const Quantization& output,
                   const Limits& limits, std::int64_t count)
      : zero_point_(output.zero_point), limits_(limits), count_(count) {
    const double twice_max = 2 * static_cast<double>(std::max(left.scale, right.scale));
    const FixedMultiplier left_multiplier = ToFixed(left.scale / twice_max);
    const FixedMultiplier right_multiplier = ToFixed(right.scale / twice_max);
    output_multiplier_ = ToFixed(twice_max / ((1 << kLeftShift) * static_cast<double>(output.scale)));
    // An input has 256 values: their scalings are looked up.
    for (int q = -128; q <= 127; ++q) {
      const std::int32_t a = (q - left.zero_point) * (1 << kLeftShift);
      const std::int32_t b = (q - right.zero_point) * (1 << kLeftShift);
      left_once_[q + 128] = MultiplyOneRounding(a, left_multiplier);
      right_once_[q + 128] = MultiplyOneRounding(b, right_multiplier);
      left_twice_[q + 128] = MultiplyTwoRoundings(a, left_multiplier, Half::kAwayFromZero);
      right_twice_[q + 128] = MultiplyTwoRoundings(b, right_multiplier, Half::kAwayFromZero);
    }
  }

  void Run(const std::vector<const std::int8_t*>& inputs, std::int8_t* output) override {
    const std::int64_t grouped = count_ / kGroup * kGroup;
    for (std::int64_t i = 0; i < count_; ++i) {
      const int a = inputs[0][i] + 128;
      const int b = inputs[1][i] + 128;
      const std::int32_t sum = i < grouped ? left_once_[a] + right_once_[b] : left_twice_[a] + right_twice_[b];
      const std::int32_t value = MultiplyTwoRoundings(sum, output_multiplier_, Half::kAwayFromZero) + zero_point_;
      output[i] = static_cast<std::int8_t>(std::clamp(value, limits_.low, limits_.high));
    }
  }

 private:
  static constexpr int kLeftShift = 20;
  static constexpr std::int64_t kGroup = 16;
  using Table = std::array<std::int32_t, 256>;

  const int zero_point_;
  const Limits limits_;
  const std::int64_t count_;
  FixedMultiplier output_multiplier_;
  Table left_once_;
  Table right_once_;
  Table left_twice_;
  Table right_twice_;
};

// The integer mean of the window's positions that lie inside the map, half away from zero, in every runtime.
class AveragePoolKernel : public Kernel {
 public:
  AveragePoolKernel(const QuantizedModel& model, const Op& op)
      : op_(op),
        input_dims_(model.graph.InputDims(op)),
        output_dims_(model.graph.OutputDims(op)),
        padding_(graph::OpPadding(model.graph, op)),
        limits_(ActivationLimits(op.activation, model.tensors[op.output])),
        sums_(input_dims_[3]) {}

  void Run(const std::vector<const std::int8_t*>& inputs, std::int8_t* output) override {
    for (int y = 0; y < output_dims_[1]; ++y) {
      for (int x = 0; x < output_dims_[2]; ++x) {
        RunPosition(inputs[0], y * op_.stride_h - padding_.top, x * op_.stride_w - padding_.left, output);
        output += input_dims_[3];
      }
    }
  }

 private:
  void RunPosition(const std::int8_t* input, int top, int left, std::int8_t* output) {
    const int channels = input_dims_[3];
    const int first_row = std::max(top, 0);
    const int last_row = std::min(top + op_.kernel_h, input_dims_[1]);
    const int first_column = std::max(left, 0);
    const int last_column = std::min(left + op_.kernel_w, input_dims_[2]);
    std::fill(sums_.begin(), sums_.end(), 0);
    for (int row = first_row; row < last_row; ++row) {
      for (int column = first_column; column < last_column; ++column) {
        const std::int8_t* values = input + (static_cast<std::ptrdiff_t>(row) * input_dims_[2] + column) * channels;
        for (int c = 0; c < channels; ++c) sums_[c] += values[c];
      }
    }
    const int count = (last_row - first_row) * (last_column - first_column);
    for (int c = 0; c < channels; ++c) {
      output[c] = static_cast<std::int8_t>(std::clamp(DivideHalfAway(sums_[c], count), limits_.low, limits_.high));
    }
  }

  const Op op_;
  const Dims input_dims_;
  const Dims output_dims_;
  const graph::Padding padding_;
  const Limits limits_;
  std::vector<std::int32_t> sums_;
};

// Copies: the inputs have the output's quantization.
class ConcatenationKernel : public Kernel {
 public:
  ConcatenationKernel(const QuantizedModel& model, const Op& op) {
    for (const int input : op.inputs) channels_.push_back(model.graph.tensors[input].dims[3]);
    const Dims& output = model.graph.OutputDims(op);
    positions_ = static_cast<std::ptrdiff_t>(output[1]) * output[2];
  }

  void Run(const std::vector<const std::int8_t*>& inputs, std::int8_t* output) override {
    for (std::ptrdiff_t position = 0; position < positions_; ++position) {
      for (std::size_t i = 0; i < channels_.size(); ++i) {
        std::memcpy(output, inputs[i] + position * channels_[i], channels_[i]);
        output += channels_[i];
      }
    }
  }

 private:
  std::vector<int> channels_;  // of each input
  std::ptrdiff_t positions_ = 0;
};

class ReshapeKernel : public Kernel {
 public:
  explicit ReshapeKernel(std::size_t count) : count_(count) {}

  void Run(const std::vector<const std::int8_t*>& inputs, std::int8_t* output) override {
    std::memcpy(output, inputs[0], count_);
  }

 private:
  const std::size_t count_;
};

// Over the last axis; in float, with the exponentials of all differences looked up, as TFLite does.
class SoftmaxKernel : public Kernel {
 public:
  SoftmaxKernel(const Dims& dims, float scale) : size_(dims.back()), rows_(graph::ElementCount(dims) / size_) {
    for (int difference = 0; difference < 256; ++difference) {
      exponentials_[difference] = std::exp(-scale * static_cast<float>(difference));
    }
  }

  void Run(const std::vector<const std::int8_t*>& inputs, std::int8_t* output) override {
    const std::int8_t* row = inputs[0];
    for (std::int64_t r = 0; r < rows_; ++r, row += size_, output += size_) {
      const std::int8_t max = *std::max_element(row, row + size_);
      float sum = 0;
      for (int i = 0; i < size_; ++i) sum += exponentials_[max - row[i]];
      const float inverse = 1.0f / (sum * graph::kSoftmaxQuantization.scale);
      for (int i = 0; i < size_; ++i) {
        const float share = std::round(exponentials_[max - row[i]] * inverse);
        output[i] = static_cast<std::int8_t>(
            std::clamp(static_cast<int>(share) + graph::kSoftmaxQuantization.zero_point, -128, 127));
      }
    }
  }

 private:
  const int size_;
  const std::int64_t rows_;
  std::array<float, 256> exponentials_;  // of a logit that lies so many steps below the largest one
};

}  // namespace

std::unique_ptr<Kernel> MakeAddKernel(const QuantizedModel& model, std::size_t index, Rounding rounding) {
  const Op& op = model.graph.ops[index];
  const Quantization& left = model.tensors[op.inputs[0]];
  const Quantization& right = model.tensors[op.inputs[1]];
  const Quantization& output = model.tensors[op.output];
  const Limits limits = ActivationLimits(op.activation, output);
  const std::int64_t count = graph::ElementCount(model.graph.OutputDims(op));
  const bool delegated = XnnAddKernel::Takes(left, output) && XnnAddKernel::Takes(right, output);
  if (rounding == Rounding::kXnn && delegated) {
    return std::make_unique<XnnAddKernel>(left, right, output, limits, count);
  }
  return std::make_unique<BuiltinAddKernel>(left, right, output, limits, count);
}

std::unique_ptr<Kernel> MakeConcatenationKernel(const QuantizedModel& model, std::size_t index) {
  return std::make_unique<ConcatenationKernel>(model, model.graph.ops[index]);
}

std::unique_ptr<Kernel> MakeAveragePoolKernel(const QuantizedModel& model, std::size_t index) {
  return std::make_unique<AveragePoolKernel>(model, model.graph.ops[index]);
}

std::unique_ptr<Kernel> MakeReshapeKernel(const QuantizedModel& model, std::size_t index) {
  return std::make_unique<ReshapeKernel>(graph::ElementCount(model.graph.OutputDims(model.graph.ops[index])));
}

std::unique_ptr<Kernel> MakeSoftmaxKernel(const QuantizedModel& model, std::size_t index) {
  const Op& op = model.graph.ops[index];
  return std::make_unique<SoftmaxKernel>(model.graph.OutputDims(op), model.tensors[op.inputs[0]].scale);
}

}  // namespace photinus::tflite
