// A swarm's memory as bytes.
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_STATE_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_STATE_H_

#include <string>
#include <string_view>

#include "server/algorithms/firefly/swarm.h"

namespace photinus::firefly {

// proto/photinus/v1/firefly_state.proto. dimension: of the space.
std::string Serialize(const SwarmState& state, int dimension);

// The state of bytes that Serialize wrote for a space of this dimension and a study of as many objectives; else that of
// a swarm that knows nothing.
SwarmState Parse(std::string_view bytes, int dimension, size_t objectives);

// What Parse makes of Serialize(state), without the bytes: a swarm goes on from either in the same way.
SwarmState AsParsed(SwarmState state);

// The trials whose news such bytes lack: all, where they do not keep which points were evaluated, because those are
// many.
WantedTrials NewTo(std::string_view bytes);
// Whether that is so.
bool NeedsAllTrials(std::string_view bytes);

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_STATE_H_
