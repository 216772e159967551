#include "worker/energy/counter_meter.h"

#include <vector>

#include "worker/base/machine_lock.h"
#include "worker/base/pinned_thread.h"
#include "worker/energy/timed_runs.h"

namespace photinus::energy {
namespace {

// Pinned no longer than it takes: programs that a counter starts would stay on the same core.
Result<std::vector<RunTime>> PinnedRuns(const Subject& subject, double seconds) {
  PHOTINUS_ASSIGN_OR_RETURN(const PinnedThread pinned, PinnedThread::Pin());
  return TimeRuns(subject.infer, {.seconds = seconds});
}

}  // namespace

Result<Cost> CounterMeter::Measure(const Subject& subject) {
  if (subject.infer == nullptr) {
    return InvalidArgument("network '" + subject.graph.name + "' cannot be run here; measure it with a device profile");
  }
  PHOTINUS_ASSIGN_OR_RETURN(const MachineLock lock, MachineLock::Acquire("latency", options_.lock_seconds));
  PHOTINUS_RETURN_IF_ERROR(PinnedRuns(subject, options_.warmup_seconds));
  PHOTINUS_RETURN_IF_ERROR(counter_->Start());
  const Result<std::vector<RunTime>> runs = PinnedRuns(subject, options_.seconds);
  double seconds = 0;
  if (runs.ok()) {
    for (const RunTime& run : *runs) seconds += run.wall;
  }
  const Result<double> joules = counter_->Stop(seconds);  // also after a fault, so that the counter ends
  if (!runs.ok()) return runs.error();
  if (!joules.ok()) return joules.error();
  if (*joules <= 0) return Unavailable("the energy counter did not advance during the run; measure for longer");
  const auto count = static_cast<double>(runs->size());
  return Cost{.energy_mj = *joules * 1000 / count, .latency_ms = seconds * 1000 / count};
}

}  // namespace photinus::energy
