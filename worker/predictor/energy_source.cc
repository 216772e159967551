#include "worker/predictor/energy_source.h"

#include <filesystem>

#include "worker/energy/device_profiles.h"

namespace photinus::predictor {

Result<EnergySource> EnergySource::Open(const std::string& name) {
  Result<energy::DeviceProfile> device = energy::FindDeviceProfile(name);
  if (device.ok()) return EnergySource(name, std::move(device).value());
  Result<EnergyModel> model = EnergyModel::Read(name);
  if (!model.ok() && model.error().code == ErrorCode::kNotFound) {
    return NotFound(device.error().message + "; and " + model.error().message);
  }
  if (!model.ok()) return model.error();
  return EnergySource(std::filesystem::absolute(name).string(), std::move(model).value());
}

const std::string& EnergySource::meter() const {
  const auto* model = std::get_if<EnergyModel>(&content_);
  return model != nullptr ? model->origin().meter : name_;
}

std::string EnergySource::runner() const {
  const auto* model = std::get_if<EnergyModel>(&content_);
  return model != nullptr ? model->origin().runner : "";
}

Result<EnergyEstimate> EnergySource::Estimate(const graph::Graph& graph, const std::string& space,
                                              const Network& network) const {
  if (const auto* device = std::get_if<energy::DeviceProfile>(&content_)) {
    const energy::Cost cost = energy::CostOf(graph, *device);
    return EnergyEstimate{.energy_mj = cost.energy_mj, .latency_ms = cost.latency_ms};
  }
  const auto& model = std::get<EnergyModel>(content_);
  if (model.origin().space != space) {
    return InvalidArgument(name_ + " predicts networks of the space " + model.origin().space + ", not " +
                           (space.empty() ? "free architectures" : "of " + space) +
                           "; name a model of that, or a device such as phone");
  }
  PHOTINUS_ASSIGN_OR_RETURN(const double energy_mj, model.Predict(network));
  return EnergyEstimate{.energy_mj = energy_mj};
}

}  // namespace photinus::predictor
