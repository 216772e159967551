#ifndef PHOTINUS_WORKER_TRIAL_MEASURED_ENERGY_H_
#define PHOTINUS_WORKER_TRIAL_MEASURED_ENERGY_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "worker/base/result.h"
#include "worker/energy/meters.h"
#include "worker/graph/graph.h"
#include "worker/graph/quantized_model.h"

namespace photinus::trial {

// What is known of the energy of one inference, and from where.
struct TrialEnergy {
  std::string source;                  // what predicts: a simulated device, or the path of a model file
  std::string meter;                   // what measures such networks anew (energy::MeterOptions)
  std::string runner;                  // that has to run them then; empty where a device is simulated
  std::optional<double> predicted_mj;  // before training; nothing of a network that the source does not know
  std::optional<double> measured_mj;   // after training; of trials with a role alone
  std::optional<double> predicted_latency_ms;
};

// Measures a trained network in mJ, as `photinus-worker measure` does: a simulated device adds its noise, drawn from
// `seed`, to what `graph` costs; others count while `model` runs as a deployed network does (xnnpack::Inference).
// InvalidArgument: it does not run on `runner` here, so that the figure would not compare. Other errors: those of
// energy::CheckSeesProcessor, energy::NewMeter, Inference::Of and EnergyMeter::Measure.
Result<double> MeasureEnergy(const energy::MeterOptions& meter, const std::string& runner, const graph::Graph& graph,
                             const graph::QuantizedModel& model, uint64_t seed);

// {"source", "meter", "runner", "simulated", "predicted_mj", "measured_mj"}; null for what is not known.
nlohmann::ordered_json ToJson(const TrialEnergy& energy);

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_MEASURED_ENERGY_H_
