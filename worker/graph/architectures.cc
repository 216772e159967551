#include "worker/graph/architectures.h"

#include <string>

#include "common/spaces/named_spaces.h"
#include "worker/graph/energy_audio.h"
#include "worker/graph/keywords_small.h"

namespace photinus::graph {
namespace {

struct Entry {
  const char* space;
  Result<Architecture> (*build)(const spaces::ParameterValues&);
};

// One line per named space (common/spaces/named_spaces.cc).
constexpr Entry kEntries[] = {{"energy-audio-1d", &EnergyAudio1d},
                              {"energy-audio-2d", &EnergyAudio2d},
                              {"energy-audio-49", &EnergyAudio49},
                              {"keywords-small", &KeywordsSmall}};

}  // namespace

Result<const spaces::Space*> NamedSpace(std::string_view name) {
  if (const spaces::Space* space = spaces::FindSpace(name)) return space;
  std::string known;
  for (const std::string& other : spaces::SpaceNames()) known += (known.empty() ? "" : ", ") + other;
  return NotFound("no space is named '" + std::string(name) + "'; known: " + known);
}

Result<Architecture> ArchitectureOf(std::string_view space, const spaces::ParameterValues& values) {
  PHOTINUS_RETURN_IF_ERROR(NamedSpace(space));
  for (const Entry& entry : kEntries) {
    if (entry.space == space) return entry.build(values);
  }
  return Internal("the space '" + std::string(space) + "' has no architectures");
}

}  // namespace photinus::graph
