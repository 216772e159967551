// `./run bench networks`: what networks cost before any is trained: the published baselines beside what was published,
// what the networks of the energy spaces are like, and how far their files are from the size law.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/spaces/named_spaces.h"
#include "common/spaces/sample.h"
#include "tests/benchmarks/guarded_main.h"
#include "worker/graph/architectures.h"
#include "worker/graph/baselines.h"
#include "worker/graph/counters.h"
#include "worker/graph/published_baselines.h"
#include "worker/net/statistics_command.h"
#include "worker/tflite/writer.h"

namespace photinus {
namespace {

struct Options {
  std::vector<std::string> spaces = {"energy-audio-2d", "energy-audio-1d", "energy-audio-49"};
  int networks = 3000;  // of each space
  std::string output;
};

template <typename T>
T Need(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

// Of the file's size from the law's, relative.
double SizeDeviation(const graph::Graph& graph) {
  return static_cast<double>(Need(tflite::TfliteFileSize(graph))) / static_cast<double>(graph::TfliteSizeLaw(graph)) -
         1;
}

nlohmann::ordered_json BaselineLine(const graph::PublishedBaseline& published) {
  const graph::Graph graph = Need(graph::BuildGraph(Need(graph::Baseline(published.name))));
  char mega_flops[32];
  std::snprintf(mega_flops, sizeof(mega_flops), "%.2f", static_cast<double>(graph::Flops(graph)) / 1e6);
  const double kilo_params = static_cast<double>(graph::KerasQatParams(graph)) / 1e3;
  const double kilobytes = static_cast<double>(Need(tflite::TfliteFileSize(graph))) / 1e3;
  std::printf("| %s | %s | %s | %.2f | %.2f | %.2f | %.2f | %+.2f |\n", published.name, mega_flops,
              published.mega_flops, kilo_params, published.kilo_params, kilobytes, published.kilobytes,
              100 * SizeDeviation(graph));
  return {{"baseline", published.name},
          {"mega_flops", mega_flops},
          {"published_mega_flops", published.mega_flops},
          {"kilo_params", kilo_params},
          {"published_kilo_params", published.kilo_params},
          {"kilobytes", kilobytes},
          {"published_kilobytes", published.kilobytes},
          {"size_deviation", SizeDeviation(graph)}};
}

// The greatest deviation from the size law.
double WorstSize(const std::string& space_name, int networks) {
  const spaces::Space* space = spaces::FindSpace(space_name);
  if (space == nullptr) throw std::runtime_error("no space is called " + space_name);
  double worst = 0;
  for (int seed = 1; seed <= networks; ++seed) {
    const auto point = spaces::Sample(*space, static_cast<uint64_t>(seed));
    const double deviation = SizeDeviation(Need(graph::BuildGraph(Need(graph::ArchitectureOf(space_name, point)))));
    if (std::abs(deviation) > std::abs(worst)) worst = deviation;
  }
  return worst;
}

nlohmann::ordered_json SpaceLine(const std::string& space, int networks) {
  std::ostringstream text;
  const Result<void> counted = net::RunStatistics({.space = space, .networks = networks, .as_json = true}, text);
  if (!counted.ok()) throw std::runtime_error(counted.error().message);
  auto line = nlohmann::ordered_json::parse(text.str());
  line["worst_size_deviation"] = WorstSize(space, networks);
  const auto quartile = [&](const char* count, const char* percent, double unit) {
    return line[count][percent].get<double>() / unit;
  };
  std::printf("| %s |", space.c_str());
  for (const auto& [count, unit] : {std::pair{"params", 1.0}, std::pair{"size_bytes", 1e3}, std::pair{"flops", 1e6}}) {
    std::printf(unit == 1 ? " %.0f / %.0f / %.0f |" : " %.2f / %.2f / %.2f |", quartile(count, "p25", unit),
                quartile(count, "p50", unit), quartile(count, "p75", unit));
  }
  std::printf(" %.1f | %+.2f |\n", 100 * line["share_below"].get<double>(),
              100 * line["worst_size_deviation"].get<double>());
  return line;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app{"Baselines and random networks before training: FLOPs, parameters and file sizes."};
  app.add_option("--output", options.output, "File of results, written anew: a line of JSON per baseline and space");
  app.add_option("--spaces", options.spaces, "Spaces whose networks are counted")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--networks", options.networks, "Random networks of each space")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  std::vector<nlohmann::ordered_json> lines;
  std::printf(
      "| baseline | MFLOP | published | kilo params | published | `.tflite` kB | published | off the size law, %% |\n"
      "|---|---|---|---|---|---|---|---|\n");
  for (const auto& published : graph::kPublishedBaselines) lines.push_back(BaselineLine(published));
  std::printf(
      "\n%d random networks each; lower quartile / median / upper quartile\n\n"
      "| space | params | `.tflite` kB | MFLOP | at most 60 kB, %% | farthest off the size law, %% |\n"
      "|---|---|---|---|---|---|\n",
      options.networks);
  for (const std::string& space : options.spaces) lines.push_back(SpaceLine(space, options.networks));

  if (options.output.empty()) return 0;
  std::ofstream file(options.output);
  for (const auto& line : lines) file << line.dump() << "\n";
  if (!file.flush()) throw std::runtime_error(options.output + " cannot be written");
  return 0;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) { return photinus::GuardedMain(photinus::Main, argc, argv); }
