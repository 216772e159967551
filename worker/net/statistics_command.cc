#include "worker/net/statistics_command.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>
#include <vector>

#include "common/spaces/sample.h"
#include "worker/base/quantile.h"
#include "worker/graph/architectures.h"
#include "worker/graph/counters.h"
#include "worker/tflite/writer.h"

namespace photinus::net {
namespace {

struct Percent {
  int value;
  const char* key;
};
constexpr Percent kPercents[] = {{5, "p5"}, {25, "p25"}, {50, "p50"}, {75, "p75"}, {95, "p95"}};

// One count of all networks.
struct Count {
  const char* name;
  std::vector<std::int64_t> values;
};

Result<std::vector<Count>> CountNetworks(const StatisticsOptions& options) {
  std::vector<Count> counts = {{"params", {}}, {"keras_qat_params", {}}, {"size_bytes", {}}, {"flops", {}}};
  PHOTINUS_ASSIGN_OR_RETURN(const spaces::Space* space, graph::NamedSpace(options.space));
  for (int i = 0; i < options.networks; ++i) {
    const spaces::ParameterValues point = spaces::Sample(*space, options.seed + static_cast<unsigned>(i));
    PHOTINUS_ASSIGN_OR_RETURN(const graph::Architecture architecture, graph::ArchitectureOf(options.space, point));
    PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, graph::BuildGraph(architecture));
    PHOTINUS_ASSIGN_OR_RETURN(const std::int64_t size_bytes, tflite::TfliteFileSize(graph));
    const std::int64_t values[] = {graph::Params(graph), graph::KerasQatParams(graph), size_bytes, graph::Flops(graph)};
    for (std::size_t c = 0; c < counts.size(); ++c) counts[c].values.push_back(values[c]);
  }
  return counts;
}

double ShareBelow(const std::vector<Count>& counts, double max_kilobytes) {
  const auto sizes = std::find_if(counts.begin(), counts.end(),
                                  [](const Count& count) { return std::string(count.name) == "size_bytes"; });
  const auto below = std::count_if(sizes->values.begin(), sizes->values.end(), [&](std::int64_t size) {
    return static_cast<double>(size) <= 1000 * max_kilobytes;
  });
  return static_cast<double>(below) / static_cast<double>(sizes->values.size());
}

void PrintJson(const StatisticsOptions& options, const std::vector<Count>& counts, std::ostream& stream) {
  nlohmann::ordered_json json = {{"space", options.space}, {"networks", options.networks}};
  for (const Count& count : counts) {
    for (const Percent& percent : kPercents)
      json[count.name][percent.key] = Quantile(count.values, percent.value / 100.0);
  }
  json["max_kilobytes"] = options.max_kilobytes;
  json["share_below"] = ShareBelow(counts, options.max_kilobytes);
  stream << json.dump(2) << "\n";
}

void PrintTable(const StatisticsOptions& options, const std::vector<Count>& counts, std::ostream& stream) {
  constexpr int kNameWidth = 18, kWidth = 11;
  stream << std::left << std::setw(kNameWidth) << "" << std::right;
  for (const Percent& percent : kPercents) stream << std::setw(kWidth - 2) << percent.value << " %";
  stream << "\n";
  for (const Count& count : counts) {
    stream << std::left << std::setw(kNameWidth) << count.name << std::right;
    for (const Percent& percent : kPercents)
      stream << std::setw(kWidth) << Quantile(count.values, percent.value / 100.0);
    stream << "\n";
  }
  stream << options.networks << " networks, of which " << std::fixed << std::setprecision(1)
         << 100 * ShareBelow(counts, options.max_kilobytes) << " % have files of at most " << std::defaultfloat
         << std::setprecision(15) << options.max_kilobytes << " kB\n";
}

}  // namespace

Result<void> RunStatistics(const StatisticsOptions& options, std::ostream& stream) {
  if (!std::isfinite(options.max_kilobytes) || options.max_kilobytes <= 0) {
    return InvalidArgument("--max-kb must be a number above 0");
  }
  PHOTINUS_ASSIGN_OR_RETURN(const std::vector<Count> counts, CountNetworks(options));
  if (options.as_json) {
    PrintJson(options, counts, stream);
  } else {
    PrintTable(options, counts, stream);
  }
  return {};
}

}  // namespace photinus::net
