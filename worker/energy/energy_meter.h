#ifndef PHOTINUS_WORKER_ENERGY_ENERGY_METER_H_
#define PHOTINUS_WORKER_ENERGY_ENERGY_METER_H_

#include <cstdint>
#include <functional>

#include "worker/base/result.h"
#include "worker/graph/graph.h"

namespace photinus::energy {

// What one inference costs.
struct Cost {
  double energy_mj = 0;   // millijoules
  double latency_ms = 0;  // milliseconds

  friend bool operator==(const Cost&, const Cost&) = default;
};

// A network that is to be measured.
struct Subject {
  const graph::Graph& graph;
  std::uint64_t seed = 0;               // of the noise where noise is simulated: one per network and repetition
  std::function<Result<void>()> infer;  // makes one inference on this machine; meters that simulate do not call it
};

// Measures the energy of networks. One object per thread.
class EnergyMeter {
 public:
  virtual ~EnergyMeter() = default;

  // One measurement; measuring again gives other noise. Unavailable: the meter cannot measure here, and why.
  // An error of `infer` is returned as it is.
  virtual Result<Cost> Measure(const Subject& subject) = 0;
};

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_ENERGY_METER_H_
