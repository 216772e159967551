#include "worker/graph/layers_json.h"

#include <nlohmann/json.hpp>

#include "worker/graph/counters.h"

namespace photinus::graph {

nlohmann::ordered_json LayersJson(const Graph& graph) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const LayerProfile& layer : ProfileLayers(graph)) {
    layers.push_back(
        {{"name", layer.name},
         {"type", layer.type},
         {"window", layer.window.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(layer.window)},
         {"output", layer.output},
         {"params", layer.params},
         {"flops", layer.flops},
         {"macs", layer.macs}});
  }
  return layers;
}

}  // namespace photinus::graph
