#include "worker/energy/timed_runs.h"

#include <ctime>

namespace photinus::energy {
namespace {

double Now(clockid_t clock) {
  timespec now = {};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

RunTime Now() { return {.wall = Now(CLOCK_MONOTONIC), .cpu = Now(CLOCK_THREAD_CPUTIME_ID)}; }

}  // namespace

Result<void> TimeRuns(const std::function<Result<void>()>& infer, const Repeats& repeats,
                      const std::function<void(const RunTime&)>& each) {
  const double first = Now(CLOCK_MONOTONIC);
  std::int64_t runs = 0;
  RunTime start = Now();
  const auto more = [&] {
    const double passed = start.wall - first;
    if (runs > 0 && passed >= repeats.limit_seconds) return false;
    return runs < repeats.runs || passed < repeats.seconds;
  };
  while (more()) {
    PHOTINUS_RETURN_IF_ERROR(infer());
    const RunTime end = Now();
    each({.wall = end.wall - start.wall, .cpu = end.cpu - start.cpu});
    ++runs;
    start = end;
  }
  return {};
}

}  // namespace photinus::energy
