#include "worker/trial/measured_energy.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "worker/base/machine_lock.h"
#include "worker/energy/meters.h"
#include "worker/tflite/interpreter.h"

namespace photinus::trial {
namespace {

using Json = nlohmann::ordered_json;

Json OrNull(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

}  // namespace

Result<double> MeasureEnergy(const std::string& meter, const graph::Graph& graph, const graph::QuantizedModel& model,
                             uint64_t seed, double lock_seconds) {
  PHOTINUS_RETURN_IF_ERROR(energy::CheckSeesProcessor(meter));
  PHOTINUS_ASSIGN_OR_RETURN(const std::unique_ptr<energy::EnergyMeter> opened, energy::NewMeter({.name = meter}));
  energy::Subject subject{.graph = graph, .seed = seed};
  std::optional<MachineLock> lock;
  std::optional<tflite::Interpreter> interpreter;
  std::vector<int8_t> input;  // what it holds does not matter to integers
  if (energy::RunsInferences(meter)) {
    PHOTINUS_ASSIGN_OR_RETURN(lock, MachineLock::Acquire("latency", lock_seconds));
    PHOTINUS_ASSIGN_OR_RETURN(interpreter, tflite::Interpreter::FromModel(model, tflite::Rounding::kXnn));
    input.resize(static_cast<size_t>(interpreter->InputSize()));
    subject.infer = [&]() -> Result<void> { return interpreter->Run(input); };
  }
  PHOTINUS_ASSIGN_OR_RETURN(const energy::Cost cost, opened->Measure(subject));
  return cost.energy_mj;
}

Json ToJson(const TrialEnergy& energy) {
  return {{"source", energy.source},
          {"meter", energy.meter},
          {"simulated", !energy::RunsInferences(energy.meter)},
          {"predicted_mj", OrNull(energy.predicted_mj)},
          {"measured_mj", OrNull(energy.measured_mj)}};
}

}  // namespace photinus::trial
