#ifndef PHOTINUS_WORKER_ENERGY_TIMED_RUNS_H_
#define PHOTINUS_WORKER_ENERGY_TIMED_RUNS_H_

#include <cstdint>
#include <functional>
#include <limits>

#include "worker/base/result.h"

namespace photinus::energy {

// How often something is repeated: until `runs` and `seconds` are both reached, but begun no more once `limit_seconds`
// have passed. The first run is always made.
struct Repeats {
  std::int64_t runs = 1;
  double seconds = 0;  // of all runs together, by the wall clock
  double limit_seconds = std::numeric_limits<double>::infinity();
};

// How long one run took, in seconds.
struct RunTime {
  double wall = 0;
  double cpu = 0;  // of the calling thread, which what else runs on its core does not lengthen
};

// Repeats `infer` and tells `each` the time of each run. An error of `infer` is returned as it is.
Result<void> TimeRuns(const std::function<Result<void>()>& infer, const Repeats& repeats,
                      const std::function<void(const RunTime&)>& each);

}  // namespace photinus::energy

#endif  // PHOTINUS_WORKER_ENERGY_TIMED_RUNS_H_
