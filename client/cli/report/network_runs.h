// Trials of one network: what the report shows together, and its statistics.
#ifndef PHOTINUS_CLIENT_CLI_REPORT_NETWORK_RUNS_H_
#define PHOTINUS_CLIENT_CLI_REPORT_NETWORK_RUNS_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/cli/report/study_results.h"

namespace photinus {

// Which trials of the search may win.
struct WinnerLimits {
  std::string filter;                       // in the language of docs/cli.md; empty: all may
  std::optional<std::set<int64_t>> trials;  // for which the filter holds; nullopt: all may

  bool Allow(int64_t trial) const { return !trials.has_value() || trials->count(trial) > 0; }
};

struct NetworkRuns {
  std::string name;
  std::vector<const pb::Trial*> runs;  // SUCCEEDED, borrowed from the results
  int64_t trial = 0;                   // of the search that it is; 0: a baseline
};

// In the order of the report: each retested trial, best mean of the first objective first; without retests, of the
// trials within the limits, the best three or, with several objectives, the Pareto front, best first objective first,
// ten at most. Then the baselines by name.
std::vector<NetworkRuns> NetworksOf(const pb::StudySpec& spec, const StudyResults& results, const WinnerLimits& limits);

// The first of the networks within the limits that is no baseline; null: there is none.
const NetworkRuns* WinnerOf(const std::vector<NetworkRuns>& networks, const WinnerLimits& limits);

// Those within the limits.
std::vector<const pb::Trial*> Within(const WinnerLimits& limits, const std::vector<pb::Trial>& trials);

// The trials that SUCCEEDED.
std::vector<const pb::Trial*> Succeeded(const std::vector<pb::Trial>& trials);

// The finite final values of a metric; fewer than runs where some have none.
std::vector<double> Values(const std::vector<const pb::Trial*>& runs, const std::string& metric);

// Of at least one value; of equal ones exactly theirs.
double Mean(const std::vector<double>& values);
// Of a sample; 0 for a single value, and for equal ones.
double Deviation(const std::vector<double>& values);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_REPORT_NETWORK_RUNS_H_
