#ifndef PHOTINUS_WORKER_ENERGY_DEVICE_PROFILES_H_
#define PHOTINUS_WORKER_ENERGY_DEVICE_PROFILES_H_

#include <string_view>
#include <vector>

#include "worker/base/result.h"
#include "worker/energy/device_profile.h"

namespace photinus::energy {

// The devices that can be simulated: phone, watch, earbud. docs/energy.md says where their constants come from.
const std::vector<DeviceProfile>& DeviceProfiles();

// NotFound for another name; the message lists the known ones.
Result<DeviceProfile> FindDeviceProfile(std::string_view name);

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_DEVICE_PROFILES_H_
