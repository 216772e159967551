#include "worker/graph/blocks.h"

#include <algorithm>

namespace photinus::graph {
namespace {

constexpr int kSpectralKernel = 9;
constexpr int kSpectralStride = 5;
constexpr int kSpectralFiltersPerBand = 4;  // a band has filters / 4 of them
constexpr int kPoolKernel = 3;
constexpr int kMinMainPathFilters = 8;  // of the path beside an average pool

Window TimeWindow(int kernel, int stride) { return {kernel, 1, stride, 1, PaddingMode::kSame}; }
Window FrequencyWindow(int kernel, int stride) { return {1, kernel, 1, stride, PaddingMode::kSame}; }

// One block under construction: short names for what every op of it needs.
class BlockBuilder {
 public:
  BlockBuilder(const std::string& name, const Block& block, Activation activation, int input, GraphBuilder& builder)
      : name_(name), block_(block), activation_(activation), input_(input), builder_(builder) {}

  int Build() {
    switch (block_.type) {
      case BlockType::kTemporal:
        return Conv("conv", FrequencyToChannels(input_), block_.filters, TimeWindow(block_.kernel, block_.stride));
      case BlockType::kSpectral:
        return Spectral();
      case BlockType::kConv:
        return Conv("conv", input_, block_.filters, TimeWindow(block_.kernel, block_.stride));
      case BlockType::kSeparable:
      case BlockType::kMobileNetV1:  // the same where there is no frequency
        return Pointwise("pointwise", Depthwise("depthwise", input_, SquareWindow()), block_.filters, activation_);
      case BlockType::kResidual:
        return Residual();
      case BlockType::kKxk:
        return Conv("conv", input_, block_.filters, SquareWindow());
      case BlockType::kKx1Then1xk:
        return Factorised();
      case BlockType::kKx1Then1xkDepthwise:
        return FactorisedDepthwise();
      case BlockType::kMobileNetV2:
        return InvertedResidual();
      case BlockType::kMobileNetV2AvgPool:
        return InvertedResidualWithAveragePool();
      case BlockType::kIdentity:
        return input_;
    }
    return input_;
  }

 private:
  const Dims& InputDims() const { return builder_.DimsOf(input_); }
  bool HasFrequency() const { return InputDims()[2] > 1; }
  Window SquareWindow() const {
    if (!HasFrequency()) return TimeWindow(block_.kernel, block_.stride);
    return {block_.kernel, block_.kernel, block_.stride, block_.frequency_stride, PaddingMode::kSame};
  }

  int Conv(const char* op, int input, int filters, const Window& window) {
    return builder_.Conv(name_ + "." + op, input, filters, window, activation_);
  }
  int Depthwise(const char* op, int input, const Window& window) {
    return builder_.Depthwise(name_ + "." + op, input, window, activation_);
  }
  int Pointwise(const char* op, int input, int filters, Activation activation) {
    return builder_.Conv(name_ + "." + op, input, filters, {}, activation);
  }

  int FrequencyToChannels(int input) {
    const Dims& dims = builder_.DimsOf(input);
    return builder_.Reshape(name_ + ".reshape", input, {1, dims[1], 1, dims[2] * dims[3]});
  }

  int Spectral() {
    const Window window = {block_.kernel, kSpectralKernel, block_.stride, kSpectralStride, PaddingMode::kSame};
    return FrequencyToChannels(Conv("conv", input_, block_.filters / kSpectralFiltersPerBand, window));
  }

  int Residual() {
    const int first = Conv("conv1", input_, block_.filters, TimeWindow(block_.kernel, block_.stride));
    const int second =
        builder_.Conv(name_ + ".conv2", first, block_.filters, TimeWindow(block_.kernel, 1), Activation::kNone);
    int shortcut = input_;
    if (InputDims() != builder_.DimsOf(second)) {
      shortcut = Conv("shortcut", input_, block_.filters, TimeWindow(1, block_.stride));
    }
    return builder_.Add(name_ + ".add", second, shortcut, activation_);
  }

  int Factorised() {
    const int time = Conv("time", input_, block_.filters, TimeWindow(block_.kernel, block_.stride));
    if (!HasFrequency()) return time;
    return Conv("frequency", time, block_.filters, FrequencyWindow(block_.kernel, block_.frequency_stride));
  }

  int FactorisedDepthwise() {
    int last = Depthwise("time", input_, TimeWindow(block_.kernel, block_.stride));
    if (HasFrequency()) {
      last = Depthwise("frequency", last, FrequencyWindow(block_.kernel, block_.frequency_stride));
    }
    return Pointwise("pointwise", last, block_.filters, activation_);
  }

  int Inverted(int filters) {
    const int expanded = Pointwise("expand", input_, block_.expansion * InputDims()[3], activation_);
    return Pointwise("project", Depthwise("depthwise", expanded, SquareWindow()), filters, Activation::kNone);
  }

  int InvertedResidual() {
    const int projected = Inverted(block_.filters);
    if (InputDims() != builder_.DimsOf(projected)) return projected;
    return builder_.Add(name_ + ".add", projected, input_, Activation::kNone);
  }

  int InvertedResidualWithAveragePool() {
    const int main = Inverted(std::max(kMinMainPathFilters, block_.filters - InputDims()[3]));
    Window window = SquareWindow();
    window.kernel_h = kPoolKernel;
    if (HasFrequency()) window.kernel_w = kPoolKernel;
    return builder_.Concatenate(name_ + ".concat", {main, builder_.AveragePool(name_ + ".pool", input_, window)});
  }

  const std::string& name_;
  const Block& block_;
  const Activation activation_;
  const int input_;
  GraphBuilder& builder_;
};

bool InBounds(int value, int max) { return value >= 1 && value <= max; }

Result<void> CheckBlock(const std::string& name, const Block& block, const Dims& input) {
  const auto fail = [&](const char* what) {
    return InvalidArgument(name + " (" + BlockTypeName(block.type) + "): " + what);
  };
  if (!InBounds(block.stride, 16) || !InBounds(block.frequency_stride, 16)) return fail("stride must be 1..16");
  if (block.type == BlockType::kIdentity) {
    const bool strides = block.stride != 1 || block.frequency_stride != 1;
    return strides ? fail("cannot stride") : Result<void>();
  }
  if (!InBounds(block.filters, 4096)) return fail("filters must be 1..4096");
  if (!InBounds(block.kernel, 256)) return fail("kernel must be 1..256");
  if (!InBounds(block.expansion, 64)) return fail("expansion must be 1..64");
  if (RunsOverFrequency(block.type)) return {};
  if (block.frequency_stride != 1) return fail("runs over time alone, so it has one stride");
  const bool takes_frequency = block.type == BlockType::kTemporal || block.type == BlockType::kSpectral;
  if (!takes_frequency && input[2] != 1) {
    return fail("frequency must become channels first: begin with a temporal or spectral block");
  }
  if (block.type == BlockType::kSpectral && block.filters % kSpectralFiltersPerBand != 0) {
    return fail("filters must be a multiple of 4");
  }
  return {};
}

}  // namespace

Result<int> AddBlock(const std::string& name, const Block& block, Activation activation, int input,
                     GraphBuilder& builder) {
  PHOTINUS_RETURN_IF_ERROR(CheckBlock(name, block, builder.DimsOf(input)));
  return BlockBuilder(name, block, activation, input, builder).Build();
}

}  // namespace photinus::graph
