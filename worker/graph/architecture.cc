#include "worker/graph/architecture.h"

#include "worker/graph/blocks.h"
#include "worker/graph/graph_builder.h"

namespace photinus::graph {
namespace {

constexpr std::size_t kMaxBlockName = 64;  // bytes; names stand in the .tflite

struct TypeEntry {
  BlockType type;
  const char* name;
};

constexpr TypeEntry kTypes[] = {{BlockType::kTemporal, "temporal"},
                                {BlockType::kSpectral, "spectral"},
                                {BlockType::kConv, "conv"},
                                {BlockType::kSeparable, "separable"},
                                {BlockType::kResidual, "residual"},
                                {BlockType::kKxk, "kxk"},
                                {BlockType::kKx1Then1xk, "kx1_1xk"},
                                {BlockType::kKx1Then1xkDepthwise, "kx1_1xk_dw"},
                                {BlockType::kMobileNetV1, "mobilenet_v1"},
                                {BlockType::kMobileNetV2, "mobilenet_v2"},
                                {BlockType::kMobileNetV2AvgPool, "mobilenet_v2_avg_pool"},
                                {BlockType::kIdentity, "identity"}};

Result<void> CheckArchitecture(const Architecture& architecture) {
  if (architecture.blocks.empty() || architecture.blocks.size() > 256) {
    return InvalidArgument("an architecture needs 1..256 blocks");
  }
  if (architecture.height < 1 || architecture.width < 1 || architecture.channels < 1) {
    return InvalidArgument("the input's height, width and channels must be at least 1");
  }
  if (architecture.classes < 2) return InvalidArgument("an architecture needs at least 2 classes");
  if (architecture.hidden < 0 || architecture.hidden > 4096) return InvalidArgument("hidden must be 0..4096");
  if (architecture.activation == Activation::kNone) return InvalidArgument("the activation must be relu or relu6");
  if (!SaneDims({1, architecture.height, architecture.width, architecture.channels})) {
    return InvalidArgument("the input is too large: at most 65536 per axis and 2^24 values in all");
  }
  for (const Block& block : architecture.blocks) {
    if (block.name.size() > kMaxBlockName) return InvalidArgument("a block's name has at most 64 bytes");
  }
  return {};
}

}  // namespace

const char* BlockTypeName(BlockType type) {
  for (const TypeEntry& entry : kTypes) {
    if (entry.type == type) return entry.name;
  }
  return "unknown";
}

const std::vector<BlockType>& AllBlockTypes() {
  static const auto* const types = [] {
    auto* list = new std::vector<BlockType>;
    for (const TypeEntry& entry : kTypes) list->push_back(entry.type);
    return list;
  }();
  return *types;
}

bool RunsOverFrequency(BlockType type) {
  switch (type) {
    case BlockType::kTemporal:
    case BlockType::kSpectral:
    case BlockType::kConv:
    case BlockType::kSeparable:
    case BlockType::kResidual:
      return false;
    default:
      return true;
  }
}

bool Expands(BlockType type) { return type == BlockType::kMobileNetV2 || type == BlockType::kMobileNetV2AvgPool; }

Result<Graph> BuildGraph(const Architecture& architecture) {
  PHOTINUS_RETURN_IF_ERROR(CheckArchitecture(architecture));
  GraphBuilder builder(architecture.name, {1, architecture.height, architecture.width, architecture.channels});
  int last = builder.Input();
  for (std::size_t i = 0; i < architecture.blocks.size(); ++i) {
    const Block& block = architecture.blocks[i];
    const std::string name = block.name.empty() ? "block" + std::to_string(i) : block.name;
    PHOTINUS_ASSIGN_OR_RETURN(last, AddBlock(name, block, architecture.activation, last, builder));
  }
  last = builder.GlobalAverage("pool", last);
  if (architecture.hidden > 0) {
    last = builder.FullyConnected("hidden", last, architecture.hidden, Activation::kRelu);
  }
  const int logits = builder.FullyConnected("logits", last, architecture.classes, Activation::kNone);
  return builder.Build(builder.Softmax("softmax", logits));
}

}  // namespace photinus::graph
