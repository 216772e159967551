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

Result<std::vector<RunTime>> TimeRuns(const std::function<Result<void>()>& infer, const Repeats& repeats) {
  const double first = Now(CLOCK_MONOTONIC);
  std::vector<RunTime> runs;
  RunTime start = Now();
  const auto more = [&] {
    const double passed = start.wall - first;
    if (!runs.empty() && passed >= repeats.limit_seconds) return false;
    return static_cast<std::int64_t>(runs.size()) < repeats.runs || passed < repeats.seconds;
  };
  while (more()) {
    PHOTINUS_RETURN_IF_ERROR(infer());
    const RunTime end = Now();
    runs.push_back({.wall = end.wall - start.wall, .cpu = end.cpu - start.cpu});
    start = end;
  }
  return runs;
}

}  // namespace photinus::energy
