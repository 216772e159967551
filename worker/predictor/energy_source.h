#ifndef PHOTINUS_WORKER_PREDICTOR_ENERGY_ESTIMATE_H_
#define PHOTINUS_WORKER_PREDICTOR_ENERGY_ESTIMATE_H_

#include <optional>
#include <string>

#include "worker/base/result.h"
#include "worker/graph/graph.h"
#include "worker/predictor/features.h"

namespace photinus::predictor {

// What is known of a network's energy before it is trained.
struct EnergyEstimate {
  double energy_mj = 0;
  std::optional<double> latency_ms;  // of devices only
};

// source: the name of a simulated device (worker/energy), else the path of a model file.
// space and network: the point that `graph` was built of; the space is empty for a network that is no such point, which
// only devices can estimate.
// NotFound: no such device or file; InvalidArgument: the file is no model, or one of another space; Unavailable: it
// cannot be read.
Result<EnergyEstimate> EstimateEnergy(const std::string& source, const graph::Graph& graph, const std::string& space,
                                      const Network& network);

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_ENERGY_ESTIMATE_H_
