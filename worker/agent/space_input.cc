#include "worker/agent/space_input.h"

#include "common/spaces/named_spaces.h"
#include "common/spaces/space.h"
#include "worker/graph/architectures.h"

namespace photinus {

std::optional<SpaceInput> InputOfSpace(const std::string& space) {
  const spaces::Space* found = spaces::FindSpace(space);
  if (found == nullptr) return std::nullopt;
  const Result<graph::Architecture> architecture = graph::ArchitectureOf(space, spaces::Defaults(*found));
  if (!architecture.ok()) return std::nullopt;
  return SpaceInput{architecture->height, architecture->width};
}

}  // namespace photinus
