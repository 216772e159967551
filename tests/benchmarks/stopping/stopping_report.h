// The table of many runs.
#ifndef PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_REPORT_H_
#define PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_REPORT_H_

#include <string>
#include <vector>

#include "tests/benchmarks/search/statistics.h"
#include "tests/benchmarks/stopping/stopping_run.h"

namespace photinus {

// The runs that differ by seed and repeat alone.
struct RuleSummary {
  StoppingKey key;  // of one of them
  int runs = 0;
  double saved = 0;              // mean
  double false_stops = 0;        // share of all stops
  double hindsight_loss = 0;     // mean
  int pairs = 0;                 // with a run of NONE of the same seed
  double difference = 0;         // mean of best - best of NONE
  Interval difference_interval;  // 95 %
  std::vector<double> score_deviations;
  double check_us = 0;       // median
  double learn_seconds = 0;  // the longest
};

// By family, rule, algorithm, trials and horizon.
std::vector<RuleSummary> Summarise(const std::vector<StoppingRun>& runs);

// In Markdown; values in points, hundredths. A rule has algorithm, trials and horizon beside it where these differ.
std::string StoppingTable(const std::vector<RuleSummary>& summaries);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_REPORT_H_
