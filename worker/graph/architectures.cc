#include "worker/graph/architectures.h"

#include <string>

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

Result<Architecture> ArchitectureOf(std::string_view space, const spaces::ParameterValues& values) {
  std::string known;
  for (const Entry& entry : kEntries) {
    if (entry.space == space) return entry.build(values);
    known += (known.empty() ? "" : ", ") + std::string(entry.space);
  }
  return NotFound("no space is named '" + std::string(space) + "'; known: " + known);
}

}  // namespace photinus::graph
