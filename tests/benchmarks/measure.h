// Calls per second and their latencies, and the report of a benchmark: a table for people, JSON lines for programs.
#ifndef PHOTINUS_TESTS_BENCHMARKS_MEASURE_H_
#define PHOTINUS_TESTS_BENCHMARKS_MEASURE_H_

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace photinus {

using SteadyClock = std::chrono::steady_clock;
inline double SecondsSince(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

// What calls from many threads came to.
struct Rate {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

// Calls `work(thread)` from each of `threads` until the time is up.
Rate MeasureRate(int threads, double seconds, const std::function<void(int thread)>& work);

// values is not empty; 0 <= q <= 1.
double Quantile(std::vector<double> values, double q);
inline double Median(std::vector<double> values) { return Quantile(std::move(values), 0.5); }

// A benchmark has nothing to show once something fails: ends the program with the message.
void Check(const absl::Status& status);
template <typename T>
T Check(absl::StatusOr<T> result) {
  Check(result.status());
  return *std::move(result);
}

// One figure. A ratio is to a probe of the same run, and where there is a bar the figure, or its ratio, must be within.
struct Figure {
  enum class Bar { kNone, kAtLeast, kAtMost };

  std::string workload;
  double value = 0;
  std::string unit;
  std::string probe;  // what `ratio` is to; empty: there is no ratio, and the bar is on the value
  double ratio = 0;
  Bar bar = Bar::kNone;
  double limit = 0;
};

// Prints each figure as it comes. Not thread-safe.
class Report {
 public:
  // `path`: where the JSON lines go; empty: nowhere.
  explicit Report(const std::string& path);
  ~Report();
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  void Add(const Figure& figure);
  void Add(const std::string& workload, const Rate& rate);
  // How many figures missed their bar.
  int missed() const { return missed_; }

 private:
  std::FILE* lines_ = nullptr;
  int missed_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_MEASURE_H_
