#include "worker/net/energy_commands.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/spaces/named_spaces.h"
#include "worker/base/core_count.h"
#include "worker/base/file.h"
#include "worker/base/parallel.h"
#include "worker/base/seed_option.h"
#include "worker/base/stop_signal.h"
#include "worker/energy/device_profiles.h"
#include "worker/graph/architecture.h"
#include "worker/graph/architecture_file.h"
#include "worker/graph/architectures.h"
#include "worker/net/finish.h"
#include "worker/net/local_files.h"
#include "worker/net/measure_command.h"
#include "worker/predictor/energy_model.h"
#include "worker/predictor/parameters_json.h"
#include "worker/predictor/report.h"

namespace photinus::net {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kInterrupted = 130;
constexpr int kFirstLine = 2;  // of a file of measurements, after its header

// `text N of M` on a terminal, overwritten as it grows; nothing elsewhere.
ProgressFunction Progress(const char* text) {
  if (isatty(STDERR_FILENO) == 0) return [](std::size_t, std::size_t) {};
  return [text](std::size_t done, std::size_t total) {
    std::fprintf(stderr, "\r%s %zu of %zu%s", text, done, total, done == total ? "\n" : "");
  };
}

// The report without what needs its plots.
Result<void> WriteReport(const std::filesystem::path& folder, const std::string& markdown,
                         const predictor::Measurements& measurements, const predictor::FitResult& result) {
  PHOTINUS_RETURN_IF_ERROR(MakeFolder(folder));
  PHOTINUS_RETURN_IF_ERROR(WriteFile(folder / "report.md", markdown));
  PHOTINUS_RETURN_IF_ERROR(WriteFile(folder / "parity.svg", predictor::ParityPlot(result)));
  PHOTINUS_RETURN_IF_ERROR(WriteFile(folder / "flops.svg", predictor::FlopsPlot(measurements.networks)));
  return WriteFile(folder / "latency.svg", predictor::LatencyPlot(measurements.networks));
}

Error At(const std::string& place, const Error& error) { return {error.code, place + ": " + error.message}; }

// Whether the line is of a network of the space, as the space makes it now.
Result<void> CheckCounts(const spaces::Space& space, const predictor::Network& measured) {
  for (const auto& [name, value] : measured.parameters) {
    const auto is_it = [&key = name](const spaces::Parameter& parameter) { return parameter.name == key; };
    if (std::any_of(space.parameters.begin(), space.parameters.end(), is_it)) continue;
    return InvalidArgument("the space " + space.name + " has no parameter '" + name + "'");
  }
  PHOTINUS_ASSIGN_OR_RETURN(const predictor::Network counted, CountNetwork(space.name, measured.parameters));
  if (counted.flops == measured.flops && counted.size_bytes == measured.size_bytes) return {};
  return InvalidArgument("a network with these parameters has " + std::to_string(counted.flops) + " FLOPs and " +
                         std::to_string(counted.size_bytes) + " bytes, not " + std::to_string(measured.flops) +
                         " and " + std::to_string(measured.size_bytes) + "; measure again");
}

// The measurements of a file, each of a network of their space.
Result<predictor::Measurements> ReadOfSpace(const std::string& path) {
  PHOTINUS_ASSIGN_OR_RETURN(predictor::Measurements measurements, predictor::ReadMeasurements(path));
  const Result<const spaces::Space*> space = graph::NamedSpace(measurements.header.space);
  if (!space.ok()) return InvalidArgument(path + ":1: " + space.error().message);
  for (const predictor::MeasuredNetwork& measured : measurements.networks) {
    const Result<void> checked = CheckCounts(**space, measured.network);
    if (!checked.ok()) return At(path + ":" + std::to_string(measured.index + kFirstLine), checked.error());
  }
  return measurements;
}

// A point of a file, and where it stands.
struct PlacedPoint {
  std::string place;
  spaces::ParameterValues point;
};

// `where` stands in front of what is wrong.
Result<PlacedPoint> ParsePoint(const std::string& text, const std::string& where) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  Result<spaces::ParameterValues> point = predictor::ParseParameters(json);
  if (!point.ok()) return At(where, point.error());
  return PlacedPoint{where, std::move(point).value()};
}

// The points of a file that has one as a JSON object, or one on each line.
Result<std::vector<PlacedPoint>> ReadPoints(const std::string& path) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  std::vector<PlacedPoint> points;
  std::istringstream lines(content);
  std::string line;
  std::getline(lines, line);
  if (nlohmann::json::accept(content) || !nlohmann::json::accept(line)) {
    PHOTINUS_ASSIGN_OR_RETURN(PlacedPoint point, ParsePoint(content, path));
    points.push_back(std::move(point));
    return points;
  }
  int number = 1;
  do {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    PHOTINUS_ASSIGN_OR_RETURN(PlacedPoint point, ParsePoint(line, path + ":" + std::to_string(number)));
    points.push_back(std::move(point));
  } while (++number, std::getline(lines, line));
  return points;
}

void MeasureOne(const MeasureOptions& options) {
  CatchStopSignals();
  const Result<void> measured = RunMeasureNetwork({.net = options.space,
                                                   .repeats = options.repeats,
                                                   .seed = options.seed,
                                                   .meter = options.meter,
                                                   .stop = &StopRequested},
                                                  std::cout);
  if (!measured.ok() && StopRequested()) throw CLI::RuntimeError(kInterrupted);
  Finish(measured);
}

void AddMeasure(CLI::App& app) {
  const auto options = std::make_shared<MeasureOptions>();
  CLI::App* verb = app.add_subcommand("measure",
                                      "Measure the energy of random networks of a space, for `energy fit`, or "
                                      "of one network");
  verb->add_option(
          "network", options->space,
          "A space, such as energy-audio-2d; or a .tflite, a file with an architecture in JSON, or a baseline such "
          "as mobilenet_v1")
      ->required();
  CLI::Option* count = verb->add_option("--count", options->count, "How many networks")->capture_default_str();
  AddSeed(*verb, options->seed, "Equal seeds draw equal networks");
  verb->add_option("--meter", options->meter.name, energy::JoinedMeterNames())->capture_default_str();
  verb->add_option("--seconds", options->meter.run.seconds, "Of inferences per measurement; not for simulated devices")
      ->capture_default_str();
  verb->add_option("--repeats", options->repeats,
                   "Measurements of one network; of a space: of some, which tell the noise")
      ->capture_default_str();
  CLI::Option* every =
      verb->add_option("--repeat-every", options->repeat_every, "How many networks from one of these to the next")
          ->capture_default_str();
  CLI::Option* out = verb->add_option(
      "-o,--out", options->out, "Of a space: the file to write, a line per network; one that was begun is continued");
  verb->add_option("program", options->meter.monitor,
                   "After `--`, of --meter monitor: program and arguments of a power monitor (docs/energy.md)");
  verb->footer(
      "Examples:\n"
      "  photinus-worker measure energy-audio-2d --meter phone --count 15000 -o phone.jsonl\n"
      "  photinus-worker measure energy-audio-2d --meter monitor -o watts.jsonl -- /opt/monitor --channel 1\n"
      "  photinus-worker measure model.tflite --meter rapl --repeats 10");
  verb->callback([options, count, every, out] {
    if (spaces::FindSpace(options->space) == nullptr) {
      if (count->count() + every->count() + out->count() > 0) {
        Finish(InvalidArgument("no space is named '" + options->space +
                               "'; --count, --repeat-every and -o are for spaces"));
      }
      MeasureOne(*options);
      return;
    }
    if (options->out.empty()) Finish(InvalidArgument("measuring a space needs -o FILE"));
    const auto progress = Progress("measured");
    // Ctrl-C ends a power monitor's program, too, which would else measure on.
    CatchStopSignals();
    options->stop = &StopRequested;
    const Result<void> measured = RunMeasure(*options, [&](int done) { progress(done, options->count); });
    if (!measured.ok() && StopRequested()) {
      std::cerr << "\nphotinus-worker: stopped; the same command goes on with " << options->out << std::endl;
      throw CLI::RuntimeError(kInterrupted);
    }
    Finish(measured);
  });
}

void AddFit(CLI::App& energy) {
  struct Options {
    std::string data, model, report, encoding = "one-hot";
    predictor::FitOptions fit;
  };
  const auto options = std::make_shared<Options>();
  options->fit.threads = CountCores();
  CLI::App* verb = energy.add_subcommand("fit", "Train a random forest on measured networks");
  verb->add_option("data", options->data, "What `photinus-worker measure` wrote")->required();
  verb->add_option("-o,--out", options->model, "The model file to write")->required();
  verb->add_option("--report", options->report, "Folder for report.md and its plots");
  verb->add_option("--encoding", options->encoding, "Of block types: one-hot or ordinal")
      ->check(CLI::IsMember({"one-hot", "ordinal"}))
      ->capture_default_str();
  verb->add_option("--trees", options->fit.trees, "Of the forest")->capture_default_str();
  verb->add_option("--folds", options->fit.folds, "Of the cross-validation that tunes it")->capture_default_str();
  AddSeed(*verb, options->fit.seed, "Equal seeds give equal models");
  verb->add_option("--threads", options->fit.threads, "Which do not change the model")->capture_default_str();
  verb->footer("Example: photinus-worker energy fit phone.jsonl -o phone.model --report phone-report");
  verb->callback([options] {
    options->fit.encoding =
        options->encoding == "ordinal" ? predictor::Encoding::kOrdinal : predictor::Encoding::kOneHot;
    options->fit.progress = Progress("cross-validation: forest");
    Finish(RunEnergyFit(options->data, options->model, options->report, options->fit, std::cout));
  });
}

void AddPredict(CLI::App& energy) {
  struct Options {
    std::string model, point;
    std::uint64_t seed = 1;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* verb = energy.add_subcommand("predict", "Predict the energy of networks by a model");
  verb->add_option("model", options->model, "What `energy fit` wrote")->required();
  CLI::Option* point = verb->add_option("--parameters", options->point,
                                        "File with a trial's parameters in JSON, or with those of one on each line");
  AddSeed(*verb, options->seed, "Draws a network instead")->excludes(point);
  verb->footer("Example: photinus-worker energy predict phone.model --parameters parameters.json");
  verb->callback([options] { Finish(RunEnergyPredict(options->model, options->point, options->seed, std::cout)); });
}

void AddProfile(CLI::App& energy) {
  struct Options {
    std::string net, device = "phone", format = "text";
  };
  const auto options = std::make_shared<Options>();
  CLI::App* verb = energy.add_subcommand("profile", "What a network costs on a simulated device, layer by layer");
  verb->add_option("net", options->net, "File with an architecture in JSON, or a baseline such as mobilenet_v1")
      ->required();
  verb->add_option("--device", options->device, "phone, watch or earbud")->capture_default_str();
  verb->add_option("-o,--output", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  verb->footer("Example: photinus-worker energy profile net.json --device watch");
  verb->callback(
      [options] { Finish(RunEnergyProfile(options->net, options->device, options->format == "json", std::cout)); });
}

}  // namespace

Result<void> RunEnergyFit(const std::string& data, const std::string& model, const std::string& report,
                          const predictor::FitOptions& options, std::ostream& stream) {
  PHOTINUS_RETURN_IF_ERROR(CheckReadable(data));
  PHOTINUS_RETURN_IF_ERROR(CheckWritable(model));
  PHOTINUS_ASSIGN_OR_RETURN(const predictor::Measurements measurements, ReadOfSpace(data));
  PHOTINUS_ASSIGN_OR_RETURN(const predictor::FittedModel fitted, predictor::FitEnergyModel(measurements, options));
  PHOTINUS_RETURN_IF_ERROR(fitted.model.Write(model));
  const std::string markdown = predictor::ReportMarkdown(measurements, fitted.result);
  if (!report.empty()) PHOTINUS_RETURN_IF_ERROR(WriteReport(report, markdown, measurements, fitted.result));
  stream << markdown;
  return {};
}

Result<void> RunEnergyPredict(const std::string& model_file, const std::string& point_file, std::uint64_t seed,
                              std::ostream& stream) {
  PHOTINUS_RETURN_IF_ERROR(CheckReadable(model_file));
  PHOTINUS_ASSIGN_OR_RETURN(const predictor::EnergyModel model, predictor::EnergyModel::Read(model_file));
  const std::string& space = model.origin().space;
  std::vector<PlacedPoint> points;
  if (point_file.empty()) {
    PHOTINUS_ASSIGN_OR_RETURN(spaces::ParameterValues drawn, DrawPoint(space, seed, 0));
    points.push_back({"seed " + std::to_string(seed), std::move(drawn)});
  } else {
    PHOTINUS_RETURN_IF_ERROR(CheckReadable(point_file));
    PHOTINUS_ASSIGN_OR_RETURN(points, ReadPoints(point_file));
  }
  for (const auto& [place, point] : points) {
    const Result<predictor::Network> network = CountNetwork(space, point);
    if (!network.ok()) return At(place, network.error());
    PHOTINUS_ASSIGN_OR_RETURN(const double energy_mj, model.Predict(*network));
    stream << Json{{"energy_mj", energy_mj}, {"flops", network->flops}, {"size_bytes", network->size_bytes}}.dump()
           << "\n";
  }
  return {};
}

Result<void> RunEnergyProfile(const std::string& net, const std::string& device, bool as_json, std::ostream& stream) {
  PHOTINUS_ASSIGN_OR_RETURN(const energy::DeviceProfile profile, energy::FindDeviceProfile(device));
  PHOTINUS_RETURN_IF_ERROR(CheckNetwork(net));
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Architecture architecture, graph::FindArchitecture(net));
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, graph::BuildGraph(architecture));
  Json layers = Json::array();
  for (const graph::Op& op : graph.ops) {
    const energy::Cost cost = energy::CostOf(energy::WorkOf(graph, op, profile.cache_bytes), profile);
    layers.push_back({{"name", op.name},
                      {"type", graph::OpTypeName(op.type)},
                      {"energy_mj", cost.energy_mj},
                      {"latency_ms", cost.latency_ms}});
  }
  const energy::Cost total = energy::CostOf(graph, profile);
  const Json json = {{"name", architecture.name},
                     {"device", profile.name},
                     {"energy_mj", total.energy_mj},
                     {"latency_ms", total.latency_ms},
                     {"layers", std::move(layers)}};
  if (as_json) {
    stream << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
    return {};
  }
  char line[256];
  const auto print = [&](const std::string& name, const std::string& type, double energy_mj, double latency_ms) {
    std::snprintf(line, sizeof(line), "%-28s %-18s %10.4f %10.4f\n", name.c_str(), type.c_str(), energy_mj, latency_ms);
    stream << line;
  };
  stream << "layer                        type                       mJ         ms\n";
  for (const Json& layer : json["layers"]) {
    print(layer["name"], layer["type"], layer["energy_mj"], layer["latency_ms"]);
  }
  print("total", profile.name, total.energy_mj, total.latency_ms);
  return {};
}

void AddEnergyCommands(CLI::App& app) {
  AddMeasure(app);
  CLI::App* energy = app.add_subcommand("energy", "Predict the energy of networks: fit, predict, profile");
  energy->require_subcommand(1);
  AddFit(*energy);
  AddPredict(*energy);
  AddProfile(*energy);
}

}  // namespace photinus::net
