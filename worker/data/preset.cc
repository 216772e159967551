#include "worker/data/preset.h"

namespace photinus::data {
namespace {

std::vector<Preset> Presets() {
  return {
      {"keywords", 8400, 1200, 1200, MixOptions{5, 25, 0}},
      {"smoke", 240, 72, 72, MixOptions{15, 30, 0}},
  };
}

}  // namespace

int Preset::ClipCount(Split split) const {
  switch (split) {
    case Split::kTrain:
      return train_clips;
    case Split::kValidation:
      return validation_clips;
    case Split::kTest:
      return test_clips;
  }
  return 0;
}

size_t Preset::TotalClips() const {
  size_t total = 0;
  for (const Split split : kSplits) total += static_cast<size_t>(ClipCount(split));
  return total;
}

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  for (const Preset& preset : Presets()) names.push_back(preset.name);
  return names;
}

Result<Preset> FindPreset(std::string_view name) {
  std::string known;
  for (const Preset& preset : Presets()) {
    if (preset.name == name) return preset;
    known += (known.empty() ? "" : ", ") + preset.name;
  }
  return InvalidArgument("unknown task or preset \"" + std::string(name) + "\"; known are: " + known);
}

}  // namespace photinus::data
