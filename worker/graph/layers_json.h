#ifndef PHOTINUS_WORKER_GRAPH_LAYERS_JSON_H_
#define PHOTINUS_WORKER_GRAPH_LAYERS_JSON_H_

#include <nlohmann/json_fwd.hpp>

#include "worker/graph/graph.h"

namespace photinus::graph {

// The counts of each op as a list of objects: name, type, window (kernel/stride, null where
// there is none), output (sizes), params, flops, macs.
nlohmann::ordered_json LayersJson(const Graph& graph);

}  // namespace photinus::graph

#endif  // PHOTINUS_WORKER_GRAPH_LAYERS_JSON_H_
