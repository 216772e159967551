#include "worker/net/profile_command.h"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <vector>

#include "worker/graph/architecture_file.h"
#include "worker/graph/counters.h"
#include "worker/graph/layers_json.h"
#include "worker/net/local_files.h"
#include "worker/tflite/random_model.h"
#include "worker/tflite/writer.h"
#include "worker/xnnpack/model_latency.h"

namespace photinus::net {
namespace {

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
  return {{"name", graph.name},
          {"params", graph::Params(graph)},
          {"flops", graph::Flops(graph)},
          {"macs", graph::Macs(graph)},
          {"size_bytes", size_bytes},
          {"trainable_params", graph::TrainableParams(graph)},
          {"keras_qat_params", graph::KerasQatParams(graph)},
          {"size_law_bytes", graph::TfliteSizeLaw(graph)},
          {"fp_ops", graph::FpOps(graph, graph::FpOpsRule::kTable)},
          {"flops_with_pointwise", graph::FlopsWithPointwise(graph)},
          {"bytes_moved", graph::BytesMoved(graph, graph::Pointwise::kFused)},
          {"compute_intensity", graph::ComputeIntensity(graph, graph::Pointwise::kFused)},
          {"layers", graph::LayersJson(graph)}};
}

// Text columns as wide as their longest entry, then numbers.
class Table {
 public:
  explicit Table(std::ostream& stream) : stream_(stream) {}

  void Add(const graph::LayerProfile& layer) {
    rows_.push_back({{layer.name, layer.type, layer.window, DimsText(layer.output)},
                     {std::to_string(layer.params), std::to_string(layer.flops), std::to_string(layer.macs)}});
  }

  void Print() const {
    PrintRow({{"layer", "type", "window", "output"}, {"params", "flops", "macs"}});
    for (const Row& row : rows_) PrintRow(row);
  }

 private:
  struct Row {
    std::vector<std::string> texts;
    std::vector<std::string> numbers;
  };

  void PrintRow(const Row& row) const {
    constexpr int kNumberWidth = 13;
    for (std::size_t i = 0; i < row.texts.size(); ++i) {
      std::size_t width = 6;
      for (const Row& other : rows_) width = std::max(width, other.texts[i].size());
      stream_ << std::left << std::setw(static_cast<int>(width) + 2) << row.texts[i];
    }
    for (const std::string& number : row.numbers) stream_ << std::right << std::setw(kNumberWidth) << number;
    stream_ << "\n";
  }

  std::ostream& stream_;
  std::vector<Row> rows_;
};

void PrintTable(const graph::Graph& graph, std::int64_t size_bytes, std::ostream& stream) {
  Table table(stream);
  for (const graph::LayerProfile& layer : graph::ProfileLayers(graph)) table.Add(layer);
  table.Add({"total", "", "", {}, graph::Params(graph), graph::Macs(graph), graph::Flops(graph)});
  table.Print();
  stream << "size_bytes        " << size_bytes << "\n"
         << "keras_qat_params  " << graph::KerasQatParams(graph) << "\n";
}

void PrintLatency(const xnnpack::ModelLatency& measured, std::ostream& stream) {
  const energy::Latency& latency = measured.latency;
  stream << "latency_ms        " << std::fixed << std::setprecision(3) << latency.median_ms
         << " (10 to 90 %: " << latency.p10_ms << " to " << latency.p90_ms << "; " << latency.runs << " runs, "
         << measured.runner << ", core " << latency.core << " of " << latency.processor << ", load "
         << std::setprecision(2) << latency.load << ")\n";
}

}  // namespace

Result<void> RunProfile(const std::string& net, bool latency, bool as_json, std::ostream& stream) {
  PHOTINUS_RETURN_IF_ERROR(CheckNetwork(net));
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Architecture architecture, graph::FindArchitecture(net));
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, graph::BuildGraph(architecture));
  PHOTINUS_ASSIGN_OR_RETURN(const std::int64_t size_bytes, tflite::TfliteFileSize(graph));
  std::optional<xnnpack::ModelLatency> measured;
  if (latency) {
    const graph::QuantizedModel model = tflite::RandomModel(graph::WithoutBatchNorm(graph), /*seed=*/1);
    PHOTINUS_ASSIGN_OR_RETURN(measured, xnnpack::MeasureModelLatency(model, {}));
  }
  if (as_json) {
    nlohmann::ordered_json json = ToJson(graph, size_bytes);
    if (measured) json["latency"] = xnnpack::ToJson(*measured);
    constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
    stream << json.dump(2, ' ', false, kReplace) << "\n";
  } else {
    PrintTable(graph, size_bytes, stream);
    if (measured) PrintLatency(*measured, stream);
  }
  return {};
}

}  // namespace photinus::net
