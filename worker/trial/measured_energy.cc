#include "worker/trial/measured_energy.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "worker/xnnpack/inference.h"

namespace photinus::trial {
namespace {

using Json = nlohmann::ordered_json;

Json OrNull(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

}  // namespace

Result<double> MeasureEnergy(const energy::MeterOptions& meter, const std::string& runner, const graph::Graph& graph,
                             const graph::QuantizedModel& model, uint64_t seed) {
  PHOTINUS_RETURN_IF_ERROR(energy::CheckSeesProcessor(meter.name));
  PHOTINUS_ASSIGN_OR_RETURN(const std::unique_ptr<energy::EnergyMeter> opened, energy::NewMeter(meter));
  energy::Subject subject{.graph = graph, .seed = seed};
  std::optional<xnnpack::Inference> inference;
  if (energy::RunsInferences(meter.name)) {
    PHOTINUS_ASSIGN_OR_RETURN(inference, xnnpack::Inference::Of(model));
    if (inference->runner() != runner) {
      return InvalidArgument(std::string("networks run on the ") + inference->runner() +
                             " here, those that the model was fitted to on " +
                             (runner.empty() ? "what their file does not say" : runner));
    }
    subject.infer = [&inference] { return inference->Run(); };
  }
  PHOTINUS_ASSIGN_OR_RETURN(const energy::Cost cost, opened->Measure(subject));
  return cost.energy_mj;
}

Json ToJson(const TrialEnergy& energy) {
  return {{"source", energy.source},
          {"meter", energy.meter},
          {"runner", energy.runner.empty() ? Json() : Json(energy.runner)},
          {"simulated", !energy::RunsInferences(energy.meter)},
          {"predicted_mj", OrNull(energy.predicted_mj)},
          {"measured_mj", OrNull(energy.measured_mj)}};
}

}  // namespace photinus::trial
