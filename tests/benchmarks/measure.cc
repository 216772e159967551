#include "tests/benchmarks/measure.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace photinus {

Rate MeasureRate(int threads, double seconds, const std::function<void(int)>& work) {
  std::vector<std::vector<double>> latencies(threads);
  std::vector<std::thread> running;
  running.reserve(threads);
  const auto begin = SteadyClock::now();
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      while (SecondsSince(begin) < seconds) {
        const auto call = SteadyClock::now();
        work(thread);
        latencies[thread].push_back(1e3 * SecondsSince(call));
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  const double elapsed = SecondsSince(begin);
  std::vector<double> all;
  for (const auto& each : latencies) all.insert(all.end(), each.begin(), each.end());
  return {static_cast<double>(all.size()) / elapsed, Quantile(all, 0.5), Quantile(all, 0.99)};
}

double Quantile(std::vector<double> values, double q) {
  const auto place = values.begin() + static_cast<int64_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

Report::Report(const std::string& path) {
  if (path.empty()) return;
  lines_ = std::fopen(path.c_str(), "w");
  if (lines_ == nullptr) Check(absl::UnavailableError(absl::StrCat("cannot write ", path)));
}

Report::~Report() {
  if (lines_ != nullptr) std::fclose(lines_);
}

void Report::Add(const Figure& figure) {
  const double judged = figure.probe.empty() ? figure.value : figure.ratio;
  const bool at_least = figure.bar == Figure::Bar::kAtLeast;
  const bool met = figure.bar == Figure::Bar::kNone || (at_least ? judged >= figure.limit : judged <= figure.limit);
  if (!met) ++missed_;
  std::string text = absl::StrFormat("%-44s %12.5g %-10s", figure.workload, figure.value, figure.unit);
  nlohmann::json line = {{"workload", figure.workload}, {"value", figure.value}, {"unit", figure.unit}};
  if (!figure.probe.empty()) {
    absl::StrAppendFormat(&text, " %7.3f of %s", figure.ratio, figure.probe);
    line["probe"] = figure.probe;
    line["ratio"] = figure.ratio;
  }
  if (figure.bar != Figure::Bar::kNone) {
    absl::StrAppendFormat(&text, "  [at %s %g: %s]", at_least ? "least" : "most", figure.limit, met ? "met" : "MISSED");
    line[at_least ? "at_least" : "at_most"] = figure.limit;
    line["met"] = met;
  }
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
  if (lines_ == nullptr) return;
  std::fprintf(lines_, "%s\n", line.dump().c_str());
  std::fflush(lines_);
}

void Report::Add(const std::string& workload, const Rate& rate) {
  Add({.workload = workload, .value = rate.per_second, .unit = "/s"});
  Add({.workload = absl::StrCat(workload, ", p50"), .value = rate.p50_ms, .unit = "ms"});
  Add({.workload = absl::StrCat(workload, ", p99"), .value = rate.p99_ms, .unit = "ms"});
}

}  // namespace photinus
