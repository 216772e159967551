#ifndef PHOTINUS_WORKER_ENERGY_COUNTER_METER_H_
#define PHOTINUS_WORKER_ENERGY_COUNTER_METER_H_

#include <memory>
#include <utility>

#include "worker/energy/energy_counter.h"
#include "worker/energy/energy_meter.h"

namespace photinus::energy {

struct CounterMeterOptions {
  double warmup_seconds = 0.2;  // before the counter starts
  double seconds = 2;           // of inferences under the counter, at least one
  double lock_seconds = 60;     // to wait for other processes that measure
};

// Measures inferences on this machine: repeats them while a counter runs, and divides. They run in the calling thread,
// which is pinned to one core meanwhile, and of one process of the machine at a time (MachineLock "latency"); the
// counter is not pinned with them. What else the machine does meanwhile, idling included, is counted too.
class CounterMeter : public EnergyMeter {
 public:
  CounterMeter(std::unique_ptr<EnergyCounter> counter, CounterMeterOptions options)
      : counter_(std::move(counter)), options_(options) {}

  // InvalidArgument: the subject cannot be run here. Unavailable: other processes measured for too long, the thread
  // cannot be pinned, as the counter says, or it counted nothing, which is so when the run was shorter than the
  // counter's updates.
  Result<Cost> Measure(const Subject& subject) override;

 private:
  const std::unique_ptr<EnergyCounter> counter_;
  const CounterMeterOptions options_;
};

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_COUNTER_METER_H_
