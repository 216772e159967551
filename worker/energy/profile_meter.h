#ifndef PHOTINUS_WORKER_ENERGY_PROFILE_METER_H_
#define PHOTINUS_WORKER_ENERGY_PROFILE_METER_H_

#include <utility>

#include "worker/energy/device_profile.h"
#include "worker/energy/energy_meter.h"

namespace photinus::energy {

// Simulates a measurement on a device that is not at hand: the profile's cost times 1 + deviation x a standard normal
// number drawn from the subject's seed, cut off at 4 deviations. Equal subjects measure equal. Cannot fail.
class ProfileMeter : public EnergyMeter {
 public:
  explicit ProfileMeter(DeviceProfile profile) : profile_(std::move(profile)) {}

  Result<Cost> Measure(const Subject& subject) override;

 private:
  const DeviceProfile profile_;
};

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_PROFILE_METER_H_
