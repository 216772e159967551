#include "worker/graph/baselines.h"

#include "worker/graph/architecture.h"
#include "worker/graph/graph_builder.h"

namespace photinus::graph {
namespace {

constexpr int kFrames = 196;
constexpr int kBins = 40;
constexpr int kClasses = 9;

Result<Graph> Classify(int last, GraphBuilder& builder) {
  return builder.Build(builder.Softmax("softmax", builder.FullyConnected("logits", last, kClasses, Activation::kNone)));
}

Result<Graph> MobileNetV1() {
  struct Layer {
    int filters;
    int stride;
  };
  constexpr Layer kLayers[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2},
                               {512, 1}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}};
  GraphBuilder builder("mobilenet-v1", {1, kFrames, kBins, 1});
  int last = builder.Conv("conv", 0, 32, {3, 3, 2, 1}, Activation::kRelu6);
  int number = 0;
  for (const Layer& layer : kLayers) {
    const std::string name = "block" + std::to_string(number++);
    last = builder.Depthwise(name + ".depthwise", last, {3, 3, layer.stride, layer.stride}, Activation::kRelu6);
    last = builder.Conv(name + ".pointwise", last, layer.filters, {}, Activation::kRelu6);
  }
  last = builder.FullyConnected("embedding", builder.GlobalAverage("pool", last), 1000, Activation::kNone);
  return Classify(last, builder);
}

// Expands 6-fold, filters each channel, projects; added to its input where sizes allow.
int InvertedResidual(const std::string& name, int input, int filters, int stride, GraphBuilder& builder) {
  const int channels = builder.DimsOf(input).back();
  const int expanded = builder.Conv(name + ".expand", input, 6 * channels, {}, Activation::kRelu6);
  const int depthwise = builder.Depthwise(name + ".depthwise", expanded, {3, 3, stride, stride}, Activation::kRelu6);
  const int projected = builder.Conv(name + ".project", depthwise, filters, {}, Activation::kNone);
  if (stride != 1 || channels != filters) return projected;
  return builder.Add(name + ".add", projected, input, Activation::kNone);
}

Result<Graph> MobileNetV2() {
  struct Group {
    int filters;
    int blocks;
    int stride;
  };
  constexpr Group kGroups[] = {{16, 1, 1}, {24, 2, 2}, {32, 3, 2}, {64, 4, 2}, {96, 3, 1}, {160, 3, 1}, {320, 1, 1}};
  GraphBuilder builder("mobilenet-v2", {1, kFrames, kBins, 1});
  int last = builder.Conv("conv", 0, 32, {3, 3, 2, 1}, Activation::kRelu6);
  int number = 0;
  for (const Group& group : kGroups) {
    for (int i = 0; i < group.blocks; ++i) {
      const std::string name = "block" + std::to_string(number++);
      last = InvertedResidual(name, last, group.filters, i == 0 ? group.stride : 1, builder);
    }
  }
  return Classify(builder.GlobalAverage("pool", builder.Conv("head", last, 1280, {}, Activation::kRelu6)), builder);
}

Result<Graph> TcResNet(const std::string& name, std::vector<Block> blocks) {
  Architecture architecture;
  architecture.name = name;
  architecture.height = kFrames;
  architecture.width = kBins;
  architecture.classes = kClasses;
  architecture.blocks = std::move(blocks);
  return BuildGraph(architecture);
}

Result<Graph> TcResNet8() {
  return TcResNet("tc-resnet8", {{BlockType::kTemporal, 16, 3, 1},
                                 {BlockType::kResidual, 24, 9, 2},
                                 {BlockType::kResidual, 32, 9, 2},
                                 {BlockType::kResidual, 48, 9, 2}});
}

Result<Graph> TcResNet14() {
  return TcResNet("tc-resnet14-1.5", {{BlockType::kTemporal, 24, 3, 1},
                                      {BlockType::kResidual, 36, 9, 2},
                                      {BlockType::kResidual, 36, 9, 1},
                                      {BlockType::kResidual, 48, 9, 2},
                                      {BlockType::kResidual, 48, 9, 1},
                                      {BlockType::kResidual, 72, 9, 2},
                                      {BlockType::kResidual, 72, 9, 1}});
}

struct Entry {
  const char* name;
  Result<Graph> (*build)();
};

constexpr Entry kBaselines[] = {{"mobilenet-v1", &MobileNetV1},
                                {"mobilenet-v2", &MobileNetV2},
                                {"tc-resnet14-1.5", &TcResNet14},
                                {"tc-resnet8", &TcResNet8}};

}  // namespace

Result<Graph> Baseline(std::string_view name) {
  std::string known;
  for (const Entry& entry : kBaselines) {
    if (entry.name == name) return entry.build();
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  return NotFound("no baseline is named '" + std::string(name) + "'; known: " + known);
}

std::vector<std::string> BaselineNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kBaselines) names.emplace_back(entry.name);
  return names;
}

}  // namespace photinus::graph
