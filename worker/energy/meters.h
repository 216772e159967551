#ifndef PHOTINUS_WORKER_ENERGY_METERS_H_
#define PHOTINUS_WORKER_ENERGY_METERS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "worker/energy/counter_meter.h"
#include "worker/energy/energy_meter.h"

namespace photinus::energy {

// The meter that needs a program.
constexpr std::string_view kMonitor = "monitor";

// Which meter, and how it measures.
struct MeterOptions {
  std::string name = "phone";        // a device profile, rapl, nvml (nvml:1 for the second GPU) or monitor
  std::vector<std::string> monitor;  // program and arguments of the power monitor; for `monitor` alone
  CounterMeterOptions run;           // of all but profiles
};

// The meter of that name. NotFound for another name (the message lists the known ones) or hardware that is not there;
// InvalidArgument: a monitor without its program, a program without the monitor, or seconds that are negative or not
// finite; Unavailable: it may not be read.
Result<std::unique_ptr<EnergyMeter>> NewMeter(const MeterOptions& options);

// "phone, watch, earbud, rapl, monitor": all that CheckSeesProcessor accepts.
std::string JoinedMeterNames();

// InvalidArgument for `nvml`: it counts what a GPU takes, which inferences on the processor, such as those of int8
// networks, leave idle.
Result<void> CheckSeesProcessor(const std::string& name);

// InvalidArgument for all but `nvml` and `monitor`: they count what a processor takes, or nothing here.
Result<void> CheckSeesGpu(const std::string& name);

// Whether the meter of that name needs inferences on this machine.
bool RunsInferences(const std::string& name);

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_METERS_H_
