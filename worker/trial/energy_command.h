#ifndef PHOTINUS_WORKER_TRIAL_ENERGY_COMMAND_H_
#define PHOTINUS_WORKER_TRIAL_ENERGY_COMMAND_H_

#include <functional>
#include <iosfwd>
#include <string>

#include "worker/base/result.h"
#include "worker/energy/meters.h"

namespace photinus::trial {

struct EnergyCommand {
  std::string net;  // what graph::FindArchitecture finds
  std::string device = "cuda:0";
  int batch = 1;  // examples at once
  int repeats = 5;
  energy::MeterOptions meter = {.name = "nvml"};
};

// `energy`: what inferences of a network in floats take on a device of libtorch, as one JSON object {"name", "device",
// "meter", "batch", "energy_mj", "latency_ms", "measured_mj"}: per example the energy, mean and each measurement, of a
// batch the latency. stop: asked before each batch. InvalidArgument: no such network, a meter that does not see the
// device, or as train::NewFloatInference; others: as energy::NewMeter and EnergyMeter::Measure; Unavailable: stopped.
Result<void> RunEnergyCommand(const EnergyCommand& command, const std::function<bool()>& stop, std::ostream& stream);

}  // namespace photinus::trial

#endif  // PHOTINUS_WORKER_TRIAL_ENERGY_COMMAND_H_
