#include "worker/energy/device_profiles.h"

#include <string>

namespace photinus::energy {
namespace {

// Order of the figures: dispatch, product, requantize, depthwise, generic taps, elements, traffic.

// Fitted to table 2 of arXiv 2202.05397, a Pixel 4 XL's big core: `./run bench energy --fit` prints them again. A
// product of 23 us per 10^6 multiply-accumulates is 87 GFLOP/s, half of what the core's two dot-product units could do;
// 3.7 ns per value of a generic depthwise are some ten cycles.
DeviceProfile Phone() {
  return {.name = "phone",
          .description = "big core of a phone (Cortex-A76 at 2.8 GHz), one thread, fixed clock",
          .cache_bytes = 256e3,
          .us_per_unit = {4.5, 23, 155, 220, 3730, 205, 93},
          .watts = {1.12, 1.55, 1.33, 1.32, 1.27, 1.27, 1.29},
          .energy_noise = 0.052,  // 0.068 mJ at 1.3 mJ
          .latency_noise = 0.005};
}

// Scaled from the phone, as the table has no such device: a clock 2.5 times slower, in order, so five times the time
// for all but products, which lack dot-product instructions; a quarter of a watt.
DeviceProfile Watch() {
  return {.name = "watch",
          .description = "core of a watch (Cortex-A53 at 1.1 GHz), one thread",
          .cache_bytes = 128e3,
          .us_per_unit = {22, 330, 780, 1100, 18600, 1020, 460},
          .watts = {0.20, 0.27, 0.24, 0.24, 0.23, 0.23, 0.25},
          .energy_noise = 0.052,
          .latency_noise = 0.005};
}

// Scaled from the phone: a clock 14 times slower with vectors half as wide, no operating system between ops, and
// beyond its memory a serial flash of 50 MB/s; 20 mW.
DeviceProfile Earbud() {
  return {.name = "earbud",
          .description = "microcontroller of an earbud (Cortex-M55 at 0.2 GHz)",
          .cache_bytes = 256e3,
          .us_per_unit = {10, 1300, 4300, 6200, 78000, 5700, 20000},
          .watts = {0.017, 0.022, 0.020, 0.020, 0.019, 0.019, 0.024},
          .energy_noise = 0.052,
          .latency_noise = 0.002};
}

}  // namespace

const std::vector<DeviceProfile>& DeviceProfiles() {
  static const std::vector<DeviceProfile> kProfiles = {Phone(), Watch(), Earbud()};
  return kProfiles;
}

Result<DeviceProfile> FindDeviceProfile(std::string_view name) {
  std::string known;
  for (const DeviceProfile& profile : DeviceProfiles()) {
    if (profile.name == name) return profile;
    known += (known.empty() ? "" : ", ") + profile.name;
  }
  return NotFound("no device profile is named '" + std::string(name) + "'; known: " + known);
}

}  // namespace photinus::energy
