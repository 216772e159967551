#include "worker/energy/latency.h"

#include <cstdlib>
#include <fstream>
#include <string_view>
#include <vector>

#include "worker/base/machine_lock.h"
#include "worker/base/pinned_thread.h"
#include "worker/base/quantile.h"

namespace photinus::energy {
namespace {

// As /proc/cpuinfo names it on x86; "unknown" elsewhere.
std::string Processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (std::string_view(line).starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

double Load() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? load : 0;
}

}  // namespace

Result<Latency> MeasureLatency(const std::function<Result<void>()>& infer, const LatencyOptions& options) {
  PHOTINUS_ASSIGN_OR_RETURN(const MachineLock lock, MachineLock::Acquire("latency", options.lock_seconds));
  PHOTINUS_ASSIGN_OR_RETURN(const PinnedThread pinned, PinnedThread::Pin());
  const double load = Load();
  PHOTINUS_RETURN_IF_ERROR(TimeRuns(infer, options.warmup, [](const RunTime&) {}));
  std::vector<double> seconds;
  PHOTINUS_RETURN_IF_ERROR(
      TimeRuns(infer, options.runs, [&seconds](const RunTime& run) { seconds.push_back(run.cpu); }));
  return Latency{.median_ms = 1000 * Quantile(seconds, 0.5),
                 .p10_ms = 1000 * Quantile(seconds, 0.1),
                 .p90_ms = 1000 * Quantile(seconds, 0.9),
                 .min_ms = 1000 * Quantile(seconds, 0),
                 .runs = static_cast<int>(seconds.size()),
                 .core = pinned.core(),
                 .load = load,
                 .processor = Processor()};
}

}  // namespace photinus::energy
