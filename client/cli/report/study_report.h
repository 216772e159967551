// The report of a finished search, after table 2 and figures 1, 2, 3 and 6 of "Neural Architecture Search for Energy
// Efficient Always-on Audio Models": what was found, what it costs, how it compares. Of a study of anything else it has
// what applies: its best trials with their parameters, and how the search went.
#ifndef PHOTINUS_CLIENT_CLI_REPORT_STUDY_REPORT_H_
#define PHOTINUS_CLIENT_CLI_REPORT_STUDY_REPORT_H_

#include <string>

#include "client/cli/report/document.h"
#include "client/cli/report/network_runs.h"
#include "client/cli/report/study_results.h"
#include "photinus/v1/query_service.pb.h"

namespace photinus {

// profile: the `profile.json` of a trial of the winner, which is WinnerOf the study's NetworksOf; empty: there is none,
// and what follows from it is left out.
Document StudyReport(const std::string& study, const v1::StudyStatus& status, const StudyResults& results,
                     const WinnerLimits& limits, const std::string& profile);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_REPORT_STUDY_REPORT_H_
