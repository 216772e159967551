#include "worker/energy/counter_meter.h"

#include <chrono>
#include <cstdint>

namespace photinus::energy {
namespace {

using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Repeats inferences for so long, at least one. Returns how many.
Result<std::int64_t> RunFor(double seconds, const Subject& subject) {
  const Clock::time_point start = Clock::now();
  std::int64_t count = 0;
  do {
    PHOTINUS_RETURN_IF_ERROR(subject.infer());
    ++count;
  } while (Since(start) < seconds);
  return count;
}

}  // namespace

Result<Cost> CounterMeter::Measure(const Subject& subject) {
  if (subject.infer == nullptr) {
    return InvalidArgument("network '" + subject.graph.name + "' cannot be run here; measure it with a device profile");
  }
  PHOTINUS_ASSIGN_OR_RETURN(std::int64_t count, RunFor(options_.warmup_seconds, subject));
  PHOTINUS_RETURN_IF_ERROR(counter_->Start());
  const Clock::time_point start = Clock::now();
  const Result<std::int64_t> run = RunFor(options_.seconds, subject);
  const double seconds = Since(start);
  const Result<double> joules = counter_->Stop(seconds);  // also after a fault, so that the counter ends
  if (!run.ok()) return run.error();
  if (!joules.ok()) return joules.error();
  if (*joules <= 0) return Unavailable("the energy counter did not advance during the run; measure for longer");
  count = *run;
  return Cost{.energy_mj = *joules * 1000 / static_cast<double>(count),
              .latency_ms = seconds * 1000 / static_cast<double>(count)};
}

}  // namespace photinus::energy
