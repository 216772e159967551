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

struct NetworkRuns {
  std::string name;
  std::vector<const pb::Trial*> runs;  // SUCCEEDED, borrowed from the results
  int64_t trial = 0;                   // of the search that it is; 0: a baseline
};

// Which networks may win.
struct WinnerLimits {
  std::string filter;                       // in words of the user's
  std::optional<std::set<int64_t>> trials;  // of the search, for which the filter holds; nullopt: all may
};

// In the order of the report: each retested trial, best mean of the first objective first; without retests the best
// three trials or, with several objectives, the Pareto front, best first objective first, ten at most. Then the
// baselines by name.
std::vector<NetworkRuns> NetworksOf(const pb::StudySpec& spec, const StudyResults& results);

// The first of the networks that may win; null: there is none.
const NetworkRuns* WinnerOf(const std::vector<NetworkRuns>& networks, const WinnerLimits& limits);

// The trials that SUCCEEDED.
std::vector<const pb::Trial*> Succeeded(const std::vector<pb::Trial>& trials);

// The finite final values of a metric; fewer than runs where some have none.
std::vector<double> Values(const std::vector<const pb::Trial*>& runs, const std::string& metric);

// Of at least one value.
double Mean(const std::vector<double>& values);
// Of a sample; 0 for a single value.
double Deviation(const std::vector<double>& values);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_REPORT_NETWORK_RUNS_H_
