#include "worker/energy/timed_runs.h"

#include <chrono>

namespace photinus::energy {

Result<std::vector<double>> TimeRuns(const std::function<Result<void>()>& infer, const Repeats& repeats) {
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](Clock::duration duration) { return std::chrono::duration<double>(duration).count(); };
  const Clock::time_point first = Clock::now();
  std::vector<double> runs;
  Clock::time_point start = first;
  while (static_cast<std::int64_t>(runs.size()) < repeats.runs || seconds(start - first) < repeats.seconds) {
    PHOTINUS_RETURN_IF_ERROR(infer());
    const Clock::time_point end = Clock::now();
    runs.push_back(seconds(end - start));
    start = end;
  }
  return runs;
}

}  // namespace photinus::energy
