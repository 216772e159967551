#include "worker/graph/energy_audio.h"

#include <string>
#include <vector>

#include "common/spaces/energy_audio.h"
#include "worker/graph/space_point.h"

namespace photinus::graph {
namespace {

constexpr int kKernel = 3;  // where it is not searched
constexpr int kExpansion = 3;
constexpr int kHidden = 32;
constexpr int kClasses = 9;

Result<BlockType> TypeOf(const SpacePoint& point, const std::string& name, const spaces::EnergyAudioBlock& choices) {
  std::vector<NamedType> named;
  for (const BlockType type : AllBlockTypes()) {
    for (const std::string& known : choices.types) {
      if (known == BlockTypeName(type)) named.push_back({BlockTypeName(type), type});
    }
  }
  if (named.size() == 1) return named.front().type;  // not searched
  return point.Type(name, named);
}

Result<Block> BlockOf(const SpacePoint& point, const std::string& name, const spaces::EnergyAudioBlock& choices) {
  Block block;
  block.name = name;
  PHOTINUS_ASSIGN_OR_RETURN(block.type, TypeOf(point, name, choices));
  if (block.type == BlockType::kIdentity) return block;
  PHOTINUS_ASSIGN_OR_RETURN(block.filters, point.WholeNumber(name + ".filters"));
  block.kernel = kKernel;
  if (choices.max_kernel > kKernel && block.type != BlockType::kMobileNetV2AvgPool) {
    PHOTINUS_ASSIGN_OR_RETURN(block.kernel, point.WholeNumber(name + ".kernel"));
  }
  block.stride = choices.time_stride;
  block.frequency_stride = choices.frequency_stride;
  if (Expands(block.type)) block.expansion = kExpansion;
  return block;
}

Result<Architecture> EnergyAudio(std::string name, int frames, const spaces::ParameterValues& values) {
  Architecture architecture;
  architecture.name = std::move(name);
  architecture.height = frames;
  architecture.hidden = kHidden;
  architecture.classes = kClasses;
  const SpacePoint point(architecture.name, values);
  int number = 0;
  for (const spaces::EnergyAudioBlock& choices : spaces::EnergyAudioBlocks()) {
    PHOTINUS_ASSIGN_OR_RETURN(Block block, BlockOf(point, "block" + std::to_string(++number), choices));
    architecture.blocks.push_back(std::move(block));
  }
  return architecture;
}

}  // namespace

Result<Architecture> EnergyAudio2d(const spaces::ParameterValues& values) {
  return EnergyAudio("energy-audio-2d", 196, values);
}

Result<Architecture> EnergyAudio1d(const spaces::ParameterValues& values) {
  PHOTINUS_ASSIGN_OR_RETURN(Architecture architecture, EnergyAudio("energy-audio-1d", 196, values));
  architecture.blocks.front().type = BlockType::kTemporal;
  for (Block& block : architecture.blocks) block.frequency_stride = 1;
  return architecture;
}

Result<Architecture> EnergyAudio49(const spaces::ParameterValues& values) {
  return EnergyAudio("energy-audio-49", 49, values);
}

}  // namespace photinus::graph
