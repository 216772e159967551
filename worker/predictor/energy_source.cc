#include "worker/predictor/energy_estimate.h"

#include "worker/energy/device_profiles.h"
#include "worker/predictor/energy_model.h"

namespace photinus::predictor {

Result<EnergyEstimate> EstimateEnergy(const std::string& source, const graph::Graph& graph, const std::string& space,
                                      const Network& network) {
  const Result<energy::DeviceProfile> device = energy::FindDeviceProfile(source);
  if (device.ok()) {
    const energy::Cost cost = energy::CostOf(graph, *device);
    return EnergyEstimate{.energy_mj = cost.energy_mj, .latency_ms = cost.latency_ms};
  }
  const Result<EnergyModel> model = EnergyModel::Read(source);
  if (!model.ok() && model.error().code == ErrorCode::kNotFound) {
    return NotFound("energy: " + device.error().message + "; and " + model.error().message);
  }
  if (!model.ok()) return model.error();
  if (model->origin().space != space) {
    return InvalidArgument(source + " predicts networks of the space " + model->origin().space + ", not " +
                           (space.empty() ? "free architectures" : "of " + space) +
                           "; name a model of that, or a device such as phone");
  }
  PHOTINUS_ASSIGN_OR_RETURN(const double energy_mj, model->Predict(network));
  return EnergyEstimate{.energy_mj = energy_mj};
}

}  // namespace photinus::predictor
