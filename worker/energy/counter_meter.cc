#include "worker/energy/counter_meter.h"

#include "worker/base/machine_lock.h"
#include "worker/base/pinned_thread.h"
#include "worker/energy/timed_runs.h"

namespace photinus::energy {
namespace {

// Of all inferences together.
struct Runs {
  double count = 0;
  double seconds = 0;  // by the wall clock
};

// Pinned no longer than it takes: programs that a counter starts would stay on the same core.
Result<Runs> PinnedRuns(const Subject& subject, double seconds) {
  PHOTINUS_ASSIGN_OR_RETURN(const PinnedThread pinned, PinnedThread::Pin());
  Runs runs;
  PHOTINUS_RETURN_IF_ERROR(TimeRuns(subject.infer, {.seconds = seconds}, [&runs](const RunTime& run) {
    ++runs.count;
    runs.seconds += run.wall;
  }));
  return runs;
}

}  // namespace

Result<Cost> CounterMeter::Measure(const Subject& subject) {
  if (subject.infer == nullptr) {
    return InvalidArgument("network '" + subject.graph.name + "' cannot be run here; measure it with a device profile");
  }
  PHOTINUS_ASSIGN_OR_RETURN(const MachineLock lock, MachineLock::Acquire("latency", options_.lock_seconds));
  PHOTINUS_RETURN_IF_ERROR(PinnedRuns(subject, options_.warmup_seconds));
  PHOTINUS_RETURN_IF_ERROR(counter_->Start());
  const Result<Runs> runs = PinnedRuns(subject, options_.seconds);
  const Result<double> joules = counter_->Stop(runs.ok() ? runs->seconds : 0);  // after a fault, too: it must end
  if (!runs.ok()) return runs.error();
  if (!joules.ok()) return joules.error();
  if (*joules <= 0) return Unavailable("the energy counter did not advance during the run; measure for longer");
  return Cost{.energy_mj = *joules * 1000 / runs->count, .latency_ms = runs->seconds * 1000 / runs->count};
}

}  // namespace photinus::energy
