// The report of a finished search for networks, after table 2 and figures 1, 2 and 6 of "Neural Architecture Search for
// Energy Efficient Always-on Audio Models": what was found, what it costs, how it compares.
#ifndef PHOTINUS_CLIENT_CLI_REPORT_STUDY_REPORT_H_
#define PHOTINUS_CLIENT_CLI_REPORT_STUDY_REPORT_H_

#include <string>
#include <vector>

#include "client/cli/report/document.h"
#include "client/cli/report/study_results.h"
#include "photinus/v1/query_service.pb.h"

namespace photinus {

// Trials of one network, in the order of the report: each retested trial, best mean objective first, or without retests
// the best three trials; then the baselines by name.
struct NetworkRow {
  std::string name;
  std::vector<const pb::Trial*> runs;  // SUCCEEDED, borrowed from the results
  bool is_baseline = false;
};
std::vector<NetworkRow> NetworkRows(const pb::StudySpec& spec, const StudyResults& results);

// profile: the `profile.json` of a trial of the first row; empty: there is none, and what follows from it is left out.
Document StudyReport(const std::string& study, const v1::StudyStatus& status, const StudyResults& results,
                     const std::string& profile);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_REPORT_STUDY_REPORT_H_
