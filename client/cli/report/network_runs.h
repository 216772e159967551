// Trials of one network: what the report shows together, and its statistics.
#ifndef PHOTINUS_CLIENT_CLI_REPORT_NETWORK_RUNS_H_
#define PHOTINUS_CLIENT_CLI_REPORT_NETWORK_RUNS_H_

#include <string>
#include <vector>

#include "client/cli/report/study_results.h"

namespace photinus {

struct NetworkRuns {
  std::string name;
  std::vector<const pb::Trial*> runs;  // SUCCEEDED, borrowed from the results
  bool is_baseline = false;
};

// In the order of the report: each retested trial, best mean of the first objective first; without retests the best
// three trials or, with several objectives, the Pareto front, best first objective first, ten at most. Then the
// baselines by name.
std::vector<NetworkRuns> NetworksOf(const pb::StudySpec& spec, const StudyResults& results);

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
