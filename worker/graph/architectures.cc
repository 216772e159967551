#include "worker/graph/architectures.h"

#include <string>

#include "worker/graph/keywords_small.h"

namespace photinus::graph {
namespace {

struct Entry {
  const char* space;
  Result<Architecture> (*build)(const spaces::ParameterValues&);
};

// One line per named space (common/spaces/named_spaces.cc).
constexpr Entry kEntries[] = {{"keywords-small", &KeywordsSmall}};

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
