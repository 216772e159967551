#ifndef PHOTINUS_WORKER_GRAPH_ARCHITECTURE_JSON_H_
#define PHOTINUS_WORKER_GRAPH_ARCHITECTURE_JSON_H_

#include <string>
#include <string_view>

#include "worker/graph/architecture.h"

namespace photinus::graph {

// Reads an architecture such as
//   {"name": "tiny", "input": {"height": 49, "width": 40, "channels": 1}, "activation": "relu", "hidden": 32,
//    "classes": 12,
//    "blocks": [{"type": "kxk", "filters": 8, "kernel": 3, "stride": [2, 1], "name": "stem"},
//               {"type": "mobilenet_v2", "filters": 24, "kernel": 5, "stride": [2, 2], "expansion": 3},
//               {"type": "identity"}]}
// or {"baseline": "mobilenet_v2", "input": ..., "classes": ...}, one of baselines.h with another input or other
// classes. `stride` is [over time, over frequency], or a number: over time alone. Required are `type` and, except of
// identity, `filters`, `kernel` and, of MobileNetV2's blocks, `expansion`; for all else there are defaults
// (Architecture, Block). InvalidArgument for text that is no JSON, wrong types, unknown or missing keys, unknown block
// types and baselines; the message names the place, such as blocks[1].kernel. Whether a network can be built of it,
// BuildGraph says.
Result<Architecture> ParseArchitecture(std::string_view json);

// The same, with every key that a block's type has, one block per line. ParseArchitecture(ToJson(a)) == a for
// architectures that BuildGraph accepts.
std::string ToJson(const Architecture& architecture);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_ARCHITECTURE_JSON_H_
