#include "worker/net/profile_command.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "worker/graph/baselines.h"
#include "worker/graph/counters.h"
#include "worker/graph/layers_json.h"
#include "worker/net/network_file.h"
#include "worker/tflite/writer.h"

namespace photinus::net {
namespace {

Result<graph::Graph> FindNetwork(const std::string& net) {
  Result<graph::Graph> baseline = graph::Baseline(net);
  if (baseline.ok()) return baseline;
  Result<graph::Graph> network = ReadNetwork(net);
  if (network.ok() || network.error().code != ErrorCode::kNotFound) return network;
  return NotFound(network.error().message + "; and " + baseline.error().message);
}

std::string DimsText(const graph::Dims& dims) {
  std::string text;
  for (const int dim : dims) {
    if (!text.empty()) text += 'x';
    text += std::to_string(dim);
  }
  return text;
}

// Ordered, so that the keys stand as documented.
nlohmann::ordered_json ToJson(const graph::Graph& graph, std::int64_t size_bytes) {
  return {{"name", graph.name},         {"params", graph::Params(graph)}, {"flops", graph::Flops(graph)},
          {"macs", graph::Macs(graph)}, {"size_bytes", size_bytes},       {"layers", graph::LayersJson(graph)}};
}

void PrintRow(std::ostream& stream, std::size_t name_width, const graph::LayerProfile& layer) {
  char numbers[96];
  std::snprintf(numbers, sizeof(numbers), "%10lld %12lld %12lld\n", static_cast<long long>(layer.params),
                static_cast<long long>(layer.flops), static_cast<long long>(layer.macs));
  const std::string output = DimsText(layer.output);
  stream << layer.name << std::string(name_width - layer.name.size() + 2, ' ') << layer.type
         << std::string(layer.type.size() < 18 ? 18 - layer.type.size() : 1, ' ') << output
         << std::string(output.size() < 14 ? 14 - output.size() : 1, ' ') << numbers;
}

void PrintTable(const graph::Graph& graph, std::int64_t size_bytes, std::ostream& stream) {
  const std::vector<graph::LayerProfile> layers = graph::ProfileLayers(graph);
  std::size_t width = 5;
  for (const graph::LayerProfile& layer : layers) width = std::max(width, layer.name.size());
  stream << "layer" << std::string(width - 5 + 2, ' ')
         << "type              output            params        flops         macs\n";
  for (const graph::LayerProfile& layer : layers) PrintRow(stream, width, layer);
  PrintRow(stream, width, {"total", "", {}, graph::Params(graph), graph::Macs(graph), graph::Flops(graph)});
  stream << "size_bytes  " << size_bytes << "\n";
}

}  // namespace

std::string JoinedBaselineNames() {
  std::string joined;
  for (const std::string& name : graph::BaselineNames()) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

Result<void> RunProfile(const std::string& net, bool as_json, std::ostream& stream) {
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, FindNetwork(net));
  PHOTINUS_ASSIGN_OR_RETURN(const std::int64_t size_bytes, tflite::TfliteFileSize(graph));
  if (as_json) {
    constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
    stream << ToJson(graph, size_bytes).dump(2, ' ', false, kReplace) << "\n";
  } else {
    PrintTable(graph, size_bytes, stream);
  }
  return {};
}

}  // namespace photinus::net
