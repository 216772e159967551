#ifndef PHOTINUS_WORKER_PREDICTOR_ENERGY_SOURCE_H_
#define PHOTINUS_WORKER_PREDICTOR_ENERGY_SOURCE_H_

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "worker/base/result.h"
#include "worker/energy/device_profile.h"
#include "worker/graph/graph.h"
#include "worker/predictor/energy_model.h"
#include "worker/predictor/features.h"

namespace photinus::predictor {

// What is known of a network's energy before it is trained.
struct EnergyEstimate {
  double energy_mj = 0;
  std::optional<double> latency_ms;  // of devices only
};

// What tells the energy of networks in a search: a simulated device, or a fitted model.
class EnergySource {
 public:
  // name: of a simulated device (worker/energy), also where a file is called so; else the path of a model file.
  // NotFound: no such device or file; InvalidArgument: the file is no model; Unavailable: it cannot be read.
  static Result<EnergySource> Open(const std::string& name);

  // What opens the same from any folder: the device's name, or the file's absolute path.
  const std::string& name() const { return name_; }
  // What measures such networks anew (energy::NewMeter): the device itself, or what the model was fitted to.
  const std::string& meter() const;
  // What has to run the inferences that are measured anew: what the model was fitted to; empty: a device is simulated.
  std::string runner() const;

  // space and network: the point that `graph` was built of; the space is empty for a network that is no such point,
  // which only devices can estimate. InvalidArgument: a model of another space, or as EnergyModel::Predict says.
  Result<EnergyEstimate> Estimate(const graph::Graph& graph, const std::string& space, const Network& network) const;

 private:
  using Content = std::variant<energy::DeviceProfile, EnergyModel>;
  EnergySource(std::string name, Content content) : name_(std::move(name)), content_(std::move(content)) {}

  std::string name_;
  Content content_;
};

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_ENERGY_SOURCE_H_
