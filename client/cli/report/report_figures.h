// The figures of a study's report, after figures 1, 2, 3 and 6 of "Neural Architecture Search for Energy Efficient
// Always-on Audio Models".
#ifndef PHOTINUS_CLIENT_CLI_REPORT_REPORT_FIGURES_H_
#define PHOTINUS_CLIENT_CLI_REPORT_REPORT_FIGURES_H_

#include <vector>

#include "client/cli/report/document.h"
#include "client/cli/report/network_runs.h"

namespace photinus {

// Those for which trials reported what they show: the best objective so far within the limits, pairs of metrics over
// all trials of the search, and what was measured of the networks' energy beside what was predicted.
std::vector<Document::Figure> ReportFigures(const pb::StudySpec& spec, const StudyResults& results,
                                            const WinnerLimits& limits, const std::vector<NetworkRuns>& networks);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_REPORT_REPORT_FIGURES_H_
