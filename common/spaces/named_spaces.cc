#include "common/spaces/named_spaces.h"

#include <map>

#include "common/spaces/energy_audio.h"
#include "common/spaces/keywords_small.h"

namespace photinus::spaces {
namespace {

// The only list: a new space is a file pair and a line here (its networks: a line in worker/graph/architectures.cc).
const std::map<std::string, Space, std::less<>>& Spaces() {
  static const auto* const spaces = new std::map<std::string, Space, std::less<>>{
      {"energy-audio-1d", EnergyAudio1d()},
      {"energy-audio-2d", EnergyAudio2d()},
      {"energy-audio-49", EnergyAudio49()},
      {"keywords-small", KeywordsSmall()},
  };
  return *spaces;
}

}  // namespace

const Space* FindSpace(std::string_view name) {
  const auto found = Spaces().find(name);
  return found == Spaces().end() ? nullptr : &found->second;
}

std::vector<std::string> SpaceNames() {
  std::vector<std::string> names;
  for (const auto& [name, space] : Spaces()) names.push_back(name);
  return names;
}

}  // namespace photinus::spaces
