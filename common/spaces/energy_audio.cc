#include "common/spaces/energy_audio.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/spaces/make_parameter.h"

namespace photinus::spaces {
namespace {

constexpr int kMinKernel = 3;
constexpr int kBlocks = 12;
constexpr char kAvgPool[] = "mobilenet_v2_avg_pool";
constexpr char kIdentity[] = "identity";

struct Strides {
  int time;
  int frequency;
};

// 196 x 40 -> 98 x 40, 98 x 40, 49 x 20, 25 x 10, 13 x 10, ..., 7 x 5.
constexpr Strides kStrides[kBlocks] = {{2, 1}, {1, 1}, {2, 2}, {2, 2}, {2, 1}, {1, 1},
                                       {1, 1}, {2, 2}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};

std::vector<double> FiltersOf(int number) {
  if (number <= 4) return {8, 16, 24};
  if (number <= 8) return {16, 24, 32};
  if (number <= 11) return {24, 32, 40};
  return {24, 32, 48};
}

std::vector<std::string> TypesOf(int number, const Strides& strides) {
  if (number == 1) return {"kxk"};
  if (number == 2) return {"kx1_1xk_dw"};
  std::vector<std::string> types = {"mobilenet_v1", "mobilenet_v2", "kx1_1xk_dw"};
  if (strides.time == 2 && strides.frequency == 2) types.emplace_back(kAvgPool);
  if (number == kBlocks) types.emplace_back("kx1_1xk");
  if (strides.time == 1 && strides.frequency == 1) types.emplace_back(kIdentity);
  return types;
}

// Active where the block's type is not `without`.
std::optional<Condition> Unless(const std::string& parent, std::vector<std::string> types, const std::string& without) {
  const auto removed = std::remove(types.begin(), types.end(), without);
  if (removed == types.end()) return std::nullopt;
  types.erase(removed, types.end());
  return Condition{parent, std::move(types)};
}

// How many options of a block have this type.
std::uint32_t OptionsOf(const std::string& type, const EnergyAudioBlock& block) {
  if (type == kIdentity) return 1;
  const int kernels = type == kAvgPool ? 1 : block.max_kernel - kMinKernel + 1;
  return static_cast<std::uint32_t>(block.filters.size()) * static_cast<std::uint32_t>(kernels);
}

void AddBlock(const std::string& name, const EnergyAudioBlock& block, std::vector<Parameter>& parameters) {
  if (block.types.size() > 1) {
    Parameter type = Categorical(name, block.types, block.types.front());
    for (const std::string& option : block.types) type.weights.push_back(OptionsOf(option, block));
    parameters.push_back(std::move(type));
  }
  Parameter filters = Discrete(name + ".filters", block.filters, block.filters[1]);
  filters.when = Unless(name, block.types, kIdentity);
  parameters.push_back(std::move(filters));
  if (block.max_kernel == kMinKernel) return;
  Parameter kernel = Integer(name + ".kernel", kMinKernel, block.max_kernel, kMinKernel);
  kernel.when = Unless(name, block.types, kAvgPool);
  parameters.push_back(std::move(kernel));
}

Space EnergyAudio(std::string name, std::string description) {
  Space space;
  space.name = std::move(name);
  space.description = std::move(description);
  int number = 0;
  for (const EnergyAudioBlock& block : EnergyAudioBlocks()) {
    AddBlock("block" + std::to_string(++number), block, space.parameters);
  }
  return space;
}

}  // namespace

const std::vector<EnergyAudioBlock>& EnergyAudioBlocks() {
  static const auto* const blocks = [] {
    auto* list = new std::vector<EnergyAudioBlock>;
    for (int number = 1; number <= kBlocks; ++number) {
      const Strides& strides = kStrides[number - 1];
      const int max_kernel = number <= 5 ? 5 : kMinKernel;
      list->push_back({strides.time, strides.frequency, FiltersOf(number), TypesOf(number, strides), max_kernel});
    }
    return list;
  }();
  return *blocks;
}

Space EnergyAudio2d() {
  return EnergyAudio("energy-audio-2d",
                     "Sounds, 196 x 40 log-mel to 9 classes: twelve blocks, about 13-39k parameters");
}

Space EnergyAudio1d() {
  return EnergyAudio("energy-audio-1d",
                     "Sounds, 196 x 40 log-mel to 9 classes: twelve blocks over time alone, about 13-36k parameters");
}

Space EnergyAudio49() {
  return EnergyAudio("energy-audio-49",
                     "Sounds, 49 x 40 log-mel to 9 classes: the networks of energy-audio-2d on a quarter of the input");
}

}  // namespace photinus::spaces
