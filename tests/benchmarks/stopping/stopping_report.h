// The tables of many runs.
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
  double saved = 0;                             // mean
  double false_stops = 0;                       // share of all stops
  double hindsight_loss = 0;                    // mean
  int pairs = 0;                                // with a run of NONE of the same seed
  double difference = 0;                        // mean of best - best of NONE
  Interval difference_interval;                 // 95 %
  std::vector<double> score_rms, quantile_rms;  // medians of the runs that have them
  double check_us = 0;                          // median
  double learn_seconds = 0;                     // the longest
};

// By family, rule, algorithm, trials and horizon.
std::vector<RuleSummary> Summarise(const std::vector<StoppingRun>& runs);

// In Markdown; values in points, hundredths. A rule has algorithm, trials and horizon beside it where these differ.
std::string StoppingTable(const std::vector<RuleSummary>& summaries);

// A rival's operating point on one family beside the setting of TSGP that serves there best. A setting is compared by
// the studies that both have run, of equal seed and repeat; "saved" and "hindsight loss" are means over these.
struct RivalComparison {
  StoppingKey rival;  // of one of its runs
  std::string
      rule;  // of those that save at least as much the one with the best final reward; else the one that saves most
  bool saves_as_much = false;
  int pairs = 0;  // seeds
  double saved = 0, rival_saved = 0;
  double difference = 0;         // mean of best - best of the rival
  Interval difference_interval;  // 95 %
  double hindsight_loss = 0, rival_hindsight_loss = 0;
};

// By family, rival, algorithm, trials and horizon. Rivals are all rules but NONE and TSGP; settings of TSGP that tell
// the algorithm more than the rule does (":told=") are left out. A rival without any common study has no comparison.
std::vector<RivalComparison> CompareWithRivals(const std::vector<StoppingRun>& runs);

// In Markdown, as StoppingTable.
std::string RivalTable(const std::vector<RivalComparison>& comparisons);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_STOPPING_STOPPING_REPORT_H_
