#ifndef PHOTINUS_WORKER_ENERGY_NVML_COUNTER_H_
#define PHOTINUS_WORKER_ENERGY_NVML_COUNTER_H_

#include <memory>
#include <string>

#include "worker/energy/energy_counter.h"

namespace photinus::energy {

// The energy counter of an NVIDIA GPU (Volta or newer), through the driver's own library, which is loaded when it is
// asked for: nothing is needed to build, and machines without a GPU get an error that says so.
// gpu: its number as nvidia-smi lists it. library: another one in tests.
// NotFound: no such library or GPU. Unavailable: the driver refuses; the message has its words.
Result<std::unique_ptr<EnergyCounter>> OpenNvmlCounter(int gpu, const std::string& library = "libnvidia-ml.so.1");

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_NVML_COUNTER_H_
