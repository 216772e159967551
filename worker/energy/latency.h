#ifndef PHOTINUS_WORKER_ENERGY_LATENCY_H_
#define PHOTINUS_WORKER_ENERGY_LATENCY_H_

#include <functional>
#include <string>

#include "worker/base/result.h"
#include "worker/energy/timed_runs.h"

namespace photinus::energy {

// How the latency of one inference is measured: on one thread that is pinned to one core, by one process of the machine
// at a time (MachineLock "latency"), first `warmup`, then `runs` that count. A run takes the processor time of its
// thread: what other processes take of the core meanwhile, such as other trials that train, does not count. The median
// says more than the mean, which such work may raise all the same. Others wait for the lock meanwhile, so a network
// that is slow, or a machine that is busy, gets fewer runs than that: as many as begin within the limits, at least one.
struct LatencyOptions {
  Repeats warmup = {.runs = 50, .limit_seconds = 2};
  Repeats runs = {.runs = 300, .limit_seconds = 6};
  double lock_seconds = 60;  // to wait for other processes that measure
};

// Of one inference, and under which circumstances.
struct Latency {
  double median_ms = 0;
  double p10_ms = 0;
  double p90_ms = 0;
  double min_ms = 0;
  int runs = 0;           // that counted
  int core = 0;           // number of the processor core
  double load = 0;        // of the machine, mean of the last minute, before the run
  std::string processor;  // its model
};

// Measures in the calling thread, in which `infer` has to do all of its work. Unavailable: other processes measured for
// too long, or the thread cannot be pinned. An error of `infer` is returned as it is.
Result<Latency> MeasureLatency(const std::function<Result<void>()>& infer, const LatencyOptions& options);

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_LATENCY_H_
