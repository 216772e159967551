#include "worker/energy/meters.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <system_error>
#include <utility>

#include "worker/energy/device_profiles.h"
#include "worker/energy/monitor_counter.h"
#include "worker/energy/nvml_counter.h"
#include "worker/energy/profile_meter.h"
#include "worker/energy/rapl_counter.h"

namespace photinus::energy {
namespace {

constexpr std::string_view kRapl = "rapl", kNvml = "nvml";

// The GPU that "nvml" or "nvml:N" names.
std::optional<int> NvmlGpu(std::string_view name) {
  if (name == kNvml) return 0;
  if (!name.starts_with(kNvml) || name.size() < kNvml.size() + 2 || name[kNvml.size()] != ':') return std::nullopt;
  name.remove_prefix(kNvml.size() + 1);
  int gpu = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), gpu);
  if (error != std::errc() || end != name.data() + name.size() || gpu < 0) return std::nullopt;
  return gpu;
}

Result<std::unique_ptr<EnergyCounter>> OpenCounter(const MeterOptions& options) {
  if (options.name == kRapl) return RaplCounter::Open();
  if (const std::optional<int> gpu = NvmlGpu(options.name)) return OpenNvmlCounter(*gpu);
  if (options.name != kMonitor) {
    return NotFound("no energy meter is named '" + options.name + "'; known: " + JoinedMeterNames());
  }
  if (options.monitor.empty()) {
    return InvalidArgument(
        "the meter 'monitor' needs the program of a power monitor, which `photinus-worker measure` takes after -- and "
        "the daemon as --monitor");
  }
  return NewMonitorCounter(options.monitor);
}

}  // namespace

Result<std::unique_ptr<EnergyMeter>> NewMeter(const MeterOptions& options) {
  if (!std::isfinite(options.run.seconds) || options.run.seconds < 0) {
    return InvalidArgument("--seconds, of inferences per measurement, must be a number of at least 0");
  }
  if (!options.monitor.empty() && options.name != kMonitor) {
    return InvalidArgument("a power monitor's program belongs to the meter 'monitor', not to '" + options.name + "'");
  }
  if (Result<DeviceProfile> profile = FindDeviceProfile(options.name); profile.ok()) {
    return std::unique_ptr<EnergyMeter>(std::make_unique<ProfileMeter>(std::move(profile).value()));
  }
  PHOTINUS_ASSIGN_OR_RETURN(std::unique_ptr<EnergyCounter> counter, OpenCounter(options));
  return std::unique_ptr<EnergyMeter>(std::make_unique<CounterMeter>(std::move(counter), options.run));
}

std::string JoinedMeterNames() {
  std::string names;
  for (const DeviceProfile& profile : DeviceProfiles()) names += profile.name + ", ";
  return names + "rapl, monitor";
}

Result<void> CheckSeesProcessor(const std::string& name) {
  if (!NvmlGpu(name)) return {};
  return InvalidArgument("the meter '" + name +
                         "' counts the energy of a GPU, but these inferences run on the processor and leave it "
                         "idle; use one of: " +
                         JoinedMeterNames());
}

Result<void> CheckSeesGpu(const std::string& name) {
  if (NvmlGpu(name) || name == kMonitor) return {};
  return InvalidArgument("the meter '" + name + "' does not see a GPU; use one of: nvml, nvml:N, monitor");
}

bool RunsInferences(const std::string& name) { return !FindDeviceProfile(name).ok(); }

}  // namespace photinus::energy
