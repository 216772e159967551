#include "worker/net/energy_source.h"

#include <filesystem>

#include "worker/energy/device_profiles.h"
#include "worker/predictor/energy_model.h"

namespace photinus::net {

std::string ResolveEnergySource(std::string& source) {
  const Result<energy::DeviceProfile> device = energy::FindDeviceProfile(source);
  if (device.ok()) return "";
  const Result<predictor::EnergyModel> model = predictor::EnergyModel::Read(source);
  if (!model.ok() && model.error().code == ErrorCode::kNotFound) {
    return device.error().message + "; and " + model.error().message;
  }
  if (!model.ok()) return model.error().message;
  source = std::filesystem::absolute(source).string();
  return "";
}

}  // namespace photinus::net
