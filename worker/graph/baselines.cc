#include "worker/graph/baselines.h"

#include <utility>

namespace photinus::graph {
namespace {

Architecture PaperArchitecture(std::vector<Block> blocks) {
  Architecture architecture;
  architecture.height = 196;
  architecture.width = 40;
  architecture.classes = 9;
  architecture.blocks = std::move(blocks);
  return architecture;
}

Architecture MobileNetV1() {
  struct Layer {
    int filters;
    int stride;
  };
  constexpr Layer kLayers[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2},
                               {512, 1}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}};
  std::vector<Block> blocks = {{BlockType::kKxk, 32, 3, 2, 1}};
  for (const Layer& layer : kLayers) {
    blocks.push_back({BlockType::kMobileNetV1, layer.filters, 3, layer.stride, layer.stride});
  }
  Architecture architecture = PaperArchitecture(std::move(blocks));
  architecture.activation = Activation::kRelu6;
  architecture.hidden = 1000;
  return architecture;
}

Architecture MobileNetV2() {
  struct Group {
    int filters;
    int blocks;
    int stride;
  };
  constexpr Group kGroups[] = {{16, 1, 1}, {24, 2, 2}, {32, 3, 2}, {64, 4, 2}, {96, 3, 1}, {160, 3, 1}, {320, 1, 1}};
  constexpr int kExpansion = 6;
  std::vector<Block> blocks = {{BlockType::kKxk, 32, 3, 2, 1}};
  for (const Group& group : kGroups) {
    for (int i = 0; i < group.blocks; ++i) {
      const int stride = i == 0 ? group.stride : 1;
      blocks.push_back({BlockType::kMobileNetV2, group.filters, 3, stride, stride, kExpansion});
    }
  }
  blocks.push_back({BlockType::kKxk, 1280, 1});
  Architecture architecture = PaperArchitecture(std::move(blocks));
  architecture.activation = Activation::kRelu6;
  return architecture;
}

Architecture TcResNet8() {
  return PaperArchitecture({{BlockType::kTemporal, 16, 3, 1},
                            {BlockType::kResidual, 24, 9, 2},
                            {BlockType::kResidual, 32, 9, 2},
                            {BlockType::kResidual, 48, 9, 2}});
}

Architecture TcResNet14() {
  return PaperArchitecture({{BlockType::kTemporal, 24, 3, 1},
                            {BlockType::kResidual, 36, 9, 2},
                            {BlockType::kResidual, 36, 9, 1},
                            {BlockType::kResidual, 48, 9, 2},
                            {BlockType::kResidual, 48, 9, 1},
                            {BlockType::kResidual, 72, 9, 2},
                            {BlockType::kResidual, 72, 9, 1}});
}

struct Entry {
  const char* name;
  Architecture (*make)();
};

constexpr Entry kBaselines[] = {{"mobilenet_v1", &MobileNetV1},
                                {"mobilenet_v2", &MobileNetV2},
                                {"tc_resnet14_1.5", &TcResNet14},
                                {"tc_resnet8_1.0", &TcResNet8}};

}  // namespace

Result<Architecture> Baseline(std::string_view name) {
  std::string known;
  for (const Entry& entry : kBaselines) {
    if (entry.name == name) {
      Architecture architecture = entry.make();
      architecture.name = name;
      return architecture;
    }
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
