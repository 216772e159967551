#include "worker/graph/architecture.h"

#include "worker/graph/graph_builder.h"

namespace photinus::graph {
namespace {

constexpr int kSpectralKernel = 9;
constexpr int kSpectralStride = 5;
constexpr int kSpectralFiltersPerBand = 4;  // a band has filters / 4 of them

Window TimeWindow(int kernel, int stride) { return {kernel, 1, stride, 1, PaddingMode::kSame}; }

int FrequencyToChannels(const std::string& name, int input, GraphBuilder& builder) {
  const Dims& dims = builder.DimsOf(input);
  return builder.Reshape(name, input, {1, dims[1], 1, dims[2] * dims[3]});
}

int AddTemporal(const std::string& name, const Block& block, int input, GraphBuilder& builder) {
  const int channels = FrequencyToChannels(name + ".reshape", input, builder);
  return builder.Conv(name + ".conv", channels, block.filters, TimeWindow(block.kernel, block.stride),
                      Activation::kRelu);
}

int AddSpectral(const std::string& name, const Block& block, int input, GraphBuilder& builder) {
  const Window window = {block.kernel, kSpectralKernel, block.stride, kSpectralStride, PaddingMode::kSame};
  const int filters = block.filters / kSpectralFiltersPerBand;
  return FrequencyToChannels(name + ".reshape", builder.Conv(name + ".conv", input, filters, window, Activation::kRelu),
                             builder);
}

int AddSeparable(const std::string& name, const Block& block, int input, GraphBuilder& builder) {
  const int depthwise =
      builder.Depthwise(name + ".depthwise", input, TimeWindow(block.kernel, block.stride), Activation::kRelu);
  return builder.Conv(name + ".pointwise", depthwise, block.filters, TimeWindow(1, 1), Activation::kRelu);
}

int AddResidual(const std::string& name, const Block& block, int input, GraphBuilder& builder) {
  const Window strided = TimeWindow(block.kernel, block.stride);
  const int first = builder.Conv(name + ".conv1", input, block.filters, strided, Activation::kRelu);
  const int second =
      builder.Conv(name + ".conv2", first, block.filters, TimeWindow(block.kernel, 1), Activation::kNone);
  int shortcut = input;
  if (builder.DimsOf(input) != builder.DimsOf(second)) {
    shortcut = builder.Conv(name + ".shortcut", input, block.filters, TimeWindow(1, block.stride), Activation::kRelu);
  }
  return builder.Add(name + ".add", second, shortcut, Activation::kRelu);
}

Error BlockError(const std::string& name, const Block& block, const std::string& what) {
  return InvalidArgument(name + " (" + BlockTypeName(block.type) + "): " + what);
}

Result<void> CheckBlock(const std::string& name, const Block& block, const Dims& input) {
  if (block.filters < 1 || block.filters > 4096) return BlockError(name, block, "filters must be 1..4096");
  if (block.kernel < 1 || block.kernel > 256) return BlockError(name, block, "kernel must be 1..256");
  if (block.stride < 1 || block.stride > 16) return BlockError(name, block, "stride must be 1..16");
  const bool takes_frequency = block.type == BlockType::kTemporal || block.type == BlockType::kSpectral;
  if (!takes_frequency && input[2] != 1) {
    return BlockError(name, block, "frequency must become channels first: begin with a temporal or spectral block");
  }
  if (block.type == BlockType::kSpectral && block.filters % kSpectralFiltersPerBand != 0) {
    return BlockError(name, block, "filters must be a multiple of 4");
  }
  return {};
}

int AddBlock(const std::string& name, const Block& block, int input, GraphBuilder& builder) {
  switch (block.type) {
    case BlockType::kTemporal:
      return AddTemporal(name, block, input, builder);
    case BlockType::kSpectral:
      return AddSpectral(name, block, input, builder);
    case BlockType::kConv:
      return builder.Conv(name + ".conv", input, block.filters, TimeWindow(block.kernel, block.stride),
                          Activation::kRelu);
    case BlockType::kSeparable:
      return AddSeparable(name, block, input, builder);
    case BlockType::kResidual:
      return AddResidual(name, block, input, builder);
  }
  return input;
}

}  // namespace

const char* BlockTypeName(BlockType type) {
  switch (type) {
    case BlockType::kTemporal:
      return "temporal";
    case BlockType::kSpectral:
      return "spectral";
    case BlockType::kConv:
      return "conv";
    case BlockType::kSeparable:
      return "separable";
    case BlockType::kResidual:
      return "residual";
  }
  return "unknown";
}

Result<Graph> BuildGraph(const Architecture& architecture) {
  if (architecture.blocks.empty() || architecture.blocks.size() > 256) {
    return InvalidArgument("an architecture needs 1..256 blocks");
  }
  if (architecture.height < 1 || architecture.width < 1 || architecture.channels < 1) {
    return InvalidArgument("the input's height, width and channels must be at least 1");
  }
  if (architecture.classes < 2) return InvalidArgument("an architecture needs at least 2 classes");
  const Dims input = {1, architecture.height, architecture.width, architecture.channels};
  if (!SaneDims(input)) return InvalidArgument("the input is too large: at most 65536 per axis and 2^24 values in all");
  GraphBuilder builder(architecture.name, input);
  int last = builder.Input();
  for (std::size_t i = 0; i < architecture.blocks.size(); ++i) {
    const std::string name = "block" + std::to_string(i);
    const Block& block = architecture.blocks[i];
    PHOTINUS_RETURN_IF_ERROR(CheckBlock(name, block, builder.DimsOf(last)));
    last = AddBlock(name, block, last, builder);
  }
  const int pooled = builder.GlobalAverage("pool", last);
  const int logits = builder.FullyConnected("logits", pooled, architecture.classes, Activation::kNone);
  return builder.Build(builder.Softmax("softmax", logits));
}

}  // namespace photinus::graph
