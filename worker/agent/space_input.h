// What the networks of a named space take.
#ifndef PHOTINUS_WORKER_AGENT_SPACE_INPUT_H_
#define PHOTINUS_WORKER_AGENT_SPACE_INPUT_H_

#include <optional>
#include <string>

namespace photinus {

struct SpaceInput {
  int height = 0;
  int width = 0;
};

// The same for all points of the space; nothing for a space that this worker does not know.
std::optional<SpaceInput> InputOfSpace(const std::string& space);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_SPACE_INPUT_H_
