#include "worker/net/measure_command.h"

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <system_error>
#include <utility>
#include <vector>

#include "common/spaces/sample.h"
#include "common/spaces/split_mix.h"
#include "worker/base/file.h"
#include "worker/graph/architecture_file.h"
#include "worker/graph/architectures.h"
#include "worker/graph/counters.h"
#include "worker/net/local_files.h"
#include "worker/predictor/measurements.h"
#include "worker/tflite/random_model.h"
#include "worker/tflite/reader.h"
#include "worker/tflite/writer.h"
#include "worker/xnnpack/inference.h"

namespace photinus::net {
namespace {

using predictor::MeasuredNetwork;
using predictor::MeasurementsHeader;

// The number of a draw: far apart for neighbours.
std::uint64_t Mix(std::uint64_t seed, int index) {
  return spaces::SplitMix64(seed ^ (static_cast<std::uint64_t>(index) * 0x9e3779b97f4a7c15u)).Next();
}

Result<graph::Graph> BuildNetwork(const std::string& space, const spaces::ParameterValues& point) {
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Architecture architecture, graph::ArchitectureOf(space, point));
  return graph::BuildGraph(architecture);
}

Result<predictor::Network> Count(const graph::Graph& graph, spaces::ParameterValues point) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::int64_t size_bytes, tflite::TfliteFileSize(graph));
  return predictor::Network{.parameters = std::move(point), .flops = graph::Flops(graph), .size_bytes = size_bytes};
}

// Of the network with random weights.
Result<xnnpack::Inference> InferenceOf(const graph::Graph& graph, std::uint64_t seed) {
  return xnnpack::Inference::Of(tflite::RandomModel(graph::WithoutBatchNorm(graph), seed));
}

// What inferences run on here, as the first network's do; nothing where the meter needs none.
Result<std::string> RunnerOf(const MeasureOptions& options) {
  if (!energy::RunsInferences(options.meter.name)) return std::string();
  PHOTINUS_ASSIGN_OR_RETURN(const spaces::ParameterValues point, DrawPoint(options.space, options.seed, 0));
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, BuildNetwork(options.space, point));
  PHOTINUS_ASSIGN_OR_RETURN(const xnnpack::Inference inference, InferenceOf(graph, options.seed));
  return std::string(inference.runner());
}

std::function<Result<void>()> UntilStopped(xnnpack::Inference& inference, const std::function<bool()>& stop) {
  return [&inference, &stop]() -> Result<void> {
    if (stop()) return Unavailable("stopped");
    return inference.Run();
  };
}

// Each time with other noise.
Result<void> MeasureRepeatedly(energy::EnergyMeter& meter, const energy::Subject& subject, int repeats,
                               MeasuredNetwork& measured) {
  for (int repeat = 1; repeat <= repeats; ++repeat) {
    const energy::Subject again = {.graph = subject.graph, .seed = Mix(subject.seed, repeat), .infer = subject.infer};
    PHOTINUS_ASSIGN_OR_RETURN(const energy::Cost cost, meter.Measure(again));
    measured.energy_mj.push_back(cost.energy_mj);
    measured.latency_ms.push_back(cost.latency_ms);
  }
  return {};
}

Result<MeasuredNetwork> Measure(const MeasureOptions& options, const std::string& runner, int index,
                                energy::EnergyMeter& meter) {
  MeasuredNetwork measured{.index = index};
  PHOTINUS_ASSIGN_OR_RETURN(spaces::ParameterValues point, DrawPoint(options.space, options.seed, index));
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, BuildNetwork(options.space, point));
  PHOTINUS_ASSIGN_OR_RETURN(measured.network, Count(graph, std::move(point)));
  const std::uint64_t seed = Mix(~options.seed, index);
  energy::Subject subject{.graph = graph, .seed = seed};
  std::optional<xnnpack::Inference> inference;
  if (!runner.empty()) {
    PHOTINUS_ASSIGN_OR_RETURN(inference, InferenceOf(graph, seed));
    if (inference->runner() != runner) {
      return Unavailable("network " + std::to_string(index) + " runs on the " + inference->runner() +
                         " here, the others on " + runner);
    }
    subject.infer = UntilStopped(*inference, options.stop);
  }
  const int repeats = index % options.repeat_every == 0 ? options.repeats : 1;
  PHOTINUS_RETURN_IF_ERROR(MeasureRepeatedly(meter, subject, repeats, measured));
  return measured;
}

struct NamedModel {
  std::string name;
  graph::QuantizedModel model;
};

// The network that people name on the command line; one that is no .tflite gets random weights.
Result<NamedModel> FindModel(const std::string& net, std::uint64_t seed) {
  if (std::filesystem::path(net).extension() == ".tflite") {
    PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(net));
    Result<graph::QuantizedModel> model = tflite::ReadTflite({content.begin(), content.end()});
    if (!model.ok()) return Error{model.error().code, net + ": " + model.error().message};
    return NamedModel{net, std::move(model).value()};
  }
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Architecture architecture, graph::FindArchitecture(net));
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, graph::BuildGraph(architecture));
  return NamedModel{architecture.name, tflite::RandomModel(graph::WithoutBatchNorm(graph), seed)};
}

// A file of measurements, made if missing, that no other process writes meanwhile.
class LineFile {
 public:
  // InvalidArgument: it is a device or a FIFO, which cannot be read to go on; Unavailable.
  static Result<LineFile> Open(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
      return InvalidArgument(path + " is no regular file; `measure` of a space goes on with its file, so name one");
    }
    LineFile file(path, std::fopen(path.c_str(), "ae"));
    if (file.file_ == nullptr) return file.SystemError();
    if (::flock(::fileno(file.file_.get()), LOCK_EX | LOCK_NB) == 0) return file;
    return errno == EWOULDBLOCK ? Unavailable("another process measures into " + path) : file.SystemError();
  }

  // The line is handed to the system at once.
  Result<void> Append(const std::string& line) {
    if (std::fputs(line.c_str(), file_.get()) >= 0 && std::fflush(file_.get()) == 0) return {};
    return SystemError();
  }
  Result<void> Cut(std::size_t bytes) {
    if (::ftruncate(::fileno(file_.get()), static_cast<off_t>(bytes)) == 0) return {};
    return SystemError();
  }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  LineFile(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  Error SystemError() const { return Unavailable(path_ + ": " + std::strerror(errno)); }

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

// How many networks the file has already; it ends with a whole line then. A new or empty file gets its header.
Result<int> Continue(LineFile& file, const MeasurementsHeader& header) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::string content, ReadFile(file.path()));
  if (content.empty()) {
    PHOTINUS_RETURN_IF_ERROR(file.Append(predictor::HeaderLine(header)));
    return 0;
  }
  if (content.find('\n') == std::string::npos) {
    return InvalidArgument(file.path() + " holds something else; name another file");
  }
  std::size_t complete = 0;
  PHOTINUS_ASSIGN_OR_RETURN(const predictor::Measurements begun,
                            predictor::ParseMeasurements(content, file.path(), &complete));
  if (begun.header != header) {
    return InvalidArgument(file.path() + " was begun otherwise: " + predictor::HeaderLine(begun.header) +
                           "name another file, or remove it");
  }
  PHOTINUS_RETURN_IF_ERROR(file.Cut(complete));
  return static_cast<int>(begun.networks.size());
}

}  // namespace

Result<spaces::ParameterValues> DrawPoint(const std::string& space, std::uint64_t seed, int index) {
  PHOTINUS_ASSIGN_OR_RETURN(const spaces::Space* named, graph::NamedSpace(space));
  return spaces::Sample(*named, Mix(seed, index));
}

Result<predictor::Network> CountNetwork(const std::string& space, const spaces::ParameterValues& point) {
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, BuildNetwork(space, point));
  return Count(graph, point);
}

Result<void> RunMeasure(const MeasureOptions& options, const std::function<void(int done)>& progress) {
  if (options.count < 1 || options.repeats < 1 || options.repeat_every < 1) {
    return InvalidArgument("--count, --repeats and --repeat-every must be at least 1");
  }
  PHOTINUS_RETURN_IF_ERROR(DrawPoint(options.space, options.seed, 0));
  PHOTINUS_RETURN_IF_ERROR(energy::CheckSeesProcessor(options.meter.name));
  PHOTINUS_RETURN_IF_ERROR(CheckWritable(options.out));
  PHOTINUS_ASSIGN_OR_RETURN(const std::unique_ptr<energy::EnergyMeter> meter, energy::NewMeter(options.meter));
  PHOTINUS_ASSIGN_OR_RETURN(const std::string runner, RunnerOf(options));
  const MeasurementsHeader header = {.space = options.space,
                                     .seed = options.seed,
                                     .meter = options.meter.name,
                                     .runner = runner,
                                     .seconds = runner.empty() ? 0 : options.meter.run.seconds,
                                     .repeats = options.repeats,
                                     .repeat_every = options.repeat_every};
  PHOTINUS_ASSIGN_OR_RETURN(LineFile file, LineFile::Open(options.out));
  PHOTINUS_ASSIGN_OR_RETURN(const int begun, Continue(file, header));
  for (int index = begun; index < options.count; ++index) {
    if (options.stop()) return Unavailable("stopped");
    PHOTINUS_ASSIGN_OR_RETURN(const MeasuredNetwork measured, Measure(options, runner, index, *meter));
    PHOTINUS_RETURN_IF_ERROR(file.Append(predictor::NetworkLine(measured)));
    progress(index + 1);
  }
  return {};
}

Result<void> RunMeasureNetwork(const MeasureNetworkOptions& options, std::ostream& stream) {
  if (options.repeats < 1) return InvalidArgument("--repeats must be at least 1");
  PHOTINUS_RETURN_IF_ERROR(energy::CheckSeesProcessor(options.meter.name));
  PHOTINUS_RETURN_IF_ERROR(CheckNetwork(options.net));
  PHOTINUS_ASSIGN_OR_RETURN(const NamedModel net, FindModel(options.net, options.seed));
  PHOTINUS_ASSIGN_OR_RETURN(const std::unique_ptr<energy::EnergyMeter> meter, energy::NewMeter(options.meter));
  energy::Subject subject{.graph = net.model.graph, .seed = options.seed};
  std::optional<xnnpack::Inference> inference;
  if (energy::RunsInferences(options.meter.name)) {
    PHOTINUS_ASSIGN_OR_RETURN(inference, xnnpack::Inference::Of(net.model));
    subject.infer = UntilStopped(*inference, options.stop);
  }
  MeasuredNetwork measured;
  PHOTINUS_RETURN_IF_ERROR(MeasureRepeatedly(*meter, subject, options.repeats, measured));
  using Json = nlohmann::ordered_json;
  const Json json = {{"name", net.name},
                     {"meter", options.meter.name},
                     {"runner", inference ? Json(inference->runner()) : Json()},
                     {"energy_mj", measured.MeanEnergy()},
                     {"latency_ms", measured.MeanLatency()},
                     {"noise_mj", options.repeats > 1 ? Json(predictor::EnergyNoise({measured})) : Json()},
                     {"measured_mj", measured.energy_mj}};
  stream << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  return {};
}

}  // namespace photinus::net
