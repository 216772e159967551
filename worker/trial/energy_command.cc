#include "worker/trial/energy_command.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <ostream>
#include <vector>

#include "worker/graph/architecture_file.h"
#include "worker/train/float_inference.h"

namespace photinus::trial {
namespace {

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

Result<void> RunEnergyCommand(const EnergyCommand& command, const std::function<bool()>& stop, std::ostream& stream) {
  if (command.batch < 1 || command.repeats < 1) return InvalidArgument("--batch and --repeats must be at least 1");
  PHOTINUS_RETURN_IF_ERROR(command.device == "cpu" ? energy::CheckSeesProcessor(command.meter.name)
                                                   : energy::CheckSeesGpu(command.meter.name));
  if (!energy::RunsInferences(command.meter.name)) {
    return InvalidArgument("the meter '" + command.meter.name +
                           "' simulates int8 networks and runs nothing here; use "
                           "rapl or monitor, or `photinus-worker energy profile NET --device " +
                           command.meter.name + "`");
  }
  const Result<graph::Architecture> architecture = graph::FindArchitecture(command.net);
  if (!architecture.ok()) return InvalidArgument(architecture.error().message);  // whatever it is, the caller named it
  PHOTINUS_ASSIGN_OR_RETURN(const graph::Graph graph, graph::BuildGraph(*architecture));
  PHOTINUS_ASSIGN_OR_RETURN(const std::unique_ptr<energy::EnergyMeter> meter, energy::NewMeter(command.meter));
  PHOTINUS_ASSIGN_OR_RETURN(const std::function<Result<void>()> infer,
                            train::NewFloatInference(graph, command.device, command.batch));
  const energy::Subject subject = {.graph = graph, .infer = [&]() -> Result<void> {
                                     if (stop()) return Unavailable("stopped");
                                     return infer();
                                   }};
  std::vector<double> energy_mj, latency_ms;
  for (int repeat = 0; repeat < command.repeats; ++repeat) {
    PHOTINUS_ASSIGN_OR_RETURN(const energy::Cost cost, meter->Measure(subject));
    energy_mj.push_back(cost.energy_mj / command.batch);
    latency_ms.push_back(cost.latency_ms);
  }
  using Json = nlohmann::ordered_json;
  const Json json = {{"name", architecture->name}, {"device", command.device},     {"meter", command.meter.name},
                     {"batch", command.batch},     {"energy_mj", Mean(energy_mj)}, {"latency_ms", Mean(latency_ms)},
                     {"measured_mj", energy_mj}};
  stream << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  return {};
}

}  // namespace photinus::trial
