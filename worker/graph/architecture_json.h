#ifndef PHOTINUS_WORKER_GRAPH_ARCHITECTURE_JSON_H_
#define PHOTINUS_WORKER_GRAPH_ARCHITECTURE_JSON_H_

#include <string>
#include <string_view>

#include "worker/graph/architecture.h"

namespace photinus::graph {

// Reads an architecture such as
//   {"name": "tiny", "input": {"height": 49, "width": 40, "channels": 1}, "classes": 12,
//    "blocks": [{"type": "temporal", "filters": 24, "kernel": 3, "stride": 1},
//               {"type": "conv", "filters": 32, "kernel": 5, "stride": 2}]}
// `name`, `input`, its members, `classes` and `stride` may be absent (defaults: Architecture, stride 1).
// InvalidArgument for text that is no JSON, wrong types, unknown or missing keys and unknown block types; the message
// names the place, such as blocks[1].kernel. Whether a network can be built of it, BuildGraph says.
Result<Architecture> ParseArchitecture(std::string_view json);

// The same, written with every key, one block per line. ParseArchitecture(ToJson(a)) == a.
std::string ToJson(const Architecture& architecture);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_ARCHITECTURE_JSON_H_
