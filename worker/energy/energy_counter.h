#ifndef PHOTINUS_WORKER_ENERGY_ENERGY_COUNTER_H_
#define PHOTINUS_WORKER_ENERGY_ENERGY_COUNTER_H_

#include "worker/base/result.h"

namespace photinus::energy {

// Counts the energy that a machine uses between two moments. One object per thread.
class EnergyCounter {
 public:
  virtual ~EnergyCounter() = default;

  // Begins to count. Unavailable: it cannot, and what to do about it.
  virtual Result<void> Start() = 0;

  // Ends counting. Returns joules since Start; seconds: how long that was. Unavailable: the counter is lost.
  virtual Result<double> Stop(double seconds) = 0;
};

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_ENERGY_COUNTER_H_
